"""What every vector store agrees on: names, indexed payload fields, and the description kept beside the points."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ibcm.domain.errors import IndexMismatch
from retrieval.embedders.base import ModelId
from retrieval.vectors.base import Hit

VERSION = 1
"""Moves when points written by older code cannot be read or compared any more; bm25.py counts."""
DENSE, BM25 = "dense", "bm25"
KEYWORDS = ("record", "entity", "kind", "city", "sector", "language")
PLACE, EXPIRY, RECORD = "at", "expires_at", "record"

_SLACK = 16
_MOST = 16_384
"""Among more equal scores than this the engine chooses, not the id."""


def description(model: ModelId) -> dict[str, Any]:
    """What is written beside the points when a collection is made."""
    return {"schema": VERSION, "embedder": asdict(model)}


def check_description(found: object, model: ModelId, where: str) -> None:
    """Raises IndexMismatch when points described like this are of no use to this embedder."""
    expected, remedy = description(model), "run `manage.py index rebuild`."
    described = found if isinstance(found, Mapping) else {}
    if described.get("schema") != VERSION:
        raise IndexMismatch(
            f"The index in {where} has schema {described.get('schema')} and this program writes {VERSION}: {remedy}"
        )
    embedder = described.get("embedder")
    if embedder != expected["embedder"]:
        built = embedder.get("name", "?") if isinstance(embedder, Mapping) else "?"
        kind = "another version of " if built == model.name else ""
        raise IndexMismatch(
            f"The index in {where} was built by {kind}{built}, and the embedder is {model.name} now: {remedy}"
        )


def best(fetch: Callable[[int], list[Hit]], limit: int) -> list[Hit]:
    """The first `limit` hits by score, equal scores by id.

    An engine cuts through a run of equal scores wherever it likes, so more is fetched until the run has ended.
    """
    if limit <= 0:
        return []
    asked = limit + _SLACK
    hits = fetch(asked)
    while len(hits) == asked and asked < _MOST and hits[-1].score == hits[limit - 1].score:
        asked = min(_MOST, asked * 4)
        hits = fetch(asked)
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:limit]
