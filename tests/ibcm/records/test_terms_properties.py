"""Whatever sources say under whatever terms: after a purge nothing is left anywhere whose time was over by then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.ingest.assign import assign_all
from graph.ingest.project import project_all
from graph.resolution.resolver import ScoredResolver
from ibcm import exporting
from ibcm.domain.policy import FieldPolicy, SourcePolicy, apply_policy
from ibcm.domain.records import SourceRecord
from ibcm.records import purging
from ibcm.records.history import as_of
from ibcm.records.ledger import DjangoLedger
from ibcm.records.models import BlockingKey, Entity, EntityGone, Pair, Record, RecordVersion
from tests.builders import NOW, OPEN, day, record
from tests.doubles import MemoryGraph, MemoryIndex


@dataclass(frozen=True)
class Said:
    """One version of a record, each of its values a word that nothing else says."""

    number: int
    key: int
    at: int
    days: int | None
    """After how many days the record itself says that it ends."""

    @property
    def record(self) -> SourceRecord:
        ends = {} if self.days is None else {"expires_at": day(self.at + self.days).isoformat()}
        data = {"name": f"name{self.number}x", "note": f"note{self.number}x", "description": f"text{self.number}x"}
        return record(f"osm:{self.key}", at=self.at, data=data, **ends)

    def over(self, policy: SourcePolicy, now: datetime) -> Iterator[str]:
        """Words whose time is over under the terms of today, or that may not be kept for a moment."""
        for field, word in self._words():
            terms = policy.terms(field)
            if terms.transient or self._ended(now, policy.retention_days, terms.retention_days):
                yield word

    def gone(self, policy: SourcePolicy, now: datetime) -> Iterator[str]:
        """Words that the terms of former days keep away: never stored, or ended with their record."""
        for field, word in self._words():
            if policy.terms(field).transient or self._ended(now, policy.retention_days):
                yield word

    def _words(self) -> Iterator[tuple[str, str]]:
        for field, word in (("name", "name"), ("note", "note"), ("description", "text")):
            yield field, f"{word}{self.number}x"

    def _ended(self, now: datetime, *limits: int | None) -> bool:
        known = [days for days in (self.days, *limits) if days is not None]
        return bool(known) and day(self.at + min(known)) <= now


DAYS = st.none() | st.integers(0, 30)
FIELD = st.builds(FieldPolicy, transient=st.sampled_from([None, True, False]), retention_days=DAYS)
POLICY = st.builds(
    lambda days, transient, fields: OPEN.model_copy(
        update={"retention_days": days, "transient": transient, "fields": fields}
    ),
    DAYS,
    st.sampled_from([False, False, True]),
    st.dictionaries(st.sampled_from(["name", "note", "description"]), FIELD, max_size=3),
)
SAID = st.lists(st.tuples(st.integers(0, 2), st.integers(-20, -1), DAYS), min_size=1, max_size=7)


@pytest.mark.django_db
@given(SAID, POLICY, POLICY, st.integers(0, 40), st.booleans())
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_after_a_purge_nothing_is_left_whose_time_was_over(
    told: list[tuple[int, int, int | None]], policy: SourcePolicy, later: SourcePolicy, days: int, again: bool
) -> None:
    _empty()
    ledger, graph, index = DjangoLedger(), MemoryGraph(), MemoryIndex()
    said = [Said(number, key, at, ends) for number, (key, at, ends) in enumerate(told)]
    ledger.save_policy("osm", policy)
    _take(ledger, said, policy)
    _walk(ledger, graph, index, NOW)
    ledger.save_policy("osm", later)
    purging.purge(day(days))
    if again:  # the same files, read once more by a clock that was set back
        _take(ledger, said, later)
        purging.purge(day(days))
    _walk(ledger, graph, index, day(days))
    over = {word for one in said for word in one.over(later, day(days))}
    if not again:  # what is read again is kept by the terms that hold then
        over |= {word for one in said for word in one.gone(policy, day(days))}
    kept = _everything(ledger, graph, index, days)
    assert not [word for word in sorted(over) if word in kept]


def _empty() -> None:
    """An example finds what the one before it left."""
    for model in (Pair, BlockingKey, EntityGone, RecordVersion, Record, Entity):
        model.objects.all().delete()


def _take(ledger: DjangoLedger, said: list[Said], policy: SourcePolicy) -> None:
    kept = [record for one in said if (record := apply_policy(one.record, policy, now=NOW)) is not None]
    ledger.stage(kept, now=NOW)


def _walk(ledger: DjangoLedger, graph: MemoryGraph, index: MemoryIndex, now: datetime) -> None:
    policies = ledger.policies()
    assign_all(ledger, resolver=ScoredResolver(), policies=policies, owner="test", patience=0)
    project_all(ledger, graph, index, policies=policies, now=now)


def _everything(ledger: DjangoLedger, graph: MemoryGraph, index: MemoryIndex, days: int) -> str:
    policies, now = ledger.policies(), day(days)
    living = list(ledger.all_records())
    return str(
        [
            list(Record.objects.values()),
            list(RecordVersion.objects.values()),
            list(BlockingKey.objects.values()),
            list(Pair.objects.values()),
            [as_of(living, day(at)) for at in range(-20, 1, 5)],
            vars(graph),
            vars(index),
            list(exporting.entities(ledger, policies=policies, now=now)),
            list(exporting.canonical(ledger, policies=policies, now=now)),
        ]
    )
