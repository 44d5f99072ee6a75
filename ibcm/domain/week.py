"""What opening hours say of each day, however they are written: `Mo-Su 09:00-22:00` and `9am-10pm daily` are one week.

Read whole or not at all, as hours.py does: what is not understood is compared by its text.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from ibcm.domain.hours import minutes

DAY = 24 * 60
WEEK = ("mo", "tu", "we", "th", "fr", "sa", "su")
DAYS = (*WEEK, "ph")
"""As OSM writes them; `ph` are public holidays."""
Spans = tuple[tuple[int, int], ...]
Week = tuple[Spans | None, ...]
"""For each of DAYS the open spans in minutes from midnight, ends past it where the night is open. Empty: closed, and so
is a day of the week that is not named; None: nothing is said of holidays."""

_TOKENS = (
    ("every", r"daily|every\s?day|all days|all week|7 days(?: a week)?"),
    ("always", r"24\s*[/x]\s*7|24\s*(?:hours|hrs|hr)\b|round the clock"),
    ("time", r"\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\b\.?)?|\d{1,4}\s*(?:[ap]\.?m\b\.?|noon\b|midnight\b)|\d{4}(?!\d)"),
    ("off", r"off\b|closed\b"),
    ("day", r"(?:mon?|tue?s?|we(?:d(?:nes)?)?|thu?r?s?|fri?|sa(?:t(?:ur)?)?|sun?)(?:days?)?\b|ph\b"),
    ("to", r"to\b|till\b|until\b|-|–|—"),
    ("and", r",|&|and\b"),
    ("", r"[\s().:]+|open\b|from\b|hours\b|hrs\b"),
)
_TOKEN = re.compile("|".join(f"({pattern})" for _, pattern in _TOKENS), re.IGNORECASE)
_FIXED = {"every": "mo-su", "always": f"0-{DAY}", "off": "off", "to": "-", "and": ","}
_OF_DAYS = frozenset({"every", "day"})


@lru_cache(maxsize=16_384)
def week(text: str) -> Week | None:
    """None for a form that is not understood."""
    found: dict[str, Spans] = {}
    for rule in filter(str.strip, re.split(r"[;\n]", text)):
        told = _rule(rule)
        if told is None:
            return None
        found |= told
    return (*(found.get(day, ()) for day in WEEK), found.get("ph")) if found else None


def _rule(rule: str) -> dict[str, Spans] | None:
    """Day -> spans. Days stand before their times throughout, or behind them; without days it is every day."""
    parts = _parts(rule)
    if not parts or (len(parts) > 1 and len(parts) % 2):
        return None
    if len(parts) == 1:
        parts = [(True, _FIXED["every"]), *parts]
    ahead = [parts[at : at + 2] if parts[0][0] else parts[at : at + 2][::-1] for at in range(0, len(parts), 2)]
    read = [(_days(days), _spans(times)) for (_, days), (_, times) in ahead]
    if any(days is None or spans is None for days, spans in read):
        return None
    return {day: spans for days, spans in read for day in days or () if spans is not None}


def _parts(rule: str) -> list[tuple[bool, str]]:
    """Runs of days and of times in turn, in OSM's spelling, each with whether it is of days; empty when a word is not
    understood."""
    found: list[tuple[bool, str]] = []
    for kind, text in _tokens(rule):
        if kind == "unknown":
            return []
        is_days = found[-1][0] if kind in ("to", "and") and found else kind in _OF_DAYS
        if found and found[-1][0] == is_days:
            found[-1] = (is_days, found[-1][1] + text)
        else:
            found.append((is_days, text))
    return [(is_days, text.strip(",")) for is_days, text in found]


def _tokens(rule: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(rule):
        match = _TOKEN.match(rule, at)
        if match is None or match.lastindex is None:
            yield "unknown", ""
            return
        at, kind = match.end(), _TOKENS[match.lastindex - 1][0]
        if kind == "time":
            yield kind, _clock(match[0])
        elif kind:
            yield kind, _FIXED.get(kind) or match[0][:2].lower()


def _clock(text: str) -> str:
    try:
        return str(minutes(text.replace(".", ":", 1) if re.match(r"\d+\.\d", text) else text))
    except ValueError:
        return "?"


def _days(text: str) -> list[str] | None:
    """`mo-fr,su`; a span may go over the end of the week."""
    found: list[str] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first == last == "" or first not in DAYS or (last and (first not in WEEK or last not in WEEK)):
            return None
        start = DAYS.index(first)
        length = (WEEK.index(last) - start) % len(WEEK) + 1 if last else 1
        found += [WEEK[(start + ahead) % len(WEEK)] for ahead in range(length)] if first in WEEK else [first]
    return found


def _spans(text: str) -> Spans | None:
    if text == "off":
        return ()
    found = []
    for part in text.split(","):
        opens, _, closes = part.partition("-")
        if not (opens.isdigit() and closes.isdigit()):
            return None
        start, end = int(opens) % DAY, int(closes)
        end = DAY if end == DAY - 1 else end
        found.append((start, end if end > start else end + DAY))
    return tuple(sorted(found))
