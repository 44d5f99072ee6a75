from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "ibcm.records"
    verbose_name = "Records and entities"
