from django.apps import AppConfig


class IbcmConfig(AppConfig):
    """The commands and checks of the whole; each part has an app of its own."""

    name = "ibcm"

    def ready(self) -> None:
        # Celery's app must exist before a task is called, and checks register themselves when they are imported.
        from ibcm import checks
        from ibcm.celery import app
        from ibcm.jobs.tasks import BEAT_SCHEDULE

        _ = checks
        app.conf.beat_schedule = BEAT_SCHEDULE
