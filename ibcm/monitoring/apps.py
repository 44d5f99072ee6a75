from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "ibcm.monitoring"
    label = "monitoring"
    verbose_name = "Monitoring"

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from ibcm.monitoring.collector import StoreCollector

        REGISTRY.register(StoreCollector())
