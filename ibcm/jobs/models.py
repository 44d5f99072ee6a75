"""The job row is the truth about work; a queue's message carries its id only."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """One piece of work. Whoever holds the lease works on it; a lease that ran out is taken by another."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    OPEN = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    progress = models.JSONField(default=dict, blank=True, help_text="done, total and step")
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=200, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    cancel_asked = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True, blank=True, help_text="When a failed attempt may be repeated.")
    sent = models.DateTimeField(null=True, blank=True, help_text="When its id was last put into the queue.")
    error = models.TextField(blank=True, default="")
    result = models.JSONField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created",)
        indexes = (
            models.Index(
                fields=["state", "lease_until"], condition=Q(state__in=["queued", "running"]), name="job_open"
            ),
            models.Index(fields=["-created"], name="job_created"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def seconds(self, now: datetime) -> float | None:
        """How long it has run, or ran."""
        return ((self.ended or now) - self.started).total_seconds() if self.started else None
