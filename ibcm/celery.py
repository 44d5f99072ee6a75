"""The Celery application. Tasks carry a job's id only: the job row is the truth (ibcm.jobs)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcm.settings")

app = Celery("ibcm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
