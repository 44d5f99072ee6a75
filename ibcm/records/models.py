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
    urgent = models.BooleanField(default=False, help_text="A curator waits for it.")
    claimed_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=200, blank=True, default="")
    redirect_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="redirected", db_constraint=False
    )
    created = models.DateTimeField(auto_now_add=True)
    projected = models.PositiveBigIntegerField(
        default=0, db_index=True, help_text="The ledger's revision that its last projection made."
    )

    class Meta:
        verbose_name_plural = "entities"
        indexes = (models.Index(fields=["-urgent", "id"], condition=Q(dirty=True), name="entity_dirty"),)

    def __str__(self) -> str:
        return f"{self.label} {self.id}"


class Record(models.Model):
    """The current version of what one source says about one thing. `id` is its sequence.

    A row stays when its record ends, so that old content does not come back: `deleted`, with why and when.
    """

    class Ended(models.TextChoices):
        TOMBSTONE = "tombstone", "its source took it back"
        ABSENT = "absent", "its source does not list it any more"
        EXPIRED = "expired", "its time is over"
        TERMS = "terms", "terms forbid to keep it"
        FORGOTTEN = "forgotten", "forgotten by an operator"

    ref = KeyField(max_length=REF_LENGTH, unique=True, help_text="source:key")
    source = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    label = models.CharField(max_length=40, blank=True, help_text="Label of its entity; empty for kinds without one.")
    city = models.CharField(max_length=100, blank=True, default="")
    sector = models.CharField(max_length=100, blank=True, default="")
    hash = models.CharField(max_length=64, help_text="sha256 of what was said.")
    payload = models.TextField(help_text="The record as JSON, without its clocks.")
    retrieved_at = models.DateTimeField()
    since = models.DateTimeField(null=True, blank=True, help_text="When what it says now was first read.")
    expires_at = models.DateTimeField(null=True, blank=True)
    turns_at = models.DateTimeField(
        null=True, blank=True, help_text="When what it says begins or ceases to hold next: then it is projected again."
    )
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    deleted = models.BooleanField(default=False)
    pruned = models.BooleanField(default=False, help_text="Purge has taken fields out of the payload.")
    absent = models.BooleanField(default=False, help_text="Deleted by absence or expiry, not by a tombstone.")
    ended = models.CharField(max_length=10, choices=Ended.choices, blank=True, default="", help_text="Why it is gone.")
    ended_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text="Since when it is gone.")
    forgotten_at = models.DateTimeField(
        null=True, blank=True, help_text="Nothing that was read until then is heard: it was forgotten."
    )
    staged = models.BooleanField(default=True, help_text="Waits for assignment to an entity.")
    urgent = models.BooleanField(default=False, help_text="A curator waits for it.")
    entity = models.ForeignKey(
        "records.Entity", null=True, blank=True, on_delete=models.SET_NULL, related_name="records", db_constraint=False
    )
    hidden = models.JSONField(
        default=list, blank=True, help_text="[field, value] that a curator hid, while it says so."
    )

    class Meta:
        indexes = (
            models.Index(fields=["label", "-urgent", "city", "ref"], condition=Q(staged=True), name="record_staged"),
            models.Index(fields=["source", "last_seen"], name="record_source_seen"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="record_expires"),
            models.Index(fields=["turns_at"], condition=Q(turns_at__isnull=False), name="record_turns"),
        )

    def __str__(self) -> str:
        return self.ref


class ForgottenContent(models.Model):
    """Content that is not taken again, whatever is read in between. It names its record, so the digest is enough."""

    digest = KeyField(max_length=64, primary_key=True, help_text="sha256 of what was said.")

    class Meta:
        verbose_name_plural = "forgotten contents"

    def __str__(self) -> str:
        return self.digest


class RecordVersion(models.Model):
    """A version of a record that is not the current one."""

    record = models.ForeignKey("records.Record", on_delete=models.CASCADE, related_name="versions")
    hash = models.CharField(max_length=64)
    retrieved_at = models.DateTimeField()
    since = models.DateTimeField(null=True, blank=True, help_text="When it was first read.")
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
        indexes = (models.Index(fields=["label", "key", "record"], name="blocking_key"),)

    def __str__(self) -> str:
        return self.key


class Pair(models.Model):
    """Two records that are in one entity by their evidence, or that a person is to look at. Written by assignment.

    Refs, because decisions outlive rows.
    """

    class Band(models.TextChoices):
        SAME = "same", "the same"
        REVIEW = "review", "to be asked"

    left = KeyField(max_length=REF_LENGTH, help_text="The smaller of the two.")
    right = KeyField(max_length=REF_LENGTH, db_index=True)
    label = models.CharField(max_length=40)
    band = models.CharField(max_length=10, choices=Band.choices, default=Band.SAME)
    probability = models.FloatField(default=1.0, help_text="That both are about one thing.")
    together = models.BooleanField(default=True, help_text="Both are in one entity.")
    bond = models.BooleanField(default=False, help_text="Joined by a rule or a person, not by weighed evidence.")
    parts = models.JSONField(default=list, help_text="Comparison, what it saw, bits for (or against) it.")
    snapshot = models.CharField(max_length=12, blank=True, default="", help_text="Version of the weights.")
    found = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["left", "right"], name="pair_once"),)
        indexes = (
            # The curators' queue: what is still open, the likeliest first.
            models.Index(fields=["-probability", "id"], condition=Q(together=False), name="pair_open"),
        )

    def __str__(self) -> str:
        return f"{self.left} {'=' if self.together else '?'} {self.right}"


class Decision(models.Model):
    """What a curator decided, for ever: taking it back is written down too. Decisions name records, never entities."""

    class Kind(models.TextChoices):
        SAME = "same", "the same thing"
        DIFFERENT = "different", "different things"
        PIN = "pin", "value pinned"
        HIDE = "hide", "value hidden"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    ref = KeyField(
        max_length=REF_LENGTH, blank=True, default="", db_index=True, help_text="Record of a pinned or hidden value."
    )
    field = models.CharField(max_length=200, blank=True, default="")
    value = models.JSONField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    by = models.CharField(max_length=150, blank=True, default="", help_text="Who decided.")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True, default="")
    group = models.CharField(
        max_length=36, blank=True, default="", db_index=True, help_text="Decisions that were made in one go."
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.pk})"

    @property
    def stands(self) -> bool:
        return self.undone_at is None


class DecisionPair(models.Model):
    """A pair that a decision speaks about; of a pin, its record and that of its thing."""

    decision = models.ForeignKey("records.Decision", on_delete=models.CASCADE, related_name="pairs")
    left = KeyField(max_length=REF_LENGTH, db_index=True)
    right = KeyField(max_length=REF_LENGTH, db_index=True)

    def __str__(self) -> str:
        return f"{self.left}, {self.right}"


class ResolverSnapshot(models.Model):
    """Weights by which pairs are judged. One is active; without any, the shipped ones are."""

    version = models.CharField(max_length=12, unique=True)
    content = models.TextField()
    made = models.DateTimeField(auto_now_add=True)
    active = models.BooleanField(default=False)
    summary = models.JSONField(default=dict, help_text="From what it was fitted, and what it would change.")

    class Meta:
        ordering = ("-made",)
        constraints = (
            models.UniqueConstraint(fields=["active"], condition=Q(active=True), name="snapshot_one_active"),
        )

    def __str__(self) -> str:
        return self.version


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
