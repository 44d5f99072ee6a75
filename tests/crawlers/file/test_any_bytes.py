"""Whatever a file holds, reading it ends in records and rejections, never in a stack trace."""

import gzip
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.base import Rejected
from crawlers.file import read_files
from ibcm.config import load_scope
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord, content_hash
from tests.crawlers.file.reading import PLACE
from tests.crawlers.file.test_gtfs import WHOLE, zipped

SCOPE = load_scope()
POLICIES = {"ours": SourcePolicy(name="Ours", licence="CC0-1.0", attribution="Us")}
MAPPING = """
sources: {ours: {name: Ours, licence: CC0-1.0, attribution: Us}}
retrieved_at: 2026-01-02
tables:
  - files: "*.zip"
    format: gtfs
    gtfs: {city: pune}
  - records:
      - {kind: place, key: "{id}", data: {name: name, lat: {column: lat, transform: number}, lon: lon}}
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def read(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, mapping = Path(folder, name), Path(folder, "map.yaml")
        path.write_bytes(content)
        mapping.write_text(MAPPING)
        plain = name.startswith("records")
        for item in read_files([path], None if plain else mapping, policies=POLICIES, scope=SCOPE):
            assert isinstance(item, SourceRecord | Rejected)
            if isinstance(item, SourceRecord):
                content_hash(item)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(content: bytes) -> None:
    for name in ("records.jsonl", "t.jsonl", "t.geojson", "t.zip"):
        read(name, content)
    read("t.csv", b"id,name,lat,lon\n" + content)
    read("records.jsonl.gz", b"\x1f\x8b" + content)
    read("records.jsonl.gz", gzip.compress(content)[: len(content)])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*PLACE, "links", "url", "city", "valid_from", "deleted"]), JSON))
def test_any_record(changes: dict[str, object]) -> None:
    read("records.jsonl", (json.dumps(PLACE) + "\n" + json.dumps({**PLACE, **changes})).encode())


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.integers(0, 300), st.text(max_size=12))
def test_any_change_of_a_feed(name: str, position: int, by: str) -> None:
    text = WHOLE[name]
    changed = (text[:position] + by + text[position + len(by) :]).encode("utf-8", "replace")
    read("t.zip", zipped({**WHOLE, name: changed}))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=8))
def test_any_damage_of_an_archive(position: int, by: bytes) -> None:
    whole = zipped(WHOLE)
    position %= len(whole)
    read("t.zip", whole[:position] + by + whole[position + len(by) :])
