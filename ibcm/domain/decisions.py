"""What curators decide. Decisions name records, never entities, so that they outlive every rebuild and every merge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from ibcm.domain.errors import IbcmError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import Link, SourceRecord, canonical_json

DecisionKind = Literal["same", "different", "pin", "hide"]
KINDS: tuple[str, ...] = ("same", "different", "pin", "hide")

CURATORS = "curators"
"""Source of pinned values: what a curator said is a record like any other, so that it is cited, exported and
rebuilt."""
CURATORS_POLICY = SourcePolicy(
    name="Curators",
    licence="LicenseRef-curated",
    attribution="Curators of this installation",
    trust=1.0,
    deduplicated=False,
)
PINS = "pins"
"""Relation of a pin's record to the record of the thing that it is about."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, as it is made.

    `same` and `different`: about `pairs` of refs. `pin`: `field` of the thing of record `ref` has `value`. `hide`: what
    record `ref` says under `field` is not shown, as long as it says `value`.
    """

    kind: DecisionKind
    at: datetime
    by: str = ""
    reason: str = ""
    pairs: Sequence[tuple[str, str]] = ()
    ref: str = ""
    field: str = ""
    value: Any = None

    def refs(self) -> list[str]:
        """Every record that it names, each once, ordered."""
        return sorted({ref for pair in self.pairs for ref in pair} | ({self.ref} if self.ref else set()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last word on a pair. `number` grows with each decision."""

    same: bool
    number: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not shown of a record: `field`, while its value is this one."""

    field: str
    value: str
    """Canonical JSON of the hidden value, so that a source which corrects itself is heard again; after its record was
    forgotten only the value's digest."""

    def hides(self, data: Mapping[str, Any]) -> bool:
        return self.field in data and self.value in spellings(data[self.field])


def without_hidden(record: SourceRecord, hidden: Sequence[Hidden]) -> SourceRecord:
    """The record as it may be used."""
    gone = {one.field for one in hidden if one.hides(record.data)}
    if not gone:
        return record
    return record.model_copy(update={"data": {name: value for name, value in record.data.items() if name not in gone}})


def hidden_hash(digest: str, hidden: Sequence[Hidden]) -> str:
    """Names a version together with what is hidden of it."""
    if not hidden:
        return digest
    said = canonical_json(sorted([one.field, one.value] for one in hidden))
    return f"{digest}-{sha256(said.encode()).hexdigest()[:8]}"


def value_text(value: Any) -> str:
    """One spelling of a value; of one that is not kept any more, its digest."""
    return value[DIGEST] if isinstance(value, dict) and set(value) == {DIGEST} else canonical_json([value])


DIGEST = "sha256"


def spellings(value: Any) -> tuple[str, str]:
    """How a value is known while it is kept, and afterwards."""
    text = canonical_json([value])
    return text, sha256(text.encode()).hexdigest()


def blinded(decision: Decision) -> Decision:
    """A hidden value by its digest alone: it still hides what it hid, and tells nobody what that was."""
    if decision.kind != "hide" or (isinstance(decision.value, dict) and set(decision.value) == {DIGEST}):
        return decision
    return replace(decision, value={DIGEST: spellings(decision.value)[1]})


def pin_key(number: int) -> str:
    return f"pin-{number}"


def pin_ref(number: int) -> str:
    return f"{CURATORS}:{pin_key(number)}"


def is_pin(ref: str) -> bool:
    return ref.startswith(f"{CURATORS}:")


def pin_record(number: int, decision: Decision, target: SourceRecord, values: Mapping[str, Any]) -> SourceRecord:
    """The record that says what decision `number` pinned, for the thing that `target` is about.

    Not validated: a pinned value need not come with the fields that its kind requires of a source.
    """
    reason = f" ({decision.reason})" if decision.reason else ""
    return SourceRecord.model_construct(
        source=CURATORS,
        key=pin_key(number),
        kind=target.kind,
        data=dict(values),
        url=None,
        retrieved_at=decision.at,
        licence=CURATORS_POLICY.licence,
        licence_url=None,
        attribution=f"{CURATORS_POLICY.attribution}{reason}",
        expires_at=None,
        city=target.city,
        sector=target.sector,
        language=None,
        valid_from=None,
        valid_to=None,
        links=[Link(rel=PINS, source=target.source, key=target.key)],
        deleted=False,
    )


def unpinned(pin: SourceRecord, *, at: datetime) -> SourceRecord:
    """The tombstone of a pin's record, later than it whatever the clock says: it deletes only what is older."""
    later = max(at, pin.retrieved_at + timedelta(microseconds=1))
    return pin.model_copy(update={"deleted": True, "data": {}, "links": [], "retrieved_at": later})


FOLLOWING: Mapping[str, str] = {"price_for_two": "price_currency", "price": "price_currency", "amount": "currency"}
"""Field -> what gives its number a meaning and is kept with it."""


def pinned_values(decision: Decision, target: SourceRecord) -> dict[str, Any]:
    """The data of a pin: its value, a position as latitude and longitude, an amount with its currency."""
    if decision.field == POSITION:
        lat, lon = decision.value
        return {"lat": float(lat), "lon": float(lon)}
    following = FOLLOWING.get(decision.field, "")
    kept = {following: target.data[following]} if following in target.data else {}
    return {decision.field: decision.value, **kept}


POSITION = "position"
"""Field name of a pin whose value is [latitude, longitude]."""


def paired(number: int, decision: Decision) -> Sequence[tuple[str, str]]:
    """The pairs that a decision speaks about; of a pin, its record and that of its thing."""
    if decision.kind == "pin":
        return [(pin_ref(number), decision.ref)]
    return decision.pairs if decision.kind in {"same", "different"} else ()


def not_there(decision: Decision) -> IbcmError:
    """For a value of a record that nobody has any more."""
    return IbcmError(
        f"there is no record {decision.ref}: it was deleted, has expired, or never was. "
        "Look its thing up again and decide about a record that it has now"
    )
