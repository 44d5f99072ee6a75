"""Decisions of curators in the database: written once, never changed, taken back by a second entry."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from ibcm.domain import decisions
from ibcm.domain.decisions import Verdict, pin_record, pin_ref, pinned_values, unpinned, value_text
from ibcm.domain.records import SourceRecord
from ibcm.records import staging
from ibcm.records.models import Decision, DecisionPair, Record
from ibcm.records.rows import chunks, lock_names, stored


def decide(decision: decisions.Decision, *, group: str = "") -> int:
    """See Ledger.decide. `group` names decisions that are made, and may be taken back, in one go."""
    with transaction.atomic():
        lock_names("decide", [""])
        target = _target(decision)
        row = Decision.objects.create(
            kind=decision.kind,
            ref=decision.ref,
            field=decision.field,
            value=decision.value,
            reason=decision.reason,
            by=decision.by,
            at=decision.at,
            group=group,
        )
        DecisionPair.objects.bulk_create(
            DecisionPair(decision=row, left=min(pair), right=max(pair)) for pair in decisions.paired(row.pk, decision)
        )
        if decision.kind == "pin" and target is not None:
            values = pinned_values(decision, target)
            staging.stage([pin_record(row.pk, decision, target, values)], now=decision.at)
        _reconsider(decision, row.pk)
        return int(row.pk)


def _target(decision: decisions.Decision) -> SourceRecord | None:
    """The record of a pinned or hidden value. Raises IbcmError when it is not there."""
    if decision.kind not in {"pin", "hide"}:
        return None
    row = Record.objects.filter(ref=decision.ref, deleted=False).first()
    if row is None:
        raise decisions.not_there(decision)
    return stored(row).record


def undo(number: int, *, by: str, at: datetime) -> bool:
    """See Ledger.undo."""
    with transaction.atomic():
        lock_names("decide", [""])
        row = Decision.objects.select_for_update().filter(pk=number, undone_at__isnull=True).first()
        if row is None:
            return False
        row.undone_at, row.undone_by = at, by
        row.save(update_fields=["undone_at", "undone_by"])
        if row.kind == Decision.Kind.PIN:
            _take_pin_back(row, at)
        _reconsider(as_domain(row), row.pk)
        return True


def _take_pin_back(row: Decision, at: datetime) -> None:
    held = Record.objects.filter(ref=pin_ref(row.pk)).first()
    if held is not None:
        staging.stage([unpinned(stored(held).record, at=at)], now=at)


def as_domain(row: Decision) -> decisions.Decision:
    """The decision as it was made."""
    pairs = [(left, right) for left, right in row.pairs.values_list("left", "right")] if row.kind != "pin" else []
    return decisions.Decision(
        kind=row.kind,  # type: ignore[arg-type] # the column holds nothing else
        at=row.at,
        by=row.by,
        reason=row.reason,
        pairs=pairs,
        ref=row.ref,
        field=row.field,
        value=row.value,
    )


def _reconsider(decision: decisions.Decision, number: int) -> None:
    """Hide what is to be hidden, and let its records wait for assignment."""
    if decision.kind == "hide":
        _write_hidden(decision.ref)
    for some in chunks([*decision.refs(), pin_ref(number)]):
        Record.objects.filter(ref__in=some).exclude(label="").update(staged=True, urgent=True)


def _write_hidden(ref: str) -> None:
    standing = Decision.objects.filter(kind="hide", ref=ref, undone_at__isnull=True).order_by("pk")
    hidden = [[field, value_text(value)] for field, value in standing.values_list("field", "value")]
    Record.objects.filter(ref=ref).update(hidden=hidden)


def verdicts(refs: Iterable[str]) -> Mapping[tuple[str, str], Verdict]:
    """See Ledger.verdicts."""
    found: dict[tuple[str, str], Verdict] = {}
    for some in chunks(refs):
        about = DecisionPair.objects.filter(Q(left__in=some) | Q(right__in=some), decision__undone_at__isnull=True)
        for left, right, kind, number in about.values_list("left", "right", "decision__kind", "decision_id"):
            known = found.get((left, right))
            if known is None or number > known.number:
                found[left, right] = Verdict(kind != "different", number)
    return found


def corrected(refs: Iterable[str], *, after: datetime, revision: int) -> set[str]:
    """See Ledger.corrected."""
    found: set[str] = set()
    since = Q(decision__at__gt=after) | Q(decision__undone_at__gt=after)
    alone = Q(at__gt=after) | Q(undone_at__gt=after)
    for some in chunks(refs):
        held = Record.objects.filter(ref__in=some, entity__projected__gt=revision)
        of = dict(held.values_list("ref", "entity_id"))
        siblings = dict(Record.objects.filter(entity__in=set(of.values())).values_list("ref", "entity_id"))
        for few in chunks(siblings):
            pairs = DecisionPair.objects.filter(since)
            named = {*pairs.filter(left__in=few).values_list("left", flat=True)}
            named |= {*pairs.filter(right__in=few).values_list("right", flat=True)}
            named |= {*Decision.objects.filter(alone, ref__in=few).values_list("ref", flat=True)}
            entities = {siblings[ref] for ref in named}
            found |= {ref for ref, entity in of.items() if entity in entities}
    return found


def blind(refs: Iterable[str]) -> None:
    """Keep of values that were hidden in these records no more than their digests."""
    for some in chunks(refs):
        for row in Decision.objects.filter(kind=Decision.Kind.HIDE, ref__in=some):
            hidden = decisions.blinded(as_domain(row))
            if hidden.value != row.value:
                row.value = hidden.value
                row.save(update_fields=["value"])
        for held in Record.objects.filter(ref__in=some).exclude(hidden=[]):
            _write_hidden(held.ref)
