from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "ibcm.monitoring"
    label = "monitoring"
    verbose_name = "Monitoring"
