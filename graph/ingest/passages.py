"""Passages of a record: a pure function, so that readers derive the text again instead of keeping it in the index."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from graph.ingest.sentences import MOST_WORDS, pieces
from graph.resolution.traits import position
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.passages import Passage
from ibcm.domain.records import SourceRecord

NAMESPACE = uuid.UUID("0f8b9a0e-3f0d-5b52-9d3e-5d1d6a0f6c21")
LONG_TEXT = 80
"""Characters beyond which a field that nobody foresaw counts as prose."""
NO_PROSE = frozenset({"name", "address", "opening_hours", "email", "website", "phone", "title", "url", "image", "id"})

Piece = tuple[str, str]
"""Title and text."""


def passages_of(record: SourceRecord | StoredRecord, entity: str = "") -> list[Passage]:
    """What retrieval may find of this record, in order; the ordinal is the place in the list.

    `entity` is the id of what the text is about. It is no part of the id of a passage, which is UUIDv5 of record,
    ordinal, title and text. A deleted record has no passages, and so have kinds without text.
    """
    said = record.record if isinstance(record, StoredRecord) else record
    texts = _TEXTS_BY_KIND.get(said.kind)
    if texts is None or said.deleted:
        return []
    return [_passage(said, ordinal, piece, entity) for ordinal, piece in enumerate(texts(said.data))]


def _passage(record: SourceRecord, ordinal: int, piece: Piece, entity: str) -> Passage:
    title, text = piece
    point = position(record.data)
    digest = sha256(f"{title}\n{text}".encode()).hexdigest()
    return Passage(
        id=str(uuid.uuid5(NAMESPACE, f"{record.ref}|{ordinal}|{digest}")),
        record=record.ref,
        ordinal=ordinal,
        title=title,
        text=text,
        kind=record.kind,
        entity=entity,
        city=record.city or "",
        sector=record.sector or "",
        language=record.language or "",
        lat=point[0] if point else None,
        lon=point[1] if point else None,
        expires_at=record.expires_at.timestamp() if record.expires_at else None,
    )


def _described(data: Mapping[str, Any]) -> Iterator[Piece]:
    """Name with description, and any other field that holds prose; long prose in several pieces."""
    name = str(data.get("name", ""))
    for _, prose in sorted(_prose(data), key=lambda field: (field[0] != "description", field[0])):
        if len(prose.split()) <= MOST_WORDS and "\n" not in prose.strip():
            yield name, f"{name} — {prose.strip()}"
        else:
            yield from ((_titled(name, heading), f"{name} — {text}") for heading, text in pieces(prose))


def _prose(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, value in data.items():
        if not isinstance(value, str) or not value.strip() or field in NO_PROSE:
            continue
        if field == "description" or (len(value) > LONG_TEXT and len(value.split()) >= 8):
            yield field, value


def _one_line(data: Mapping[str, Any]) -> Iterator[Piece]:
    """Every scalar of a short record in one line: its name first, then what it says."""
    title = str(data.get("name") or data.get("round") or "Funding")
    said = {field: value for field, value in data.items() if field not in {"name", "ids"}}
    shown = [f"{field.replace('_', ' ')}: {_shown(value)}" for field, value in sorted(said.items()) if _shown(value)]
    yield title, "; ".join([title, *shown]) if shown else title


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value if isinstance(one, str | int | float))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _document(data: Mapping[str, Any]) -> Iterator[Piece]:
    """Text split by structure; a document of which only the title is known is found by its title."""
    title = str(data.get("title", ""))
    texts = [str(data[field]) for field in ("summary", "text", "body") if isinstance(data.get(field), str)]
    found = [(_titled(title, heading), text) for whole in dict.fromkeys(texts) for heading, text in pieces(whole)]
    yield from found or ([(title, title)] if title else [])


def _review(data: Mapping[str, Any]) -> Iterator[Piece]:
    """Its title is empty: the reader knows the subject by the passage's entity."""
    yield from ((heading, text) for heading, text in pieces(str(data.get("text", ""))))


def _titled(title: str, heading: str) -> str:
    return f"{title} — {heading}" if heading and title else title or heading


_TEXTS_BY_KIND: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Piece]]] = {
    **dict.fromkeys(("place", "area", "stop", "route", "event", "organization"), _described),
    **dict.fromkeys(("funding", "indicator"), _one_line),
    **dict.fromkeys(("regulation", "article", "note"), _document),
    "review": _review,
}
