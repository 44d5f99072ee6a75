from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "ibcm.jobs"
    verbose_name = "Jobs"
