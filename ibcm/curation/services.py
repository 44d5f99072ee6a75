"""What curators do. Every verb writes a decision, lets it take effect at once, and can be taken back."""

import json
import time
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from graph.geo import metres
from graph.resolution.cluster import pair as ordered
from graph.resolution.traits import label_of, stated_point
from ibcm import wiring
from ibcm.domain import decisions
from ibcm.domain.decisions import POSITION, is_pin
from ibcm.domain.errors import IbcmError
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.records import DATA_BY_KIND
from ibcm.jobs import services as jobs
from ibcm.records import decisions as decided
from ibcm.records import services as records
from ibcm.records.models import Decision, Pair

WAIT_SECONDS = 4.0
"""How long a curator's page waits for the effect of a decision before it says that it is on its way."""
POLL_SECONDS = 0.05
MOST_CROSS_PAIRS = 400
"""Pairs of one decision about two things; of larger ones the records that were compared speak for all."""
MOST_AT_ONCE = 500
FAR_M = 100_000.0
"""A pinned position that is farther from all that is known is asked about."""


class UnlikelyError(IbcmError):
    """A value that may be true, but looks like a slip: whoever means it says so."""


class Nothing(IbcmError):  # noqa: N818 - it reads as the fact that it states
    """There is nothing to decide any more."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided, and whether graph, index and answers know already."""

    numbers: Sequence[int]
    settled: bool
    group: str = ""
    """Names what was decided in one go, and can be taken back so."""


# -- pairs -----------------------------------------------------------------------------------------------------
def decide_pair(left: str, right: str, *, same: bool, by: str, reason: str = "") -> Done:
    """Two things are one, or are not. The decision names every pair of records across them.

    Raises Nothing when one of the records is gone, or when they are one thing already and `same` is asked.
    """
    with transaction.atomic():
        number = _decide_pair(left, right, same=same, by=by, reason=reason)
    return Done([number], settle())


def _decide_pair(left: str, right: str, *, same: bool, by: str, reason: str, group: str = "") -> int:
    (label, mine), (other_label, theirs) = _members(left), _members(right)
    if label != other_label:
        raise IbcmError(
            f"{left} is about one {label} and {right} about one {other_label}: these are two things as it is, "
            "and can never be one. Where a source calls a thing the wrong kind, its record must change there"
        )
    if same and left in theirs:
        raise Nothing(f"{left} and {right} are one thing already")
    across = [ordered(one, other) for one in mine for other in theirs if one != other]
    if not same and left in theirs:
        across = [ordered(left, right)]
    if len(across) > MOST_CROSS_PAIRS:
        across = [ordered(left, right)]
    return _write(decisions.Decision("same" if same else "different", timezone.now(), by, reason, across), group)


def _members(ref: str) -> tuple[str, list[str]]:
    """Label and records of the thing that this record is about, pins left out. Raises Nothing when it is gone."""
    ledger = wiring.ledger()
    entity = ledger.resolve([ref]).get(ref)
    if entity is None:
        raise Nothing(
            f"there is nothing to decide about {ref}: its source took it back, or it has expired. The queue goes on"
        )
    label, known = entity
    return label, [stored.ref for stored in ledger.in_entities([known])[known] if not is_pin(stored.ref)]


@dataclass(slots=True)
class BulkPreview:
    """What deciding many pairs at once would do."""

    pairs: list[Pair] = field(default_factory=list)
    stale: int = 0
    """Pairs of the choice that are not open any more."""
    entities: int = 0
    """Things that the pairs are about."""


def preview_bulk(keys: Iterable[str]) -> BulkPreview:
    """The open pairs of the choice, and how many things they touch. Nothing is changed."""
    found = BulkPreview()
    ledger, touched = wiring.ledger(), set[str]()
    for key in list(keys)[:MOST_AT_ONCE]:
        left, _, right = key.partition("|")
        row = Pair.objects.filter(left=left, right=right, together=False).first()
        of = ledger.resolve([left, right])
        if row is None or len(of) < 2:
            found.stale += 1
            continue
        found.pairs.append(row)
        touched |= {entity for _, entity in of.values()}
    found.entities = len(touched)
    return found


def decide_many(keys: Collection[str], *, same: bool, by: str, reason: str = "") -> Done:
    """Decide many pairs in one go, which can be taken back in one go. What is not open any more is passed over."""
    group, numbers = str(uuid.uuid4()), []
    with transaction.atomic():
        for row in preview_bulk(keys).pairs:
            try:
                numbers.append(_decide_pair(row.left, row.right, same=same, by=by, reason=reason, group=group))
            except Nothing:
                continue  # an earlier decision of this very choice has said it
    if not numbers:
        raise Nothing("none of the chosen pairs is open any more: nothing was decided")
    return Done(numbers, settle(), group)


def split(entity: str, out: Collection[str], *, by: str, reason: str = "") -> Done:
    """The records `out` are about another thing than the rest of this entity.

    Raises IbcmError when all of them or none would leave, or when one is not there any more.
    """
    ledger = wiring.ledger()
    members = [stored.ref for stored in ledger.in_entities([entity]).get(entity, ()) if not is_pin(stored.ref)]
    leaving = [ref for ref in members if ref in out]
    staying = [ref for ref in members if ref not in out]
    if len(leaving) < len(set(out)):
        raise IbcmError("some of the chosen records are not in this entity any more: look at it again and choose anew")
    if not leaving or not staying:
        raise IbcmError("choose some of the records, but not all: what is chosen becomes a thing of its own")
    across = [ordered(one, other) for one in leaving for other in staying]
    number = _write(decisions.Decision("different", timezone.now(), by, reason, across))
    return Done([number], settle())


# -- values ----------------------------------------------------------------------------------------------------
def pin(ref: str, name: str, text: str, *, by: str, reason: str, sure: bool = False) -> Done:
    """`name` of the thing of record `ref` is what `text` says. Raises IbcmError for a value that its kind cannot have,
    and UnlikelyError for a position far from all that is known of it, unless they are `sure`."""
    if not reason.strip():
        raise IbcmError("say why: the reason stands beside the value wherever it is shown")
    stored = wiring.ledger().living([ref]).get(ref)
    if stored is None or not label_of(stored.record):
        raise decisions.not_there(decisions.Decision("pin", timezone.now(), ref=ref))
    value = _value(stored.record.kind, name.strip(), text.strip())
    if name.strip() == POSITION and not sure:
        _refuse_far_away(stored, *value)
    earlier = Decision.objects.filter(kind="pin", ref=ref, field=name, undone_at__isnull=True)
    with transaction.atomic():
        for row in earlier:  # a new word on the same field takes the place of the last one
            decided.undo(row.pk, by=by, at=timezone.now())
        pinned = decisions.Decision("pin", timezone.now(), by, reason.strip(), ref=ref, field=name.strip(), value=value)
        number = _write(pinned)
    return Done([number], settle())


def _value(kind: str, name: str, text: str) -> Any:
    """Text of a form as the value that a source would give, checked by the same rules."""
    if not name or not text:
        raise IbcmError("name a field and a value")
    if name == POSITION:
        return _position(text)
    value = _read(text)
    model = DATA_BY_KIND[kind]
    required = {"name": "x", "title": "x", "text": "x", "what": "x", "date": "2000-01-01"}
    needed = {key: filler for key, filler in required.items() if key in model.model_fields}
    for candidate in (value, text, [part.strip() for part in text.split(",")]):
        try:
            checked = model.model_validate({**needed, name: candidate}).model_dump(mode="json", exclude_unset=True)
        except ValueError:
            continue
        return checked[name]
    raise IbcmError(f"{text!r} is no {name} of a {kind}: write it as docs/records.md shows")


def _read(text: str) -> Any:
    """Numbers, lists and yes/no as JSON writes them; anything else is text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, int | float | bool | list) else text


def _position(text: str) -> list[float]:
    try:
        lat, lon = (float(part) for part in text.replace(";", ",").split(","))
    except ValueError as error:
        raise IbcmError(f"{text!r} is no position: write latitude, longitude, such as 12.9716, 77.5946") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise IbcmError(f"{lat:g}, {lon:g} is not on the earth: write latitude first, then longitude")
    if lat == 0 and lon == 0:
        raise IbcmError("0, 0 is a filler, not a position: write latitude, longitude, such as 12.9716, 77.5946")
    return [lat, lon]


def _refuse_far_away(stored: StoredRecord, lat: float, lon: float) -> None:
    """Raises UnlikelyError when nothing that is known of the thing is near."""
    known = _positions(stored)
    if not known or _nearest(known, lat, lon) <= FAR_M:
        return
    swapped = abs(lon) <= 90 and _nearest(known, lon, lat) <= FAR_M
    slip = "the other way round it is near: latitude (north) comes first. " if swapped else ""
    raise UnlikelyError(
        f"nothing was pinned: {lat:g}, {lon:g} is {_nearest(known, lat, lon) / 1000:,.0f} km from where its sources or "
        f"its city place it. {slip}If it is right all the same, pin it once more and tick that you are sure"
    )


def _positions(stored: StoredRecord) -> list[tuple[float, float]]:
    """Where the sources of its thing place it; where none does, the middle of its city."""
    members = wiring.ledger().in_entities([stored.entity]).get(stored.entity, ())
    said = [stated_point(one.record.data) for one in members if not is_pin(one.ref)]
    city = wiring.scope().cities.get(stored.record.city or "")
    return [one for one in said if one] or ([(city.lat, city.lon)] if city else [])


def _nearest(known: Sequence[tuple[float, float]], lat: float, lon: float) -> float:
    return min(metres((lat, lon), one) for one in known)


def hide(ref: str, name: str, *, by: str, reason: str = "") -> Done:
    """What record `ref` says under `name` is shown nowhere, as long as the source says it.

    Raises IbcmError when the record does not say it, and for the name of a thing, which cannot do without.
    """
    stored = wiring.ledger().living([ref]).get(ref)
    if stored is None or name not in stored.record.data:
        raise IbcmError(f"{ref} says nothing under {name} any more: look at the thing again")
    if name in {"name", "title"}:
        raise IbcmError("a thing needs a name: pin another one instead, and the old one stays as an alias")
    value = stored.record.data[name]
    number = _write(decisions.Decision("hide", timezone.now(), by, reason, ref=ref, field=name, value=value))
    return Done([number], settle())


# -- taking back -----------------------------------------------------------------------------------------------
def undo(number: int, *, by: str) -> Done:
    """Take a decision back. Raises IbcmError when there is none, or it was taken back before."""
    if not decided.undo(number, by=by, at=timezone.now()):
        raise IbcmError(f"decision {number} is not there, or was taken back already")
    return Done([number], settle())


def undo_group(group: str, *, by: str) -> Done:
    """Take back what was decided in one go."""
    return undo_many(Decision.objects.filter(group=group).values_list("pk", flat=True) if group else (), by=by)


def undo_many(numbers: Iterable[int], *, by: str) -> Done:
    """Take back all of these that stand, or none. Raises IbcmError when none stands."""
    with transaction.atomic():
        undone = [number for number in sorted(numbers, reverse=True) if decided.undo(number, by=by, at=timezone.now())]
    if not undone:
        raise IbcmError("there is nothing left to take back of that")
    return Done(undone, settle())


def about(refs: Collection[str]) -> list[Decision]:
    """Decisions that name one of these records, the newest first."""
    rows = Decision.objects.filter(pairs__left__in=refs) | Decision.objects.filter(pairs__right__in=refs)
    return list((rows | Decision.objects.filter(ref__in=refs)).distinct().order_by("-pk")[:200])


# -- taking effect ---------------------------------------------------------------------------------------------
def _write(decision: decisions.Decision, group: str = "") -> int:
    if decision.kind == "pin":
        wiring.ledger().save_policy(decisions.CURATORS, decisions.CURATORS_POLICY)
    return decided.decide(decision, group=group)


def settle() -> bool:
    """Have decisions take effect, ahead of whatever else waits. False when that takes longer than a page may."""
    jobs.submit("settle")
    until = time.monotonic() + WAIT_SECONDS
    while any(records.urgent().values()):
        if time.monotonic() >= until:
            return False
        time.sleep(POLL_SECONDS)
    return True
