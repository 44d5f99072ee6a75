from django.apps import AppConfig


class CurationConfig(AppConfig):
    name = "ibcm.curation"
