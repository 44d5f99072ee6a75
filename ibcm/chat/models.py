"""Answers that were given, kept so that they can be linked to, shown again and reviewed."""

import uuid

from django.db import models
from django.urls import reverse


class AskedAnswer(models.Model):
    """One question with the answer it got. What is shown of it is checked again first (ibcm.chat.recheck)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.TextField()
    city = models.CharField(max_length=64, blank=True, db_index=True)
    language = models.CharField(max_length=35)
    kind = models.CharField(max_length=64, blank=True, help_text="Kind of question, as the plan names it.")
    abstained = models.BooleanField(default=False, db_index=True)
    answer = models.JSONField(help_text="The answer as it was given, in the public shape.")
    basis = models.JSONField(
        default=list, help_text="Every record (source:key) of the things in its rows and on its map."
    )
    revision = models.PositiveBigIntegerField(default=0, help_text="What the ledger had projected when it was asked.")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = "asked answer"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.question if len(self.question) <= 80 else f"{self.question[:79]}…"

    def get_absolute_url(self) -> str:
        return reverse("answer", args=[self.id])
