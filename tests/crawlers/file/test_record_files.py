"""Record files and every way in which they can be bad: the good lines are kept, the others named."""

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from crawlers.file import policies_for, read_files
from ibcm.domain.errors import ConfigurationError, IbcmError, PolicyError
from ibcm.domain.policy import SourcePolicy
from tests.crawlers.file.reading import PLACE, POLICY, Folder


def place(key: str, **changes: Any) -> dict[str, Any]:
    return {**PLACE, "key": key, **changes}


def test_good_lines_are_kept_in_order(folder: Folder) -> None:
    folder.write("source.yaml", POLICY)
    folder.lines("b.jsonl", place("2"), place("3"))
    folder.write("a.jsonl.gz", gzip.compress((json.dumps(place("1")) + "\n\n").encode()))
    found = folder.read()
    assert [record.key for record in found.records] == ["1", "2", "3"]
    assert not found.rejected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{not json", "not a JSON object"),
        ("[1, 2]", "a record is a JSON object"),
        ('{"a": NaN}', "NaN is not JSON"),
        (json.dumps(place("x", kind="planet")), "field kind"),
        (json.dumps(place("x", data={"name": 7})), "field data.name"),
        (json.dumps(place("x", data={"name": "X", "lat": 120, "lon": 10})), "field data.lat"),
        (json.dumps(place("x", data={"name": "X", "lat": 12})), "lat and lon come together"),
        (json.dumps(place("x", data={"name": "X", "lat": 0, "lon": 0})), "filler"),
        (json.dumps(place("x", colour="blue")), "unknown key 'colour'"),
        (json.dumps(place("x", retrieved_at="yesterday")), "field retrieved_at"),
        (json.dumps(place("x", retrieved_at="2026-01-02T00:00:00")), "timezone"),
        (json.dumps(place("x", url="ftp://x")), "must start with http"),
        (json.dumps(place("x\u0007")), "control characters"),
        (json.dumps(place("x", source="Not A Slug")), "field source"),
        (json.dumps(place("x", source="theirs")), "'theirs' in a.jsonl has no policy"),
        (json.dumps(place("x", data={"name": "zero \u0000"})), "zero character"),
        ('{"source": "ours", "x": "\\ud800"}', "surrogate"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps(place("x", data={"name": "X", "rating": 11})), "field data.rating"),
    ],
)
def test_a_bad_line_is_named_and_the_good_ones_kept(folder: Folder, line: str, says: str) -> None:
    folder.write("source.yaml", POLICY)
    folder.write("a.jsonl", "\n".join([json.dumps(place("1")), line, json.dumps(place("2")), ""]))
    found = folder.read()
    assert [record.key for record in found.records] == ["1", "2"]
    assert len(found.rejected) == 1
    assert found.rejected[0].where.endswith("a.jsonl line 2")
    assert says in found.rejected[0].message


def test_a_line_in_another_encoding_is_named(folder: Folder) -> None:
    folder.write("source.yaml", POLICY)
    latin = json.dumps(place("2", data={"name": "Café"}), ensure_ascii=False).encode("latin-1")
    folder.write("a.jsonl", json.dumps(place("1")).encode() + b"\n" + latin + b"\n" + json.dumps(place("3")).encode())
    found = folder.read()
    assert [record.key for record in found.records] == ["1", "3"]
    assert "line 2" in found.told
    assert "save the file as UTF-8" in found.told


def test_a_byte_order_mark_is_no_matter(folder: Folder) -> None:
    folder.write("source.yaml", POLICY)
    folder.write("a.jsonl", json.dumps(place("1")).encode("utf-8-sig"))
    assert [record.key for record in folder.read().records] == ["1"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        ((json.dumps(PLACE) + "\n").encode("utf-16"), "is encoded as UTF-16"),
        (b"\x7fELF\0\0\0\1" * 100, "not a text file"),
        (b"PK\x03\x04rest", "is a zip archive"),
        (gzip.compress(json.dumps(PLACE).encode() * 100)[:150], "broken"),
        (b"\x1f\x8bnot gzip", "broken"),
        (gzip.compress((b" " * 1000 + b"\n") * 20_000), "decompression bomb"),
    ],
)
def test_a_file_that_is_none_is_said_and_others_are_read(folder: Folder, content: bytes, says: str) -> None:
    folder.write("source.yaml", POLICY)
    folder.write("a.jsonl", content)
    folder.lines("b.jsonl", place("1"))
    found = folder.read()
    assert [record.key for record in found.records] == ["1"]
    assert says in found.told
    assert "a.jsonl" in found.told


def test_a_line_without_end_is_skipped_not_swallowed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.file.text.MAX_LINE", 2_000)
    folder.write("source.yaml", POLICY)
    long = json.dumps(place("2", data={"name": "x", "description": "y" * 3_000_000}))
    folder.write("a.jsonl", "\n".join([json.dumps(place("1")), long, json.dumps(place("3"))]))
    found = folder.read()
    assert [record.key for record in found.records] == ["1", "3"]
    assert "line 2: the line is longer" in found.told


def test_a_large_file_takes_no_memory(folder: Folder) -> None:
    folder.write("source.yaml", POLICY)
    path = folder.write("a.jsonl.gz", b"")
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as out:
        for number in range(5_000):
            out.write(
                json.dumps(place(str(number), data={"name": f"Place {number}", "note": f"{number:x}" * 100})) + "\n"
            )
    tracemalloc.start()
    count = sum(1 for _ in read_files([path], policies={}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 5_000
    assert peak < 8 * 1024 * 1024


def test_a_source_without_policy_is_told_what_to_write(folder: Folder) -> None:
    folder.lines("a.jsonl", place("1"))
    with pytest.raises(PolicyError, match=r"source 'ours'.*no policy: write a source.yaml"):
        folder.read()


def test_a_known_policy_suffices(folder: Folder) -> None:
    path = folder.lines("a.jsonl", place("1"))
    known = {"ours": SourcePolicy(name="Ours", licence="CC0-1.0", attribution="Us")}
    assert len(list(read_files([path], policies=known))) == 1


def test_policies_of_several_sources_and_of_folders_above(folder: Folder) -> None:
    folder.write("source.yaml", "ours: {name: Ours, licence: CC0-1.0}\ntheirs: {name: Theirs, licence: MIT}\n")
    folder.lines("deep/er/a.jsonl", place("1"), place("2", source="theirs"))
    assert set(policies_for([folder.path])) == {"ours", "theirs"}
    assert len(folder.read().records) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("licence: MIT", "name: Field required"),
        ("name: Ours\nlicense: MIT", "unknown key 'license'"),
        ("name: Ours\ntrust: 7", "trust"),
        ("name: [", "line"),
        ("", "must say the terms"),
    ],
)
def test_a_wrong_policy_names_its_key(folder: Folder, text: str, says: str) -> None:
    folder.write("source.yaml", text)
    folder.lines("a.jsonl", place("1"))
    with pytest.raises((ConfigurationError, PolicyError), match=says) as error:
        folder.read()
    assert "source.yaml" in str(error.value)


def test_two_different_terms_of_one_source_are_refused(folder: Folder) -> None:
    for name, licence in (("a", "MIT"), ("b", "CC0-1.0")):
        folder.write(f"{name}/source.yaml", f"ours: {{name: Ours, licence: {licence}}}")
        folder.lines(f"{name}/r.jsonl", place("1"))
    with pytest.raises(PolicyError, match="different terms"):
        folder.read()


def test_paths_that_cannot_be_read(folder: Folder) -> None:
    folder.write("notes.txt", "x")
    with pytest.raises(IbcmError, match="does not exist"):
        folder.read(folder.path / "nowhere")
    with pytest.raises(IbcmError, match="holds no file that can be read"):
        folder.read(folder.path)
    assert "is no record file" in folder.read(folder.path / "notes.txt").told


def test_links_in_a_circle_end(folder: Folder) -> None:
    folder.write("source.yaml", POLICY)
    folder.lines("in/a.jsonl", place("1"))
    Path(folder.path / "in" / "up").symlink_to(folder.path, target_is_directory=True)
    Path(folder.path / "in" / "gone.jsonl").symlink_to(folder.path / "nothing")
    assert [record.key for record in folder.read().records] == ["1"]


def test_a_file_of_something_else_is_given_up(folder: Folder) -> None:
    folder.write("source.yaml", POLICY)
    folder.write("a.jsonl", "x\n" * 5_000)
    found = folder.read()
    assert len(found.rejected) == 1_001
    assert "not read further" in found.told
