"""A source's terms and how its last run went."""

from django.db import models


class Source(models.Model):
    """One row per slug. Written by ingest; the terms are those of the registry or of a file's source.yaml."""

    class Origin(models.TextChoices):
        BUNDLED = "bundled"
        FILE = "file"

    slug = models.CharField(max_length=64, primary_key=True)
    policy = models.JSONField(default=dict, help_text="Terms as docs/records.md describes source.yaml.")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.FILE)
    last_started = models.DateTimeField(null=True, blank=True)
    last_ended = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")
    last_counts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug
