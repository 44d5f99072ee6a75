"""A Qdrant server's REST face over the client's local mode: `python -m tests.servers.qdrant_double PORT`.

Knows the requests that ServerVectorStore and ServerIndex make, keeps everything in memory, and checks nothing that
a real server would not. Prints one line when it listens.
"""

import json
import re
import sys
import time
import warnings
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter
from qdrant_client import QdrantClient, models

warnings.filterwarnings("ignore", message="Payload indexes have no effect")

Handler = Callable[["Double", str, Any], Any]


class Double:
    """The requests, one at a time: local mode is not made for threads."""

    def __init__(self) -> None:
        self.client = QdrantClient(":memory:")
        self._lock = Lock()

    def answer(self, method: str, path: str, body: Any) -> Any:
        """The `result` of a response. Raises KeyError for an unknown path, ValueError for what Qdrant refuses."""
        for wanted, pattern, handler in ROUTES:
            if method == wanted and (found := re.fullmatch(pattern, path)):
                with self._lock:
                    return handler(self, found[1] if found.groups() else "", body)
        raise KeyError(path)


def _create(double: Double, name: str, body: Any) -> bool:
    if double.client.collection_exists(name):
        raise FileExistsError(f"Wrong input: Collection `{name}` already exists!")
    made = models.CreateCollection.model_validate(body)
    return double.client.create_collection(
        name,
        vectors_config=made.vectors,
        sparse_vectors_config=made.sparse_vectors,
        metadata=made.metadata,
    )


def _upsert(double: Double, name: str, body: Any) -> Any:
    points = TypeAdapter(list[models.PointStruct]).validate_python(body["points"])
    return double.client.upsert(name, points)


def _delete(double: Double, name: str, body: Any) -> Any:
    selector = TypeAdapter(models.FilterSelector | models.PointIdsList).validate_python(body)
    return double.client.delete(name, selector)


def _batch(double: Double, name: str, body: Any) -> Any:
    operations = TypeAdapter(list[models.UpdateOperation]).validate_python(body["operations"])
    return double.client.batch_update_points(name, operations)


def _scroll(double: Double, name: str, body: Any) -> Any:
    asked = models.ScrollRequest.model_validate(body)
    points, following = double.client.scroll(
        name,
        scroll_filter=asked.filter,
        limit=asked.limit or 10,
        offset=asked.offset,
        with_payload=True if asked.with_payload is None else asked.with_payload,
    )
    return {"points": points, "next_page_offset": following}


def _query(double: Double, name: str, body: Any) -> Any:
    asked = models.QueryRequest.model_validate(body)
    query = asked.query.nearest if isinstance(asked.query, models.NearestQuery) else asked.query
    return double.client.query_points(
        name, query=query, using=asked.using, query_filter=asked.filter, limit=asked.limit or 10, with_payload=True
    )


def _aliases(double: Double, _name: str, body: Any) -> Any:
    return double.client.update_collection_aliases(models.ChangeAliasesOperation.model_validate(body).actions)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", r"/", lambda _double, _name, _body: {"title": "qdrant - vector search engine", "version": "1.20.0"}),
    ("GET", r"/collections/([^/]+)/exists", lambda d, name, _: {"exists": d.client.collection_exists(name)}),
    ("GET", r"/collections", lambda d, _name, _body: d.client.get_collections()),
    ("GET", r"/aliases", lambda d, _name, _body: d.client.get_aliases()),
    ("POST", r"/collections/aliases", _aliases),
    ("GET", r"/collections/([^/]+)", lambda d, name, _: d.client.get_collection(name)),
    ("PUT", r"/collections/([^/]+)", _create),
    ("DELETE", r"/collections/([^/]+)", lambda d, name, _: d.client.delete_collection(name)),
    ("PUT", r"/collections/([^/]+)/index", lambda *_: {"operation_id": 0, "status": "completed"}),
    ("PUT", r"/collections/([^/]+)/points", _upsert),
    ("POST", r"/collections/([^/]+)/points/delete", _delete),
    ("POST", r"/collections/([^/]+)/points/batch", _batch),
    ("POST", r"/collections/([^/]+)/points/scroll", _scroll),
    ("POST", r"/collections/([^/]+)/points/query", _query),
    ("POST", r"/collections/([^/]+)/points/count", lambda d, name, _: d.client.count(name)),
)


class Rest(BaseHTTPRequestHandler):
    """JSON in, JSON out, in Qdrant's envelope."""

    protocol_version = "HTTP/1.1"
    double: Double

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Quiet: the tests that start it read its output."""

    def _answer(self) -> None:
        started = time.monotonic()
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path = urlsplit(self.path).path
        try:
            result = self.double.answer(self.command, path, body)
        except KeyError:
            self._send(404, {"status": {"error": f"not known here: {self.command} {path}"}})
        except FileExistsError as error:
            self._send(409, {"status": {"error": str(error)}})
        except ValueError as error:
            self._send(404 if "not found" in str(error) else 400, {"status": {"error": str(error)}})
        else:
            plain = result if path != "/" else {}
            extra = result if path == "/" else {}
            self._send(200, {"result": plain, "status": "ok", "time": time.monotonic() - started, **extra})

    def _send(self, status: int, value: dict[str, Any]) -> None:
        payload = json.dumps(value, default=_plain).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    raise TypeError(f"{type(value).__name__} has no JSON")


def serve(port: int) -> ThreadingHTTPServer:
    """A server on the loopback address, not running yet; port 0 takes a free one."""
    handler = type("RestOfOneDouble", (Rest,), {"double": Double()})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main() -> None:
    server = serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
