"""Vectors on a cluster: a Qdrant server or cluster (1.16 or newer) through its own client."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from ibcm.domain.errors import EngineError
from retrieval.embedders.base import Matrix, ModelId
from retrieval.vectors import bm25, schema
from retrieval.vectors.base import Hit, Payload, Point, Where

_TIMEOUT_S = 30
_PAGE = 5_000
_TRY_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class ServerVectorStore:
    """One collection, or the alias of one. Its description lies in the collection's metadata. Safe to share."""

    def __init__(self, url: str, api_key: str | None, collection: str, *, client: QdrantClient | None = None) -> None:
        """`client` replaces the one that would be made for `url`. Nothing is asked of the server here."""
        self._where = f"collection {collection} at {url}"
        self._name = collection
        self._borrowed = client is not None
        self._client = client or QdrantClient(
            url=url, api_key=api_key, timeout=_TIMEOUT_S, check_compatibility=False, cloud_inference=False
        )

    # -- life -----------------------------------------------------------------------------------------------
    def prepare(self, model: ModelId) -> None:
        """Create the collection and its payload indexes, or check the one there is. Raises IndexMismatch."""
        with self._server("prepare"):
            if not self._client.collection_exists(self._name):
                self._create(self._name, model)
            found = self._client.get_collection(self._name).config.metadata
        schema.check_description(found, model, self._where)

    def clear(self) -> None:
        """Remove the collection; `prepare` makes it anew."""
        with self._server("remove"):
            self._client.delete_collection(self._name)

    def close(self) -> None:
        """Release the connections unless they were lent; nothing may be called afterwards."""
        if not self._borrowed:
            self._client.close()

    def optimize(self) -> None:
        """Nothing to do: the server optimises by itself and goes on answering meanwhile."""

    # -- writing --------------------------------------------------------------------------------------------
    def upsert(self, points: Sequence[Point]) -> None:
        """Write points under their ids; the server has them on disk once this returns."""
        if points:
            with self._server("write to"):
                self._client.upsert(self._name, [_to_server(point) for point in points], wait=True)

    def set_payloads(self, payloads: Mapping[str, Payload]) -> None:
        """Point id -> the payload that replaces its own; vectors stay. Unknown ids are no error."""
        if payloads:
            operations = [
                models.OverwritePayloadOperation(
                    overwrite_payload=models.SetPayload(payload=dict(payload), points=[id_])
                )
                for id_, payload in payloads.items()
            ]
            with self._server("write to"):
                self._client.batch_update_points(self._name, operations, wait=True)

    def delete_records(self, records: Sequence[str]) -> None:
        """Remove every point of these records (`source:key`)."""
        if records:
            selector = models.FilterSelector(filter=_records_filter(records))
            with self._server("delete from"):
                self._client.delete(self._name, selector, wait=True)

    def delete_points(self, ids: Sequence[str]) -> None:
        """Remove these points; unknown ids are no error."""
        if ids:
            with self._server("delete from"):
                self._client.delete(self._name, models.PointIdsList(points=list(ids)), wait=True)

    # -- reading --------------------------------------------------------------------------------------------
    def points_of_records(self, records: Sequence[str]) -> Mapping[str, Mapping[str, Payload]]:
        """record -> id of each of its points -> payload; records without points are missing."""
        found: dict[str, dict[str, Payload]] = {}
        if records:
            for id_, payload in self._scroll(_records_filter(records), with_payload=True):
                found.setdefault(str(payload[schema.RECORD]), {})[id_] = payload
        return found

    def records(self) -> set[str]:
        """Every record that has a point."""
        return {str(payload[schema.RECORD]) for _, payload in self._scroll(None, with_payload=[schema.RECORD])}

    def dense(self, vector: Matrix, *, where: Where, limit: int) -> list[Hit]:
        """Nearest by cosine, best first, ties by id."""
        return self._best(vector.tolist(), schema.DENSE, where, limit)

    def bm25(self, text: str, *, where: Where, limit: int) -> list[Hit]:
        """Best by BM25, best first, ties by id; nothing when no word matches."""
        words = bm25.query(text)
        if not words.indices:
            return []
        vector = models.SparseVector(indices=words.indices, values=words.values)
        return self._best(vector, schema.BM25, where, limit)

    def count(self) -> int:
        """How many points there are."""
        with self._server("read"):
            return self._client.count(self._name, exact=True).count

    # -- inside ---------------------------------------------------------------------------------------------
    def _create(self, name: str, model: ModelId) -> None:
        size = models.VectorParams(size=model.dimensions, distance=models.Distance.COSINE)
        try:
            self._client.create_collection(
                name,
                vectors_config={schema.DENSE: size},
                sparse_vectors_config={schema.BM25: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                metadata=schema.description(model),
            )
        except UnexpectedResponse:
            if not self._client.collection_exists(name):  # else another process was faster
                raise
        fields = dict.fromkeys(schema.KEYWORDS, models.PayloadSchemaType.KEYWORD)
        fields |= {schema.PLACE: models.PayloadSchemaType.GEO, schema.EXPIRY: models.PayloadSchemaType.FLOAT}
        for field, kind in fields.items():
            self._client.create_payload_index(name, field, field_schema=kind, wait=True)

    def _best(self, query: Any, using: str, where: Where, limit: int) -> list[Hit]:
        filter_ = _filter_of(where)

        def fetch(asked: int) -> list[Hit]:
            found = self._client.query_points(
                self._name, query=query, using=using, query_filter=filter_, limit=asked, with_payload=True
            )
            return [Hit(str(point.id), point.score, point.payload or {}) for point in found.points]

        with self._server("search"):
            return schema.best(fetch, limit)

    def _scroll(
        self, filter_: models.Filter | None, *, with_payload: bool | list[str]
    ) -> Iterator[tuple[str, Payload]]:
        offset: Any = None
        while True:
            with self._server("read"):
                page, offset = self._client.scroll(
                    self._name, scroll_filter=filter_, limit=_PAGE, offset=offset, with_payload=with_payload
                )
            for row in page:
                yield str(row.id), row.payload or {}
            if offset is None:
                return

    @contextmanager
    def _server(self, doing: str) -> Iterator[None]:
        try:
            yield
        except ResponseHandlingException as error:
            raise EngineError(
                f"Could not {doing} {self._where}: the server did not answer ({error}). "
                "Check that it runs and that IBCM_QDRANT_URL is right.",
                transient=True,
            ) from error
        except UnexpectedResponse as error:
            hint = ": check IBCM_QDRANT_API_KEY" if error.status_code in {401, 403} else f": {_said(error)}"
            raise EngineError(
                f"Could not {doing} {self._where}, it answered {error.status_code}{hint}.",
                transient=error.status_code in _TRY_AGAIN,
            ) from error
        except (ApiException, ValueError, RuntimeError) as error:  # the last two: the client's own checks
            raise EngineError(f"Could not {doing} {self._where}: {error}") from error


def _said(error: UnexpectedResponse) -> str:
    return error.content.decode("utf-8", "replace")[:300] or str(error.reason_phrase)


def _to_server(point: Point) -> models.PointStruct:
    words = bm25.document(point.text)
    vectors: dict[str, Any] = {schema.DENSE: point.dense.tolist()}
    if words.indices:
        vectors[schema.BM25] = models.SparseVector(indices=words.indices, values=words.values)
    return models.PointStruct(id=point.id, vector=vectors, payload=dict(point.payload))


def _filter_of(where: Where) -> models.Filter | None:
    must: list[models.Condition] = [
        models.FieldCondition(
            key=field, match=models.MatchAny(any=[wanted] if isinstance(wanted, str) else list(wanted))
        )
        for field, wanted in where.equals.items()
    ]
    if where.near is not None:
        lat, lon, radius = where.near
        circle = models.GeoRadius(center=models.GeoPoint(lat=lat, lon=lon), radius=radius)
        must.append(models.FieldCondition(key=schema.PLACE, geo_radius=circle))
    must_not: list[models.Condition] = []
    if where.not_expired_at is not None:  # said as an exclusion, so that points without the field stay
        past = models.Range(lte=where.not_expired_at)
        must_not.append(models.FieldCondition(key=schema.EXPIRY, range=past))
    return models.Filter(must=must, must_not=must_not) if must or must_not else None


def _records_filter(records: Sequence[str]) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key=schema.RECORD, match=models.MatchAny(any=list(records)))])
