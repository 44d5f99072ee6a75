"""An answer in its public shape -> what the page shows. Values stay plain text: templates escape them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.dateparse import parse_datetime

from ibcm.chat.maps import Map, distance, draw
from ibcm.chat.words import words
from ibcm.domain.texts import shortened

Json = Mapping[str, Any]
MARKS = re.compile(r"(?:\s*\[\d+\])+(?=[\s.।?!]*$)")
HIDDEN = frozenset({"id", "entity", "lat", "lon", "record", "records"})
"""Columns that say nothing to a reader: ids are in the JSON, positions on the map."""
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    marks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of a table: its text, and the web address when it is one."""

    text: str
    number: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    columns: Sequence[Shown]
    rows: Sequence[Sequence[Shown]]
    cut: str | None
    """`100 of 251`, where not all are there."""
    ordered: bool


@dataclass(frozen=True, slots=True)
class Cited:
    """A source as it is listed: what one record said once or several times, or one query."""

    numbers: Sequence[int]
    kind: str
    title: str
    source: str
    record: str
    licence: str
    attribution: str
    read: datetime | None
    url: str | None
    values: Sequence[str]
    constraints: Sequence[str]
    total: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """What templates/chat/_answer.html needs, and nothing that it would have to work out."""

    answer: Json
    locale: str
    """For dates; one that Django has."""
    words: Mapping[str, str]
    said: Sequence[Said]
    short: str | None
    cited: Sequence[Cited]
    table: Table | None
    map: Map | None
    candidates: Sequence["Choice"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things that the question may have meant, with the question that names it."""

    label: str
    why: str
    question: str
    query: str


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called in the language of the answer."""

    slugs: Mapping[str, str]
    """Of categories and cities."""
    field: Callable[[str], str]
    """Of a field."""

    def value(self, value: object) -> object:
        """A slug by its name, anything else as it is."""
        return self.slugs.get(value, value) if isinstance(value, str) else value


def page_of(answer: Json, names: Names) -> Page:
    said = [Said(_unmarked(s["text"]), s["citations"]) for s in answer["sentences"]]
    return Page(
        answer=answer,
        locale="hi" if answer["language"].partition("-")[0] == "hi" else "en-gb",
        words=words(answer["language"]),
        said=said or [Said(answer["text"], [])],
        short=_short(answer),
        cited=[_cited(group, names) for group in _groups(answer["citations"])],
        table=_table(answer["rows"], words(answer["language"]), names),
        map=draw(answer["features"]),
        candidates=[_choice(candidate, answer) for candidate in answer["clarify"] or ()],
    )


def safe_url(url: object) -> str | None:
    """The address when it leads to the web; scripts and other schemes never become links."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else None


def _choice(candidate: Json, answer: Json) -> Choice:
    """Choosing asks again, with the words that were ambiguous replaced by the name of what was meant."""
    question = _meaning(answer, candidate)
    given = {"question": question, "city": answer["city"], "conversation": answer["conversation"]}
    query = urlencode({name: value for name, value in given.items() if value})
    return Choice(candidate["label"], candidate["why"], question, query)


def _meaning(answer: Json, candidate: Json) -> str:
    """Where the plan does not tell which words they were, or the name is the same, what was meant goes behind."""
    asked, label = str(answer["question"]), str(candidate["label"])
    meant = (e for e in answer["plan"].get("entities") or () if isinstance(e, Mapping))
    text = next((str(e.get("text") or "") for e in meant if candidate["entity"] in (e.get("ids") or ())), "")
    if text and text in asked and text.casefold() != label.casefold():
        return asked.replace(text, label, 1)
    return f"{asked.rstrip(' ?।')} ({label}, {candidate['why']})?"


def _unmarked(text: str) -> str:
    """Without the `[1]` at the end: the page sets its own."""
    return MARKS.sub("", text).strip()


def _short(answer: Json) -> str | None:
    """The bare value, where showing it above the sentences helps: not for lists, which have a table."""
    short, unit = answer["short"], answer["plan"].get("unit")
    if short is None or isinstance(short, list | dict) or answer["abstained"]:
        return None
    if isinstance(short, str):
        return short if len(short) <= 60 else None
    return with_unit(short, unit if isinstance(unit, str) else None)


def with_unit(number: float, unit: str | None) -> str:
    if unit in {"m", "metre", "metres"}:
        return distance(number)
    plain = _number(number)
    if unit == "INR":
        return f"₹{plain}"
    return f"{plain} {unit}" if unit and unit not in {"count", "1"} else plain


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")


def _groups(citations: Sequence[Json]) -> list[list[Json]]:
    """Citations of one record's facts stand together; quotes and queries each for themselves."""
    groups: dict[tuple[str, object], list[Json]] = {}
    for citation in citations:
        alone = citation["n"] if citation["kind"] != "fact" else None
        groups.setdefault((citation["record"], alone), []).append(citation)
    return list(groups.values())


def _cited(group: Sequence[Json], names: Names) -> Cited:
    citation = group[0]
    return Cited(
        numbers=[one["n"] for one in group],
        kind=citation["kind"],
        title=citation["title"],
        source=citation["source"],
        record=citation["record"],
        licence=citation["licence"].removeprefix("LicenseRef-"),
        attribution=citation["attribution"],
        read=parse_datetime(citation["retrieved_at"] or ""),
        url=safe_url(citation["url"]),
        values=[one["value"] for one in group if one["value"]],
        constraints=[_constraint(c, names) for c in citation.get("constraints") or ()],
        total=citation.get("total"),
    )


def _constraint(value: object, names: Names) -> str:
    """Constraints are text, or small objects whose values read well in a row: `category: park`, `beds >= 50`."""
    if not isinstance(value, Mapping):
        return str(value)
    told = ", ".join(str(names.value(part)) for part in str(value["value"]).split(", "))
    sign = ":" if value["op"] in {"=", "in", "any", "has"} else f" {value['op']}"
    return f"{names.field(str(value['field']))}{sign} {told}"


def _table(rows: Json | None, said: Mapping[str, str], called: Names) -> Table | None:
    """Without the columns that say nothing: ids, positions, and those that are empty throughout."""
    if not rows or not rows["rows"]:
        return None
    names, first = rows["columns"], rows["rows"][:MOST_ROWS]
    told = [at for at, name in enumerate(names) if at != rows["entity"] and name not in HIDDEN]
    kept = [at for at in told if any(row[at] not in (None, "", []) for row in first)]
    amounts = {at for at in kept if any(_is_number(row[at]) for row in first)}
    columns = [Shown(heading(names[at], said, called), number=at in amounts) for at in kept]
    shown = [
        [replace(_shown(called.value(row[at]), names[at], said), number=at in amounts) for at in kept] for row in first
    ]
    total = rows["total"] or len(rows["rows"])
    cut = said["cut"].format(shown=len(shown), total=total) if total > len(shown) else None
    return Table(columns, shown, cut=cut, ordered=rows["ordered"]) if kept else None


def heading(column: str, said: Mapping[str, str], called: Names) -> str:
    """`price_for_two` -> `Price for two`; the unit of `distance_m` is shown with each value."""
    name = "distance" if column.endswith("distance_m") else column
    plain = said["name"] if name == "name" else called.field(name)
    return plain[:1].upper() + plain[1:]


def _shown(value: object, column: str, said: Mapping[str, str]) -> Shown:
    if value is None or value == "":
        return Shown("–")
    if isinstance(value, bool):
        return Shown(said["yes"] if value else said["no"])
    if isinstance(value, int | float):
        return Shown(distance(value) if column.endswith("distance_m") else _plain(value, column))
    if isinstance(value, list | tuple):
        return Shown(", ".join(shortened(str(item)) for item in value))
    return Shown(shortened(str(value)), url=safe_url(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: float, column: str) -> str:
    """Years and codes are no amounts: they take no thousands separator."""
    return (
        str(value) if isinstance(value, int) and column in {"postcode", "founded", "year", "number"} else _number(value)
    )
