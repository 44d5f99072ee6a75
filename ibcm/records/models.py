"""Tables behind `ibcm.domain.ledger.Ledger`. Only ibcm.records writes them."""

from django.db import models
from django.db.models import Q

from ibcm.records.fields import KeyField

REF_LENGTH = 64 + 1 + 500
"""Slug, colon, key: the limits of SourceRecord."""


class Entity(models.Model):
    """A thing in the world, as far as its records tell. Rows stay for ever: an id is never given twice."""

    id = KeyField(max_length=200, primary_key=True)
    label = models.CharField(max_length=40)
    revision = models.PositiveBigIntegerField(default=0, help_text="Grows with every change of its records.")
    dirty = models.BooleanField(default=False, help_text="The graph and the index are behind.")
    claimed_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=200, blank=True, default="")
    redirect_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="redirected", db_constraint=False
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "entities"
        indexes = (models.Index(fields=["id"], condition=Q(dirty=True), name="entity_dirty"),)

    def __str__(self) -> str:
        return f"{self.label} {self.id}"


class Record(models.Model):
    """The current version of what one source says about one thing. `id` is its sequence."""

    ref = KeyField(max_length=REF_LENGTH, unique=True, help_text="source:key")
    source = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    label = models.CharField(max_length=40, blank=True, help_text="Label of its entity; empty for kinds without one.")
    city = models.CharField(max_length=100, blank=True, default="")
    sector = models.CharField(max_length=100, blank=True, default="")
    hash = models.CharField(max_length=64, help_text="sha256 of what was said.")
    payload = models.TextField(help_text="The record as JSON, without its clocks.")
    retrieved_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    deleted = models.BooleanField(default=False)
    pruned = models.BooleanField(default=False, help_text="Purge has taken fields out of the payload.")
    absent = models.BooleanField(default=False, help_text="Deleted by absence or expiry, not by a tombstone.")
    staged = models.BooleanField(default=True, help_text="Waits for assignment to an entity.")
    entity = models.ForeignKey(
        "records.Entity", null=True, blank=True, on_delete=models.SET_NULL, related_name="records", db_constraint=False
    )

    class Meta:
        indexes = (
            models.Index(fields=["label", "ref"], condition=Q(staged=True), name="record_staged"),
            models.Index(fields=["source", "last_seen"], name="record_source_seen"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="record_expires"),
        )

    def __str__(self) -> str:
        return self.ref


class RecordVersion(models.Model):
    """A version of a record that is not the current one."""

    record = models.ForeignKey("records.Record", on_delete=models.CASCADE, related_name="versions")
    hash = models.CharField(max_length=64)
    retrieved_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    payload = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["record", "retrieved_at", "hash"], name="version_once"),)
        indexes = (models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="version_expires"),)
        ordering = (
            "-retrieved_at",
            "-hash",
        )

    def __str__(self) -> str:
        return f"{self.retrieved_at:%Y-%m-%d %H:%M} {self.hash[:8]}"


class RecordLink(models.Model):
    """The current version of a record names another record. Read backwards: who must be projected again."""

    record = models.ForeignKey("records.Record", on_delete=models.CASCADE, related_name="asserted")
    target = KeyField(max_length=REF_LENGTH, db_index=True)

    def __str__(self) -> str:
        return f"-> {self.target}"


class EntityGone(models.Model):
    """A record that was deleted out of an entity whose projection does not know it yet: its passages must go."""

    entity = models.ForeignKey("records.Entity", on_delete=models.CASCADE, related_name="gone", db_constraint=False)
    ref = KeyField(max_length=REF_LENGTH)

    class Meta:
        verbose_name_plural = "entities' gone records"
        constraints = (models.UniqueConstraint(fields=["entity", "ref"], name="gone_once"),)

    def __str__(self) -> str:
        return self.ref


class BlockingKey(models.Model):
    """Records that share a key may be one thing."""

    record = models.ForeignKey("records.Record", on_delete=models.CASCADE, related_name="blocking_keys")
    label = models.CharField(max_length=40)
    key = KeyField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=["label", "key"], name="blocking_key"),)

    def __str__(self) -> str:
        return self.key


class PairEvidence(models.Model):
    """Why two records were called the same thing. Refs, because decisions outlive rows."""

    left = KeyField(max_length=REF_LENGTH)
    right = KeyField(max_length=REF_LENGTH, db_index=True)
    label = models.CharField(max_length=40)
    why = models.TextField()

    class Meta:
        verbose_name_plural = "pair evidence"
        constraints = (models.UniqueConstraint(fields=["left", "right"], name="pair_once"),)

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


class Lease(models.Model):
    """Whoever holds the named lease works alone until it runs out."""

    name = models.CharField(max_length=100, primary_key=True)
    owner = models.CharField(max_length=200)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.owner}"


class Counter(models.Model):
    """Numbers that only grow, such as the projected revision."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"
