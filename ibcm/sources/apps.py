from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "ibcm.sources"
    verbose_name = "Sources"
