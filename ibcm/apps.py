from django.apps import AppConfig


class IbcmConfig(AppConfig):
    """The commands and checks of the whole; each part has an app of its own."""

    name = "ibcm"

    def ready(self) -> None:
        # Celery's app must exist before a task is called, and checks register themselves when they are imported.
        from ibcm import celery, checks

        _ = celery, checks
