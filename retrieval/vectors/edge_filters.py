"""`Where` in Qdrant Edge's words."""

from collections.abc import Sequence
from typing import Any

import qdrant_edge as qdrant

from retrieval.vectors import schema
from retrieval.vectors.base import Where


def filter_of(where: Where) -> qdrant.Filter | None:
    """None when nothing is asked."""
    must: list[Any] = [
        qdrant.FieldCondition(field, match=qdrant.MatchAny([wanted] if isinstance(wanted, str) else list(wanted)))
        for field, wanted in where.equals.items()
    ]
    if where.near is not None:
        lat, lon, radius = where.near
        circle = qdrant.GeoRadius(center=qdrant.GeoPoint(lat=lat, lon=lon), radius=radius)
        must.append(qdrant.FieldCondition(schema.PLACE, geo_radius=circle))
    must_not: list[Any] = []
    if where.not_expired_at is not None:  # said as an exclusion, so that points without the field stay
        past = qdrant.RangeFloat(lte=where.not_expired_at)
        must_not.append(qdrant.FieldCondition(schema.EXPIRY, range=past))
    return qdrant.Filter(must=must, must_not=must_not) if must or must_not else None


def records_filter(records: Sequence[str]) -> qdrant.Filter:
    """Points of any of these records."""
    return qdrant.Filter(must=[qdrant.FieldCondition(schema.RECORD, match=qdrant.MatchAny(list(records)))])
