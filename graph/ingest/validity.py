"""When what a record says holds: `valid_from` and `valid_to` as moments, and which of several records hold at one.

A day is one of the record's city; its last day is part of the validity. A record that states none always holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from ibcm.config import load_scope
from ibcm.domain.records import SourceRecord

ALWAYS_HELD, NEVER_ENDS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Standing = Literal["holds", "ended", "to_come"]


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` on and before `end`, in UTC."""

    start: datetime = ALWAYS_HELD
    end: datetime = NEVER_ENDS

    def standing(self, now: datetime) -> Standing:
        if self.end <= now:
            return "ended"
        return "holds" if self.start <= now else "to_come"


ALWAYS = Span()


def span_of(record: SourceRecord) -> Span:
    """When what the record says holds."""
    if record.valid_from is None and record.valid_to is None:
        return ALWAYS
    zone = _zone(record.city or "")
    return Span(_start(record.valid_from, zone), _end(record.valid_to, zone))


def on_its_clock(said: date, record: SourceRecord) -> date:
    """A day as it is; a time by the clock of the record's city."""
    return said.astimezone(_zone(record.city or "")) if isinstance(said, datetime) and said.tzinfo else said


def day_in(city: str, now: datetime) -> date:
    """The day that it is there: past midnight in India it is still the day before by UTC."""
    return now.astimezone(_zone(city)).date()


def holds(record: SourceRecord, now: datetime) -> bool:
    return span_of(record).standing(now) == "holds"


def order(record: SourceRecord, now: datetime) -> tuple[int, float]:
    """Sorts what holds first, then what ended last, then what begins first."""
    span = span_of(record)
    standing = span.standing(now)
    if standing == "holds":
        return 0, 0.0
    return (1, -span.end.timestamp()) if standing == "ended" else (2, span.start.timestamp())


def turns(records: Iterable[SourceRecord]) -> list[datetime]:
    """The moments at which what one of these says begins or ceases to hold, in order."""
    spans = {span_of(record) for record in records} - {ALWAYS}
    return sorted({moment for span in spans for moment in (span.start, span.end)} - {ALWAYS_HELD, NEVER_ENDS})


def next_turn(record: SourceRecord, now: datetime) -> datetime | None:
    """When it begins or ceases to hold next; None when it never will."""
    return next((moment for moment in turns([record]) if moment > now), None)


def between_turns(records: Iterable[SourceRecord], now: datetime) -> Span:
    """The time around `now` in which the same of these records hold."""
    moments = [ALWAYS_HELD, *turns(records), NEVER_ENDS]
    return next(Span(start, end) for start, end in pairwise(moments) if start <= now < end)


def _start(said: date | datetime | None, zone: tzinfo) -> datetime:
    return ALWAYS_HELD if said is None else _utc(said, zone, otherwise=ALWAYS_HELD)


def _end(said: date | datetime | None, zone: tzinfo) -> datetime:
    if said is None:
        return NEVER_ENDS
    try:
        after = said if isinstance(said, datetime) else said + timedelta(days=1)
    except OverflowError:
        return NEVER_ENDS
    return _utc(after, zone, otherwise=NEVER_ENDS)


def _utc(said: date | datetime, zone: tzinfo, *, otherwise: datetime) -> datetime:
    moment = said if isinstance(said, datetime) else datetime.combine(said, time())
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:  # beyond what a clock shows
        return otherwise


@cache
def _zone(city: str) -> tzinfo:
    """Of the city; of one that is not configured the zone of all that are, if they share one."""
    known = load_scope().cities
    names = {known[city].timezone} if city in known else {one.timezone for one in known.values()}
    return ZoneInfo(names.pop()) if len(names) == 1 else UTC
