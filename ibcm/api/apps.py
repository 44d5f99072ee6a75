from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "ibcm.api"
    label = "api"
    verbose_name = "REST API"
