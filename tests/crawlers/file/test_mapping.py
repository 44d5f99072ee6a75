"""Tables into records: every feature of a mapping, and every way in which table or mapping can be wrong."""

import gzip
import json
from pathlib import Path

import pytest

from crawlers.file import policies_for
from ibcm.domain.errors import ConfigurationError, IbcmError
from tests.crawlers.file.reading import Folder

NAME_ONLY = """
- kind: place
  key: id
  data: {name: name}
"""


def test_columns_constants_transforms_templates(folder: Folder) -> None:
    found = folder.table(
        'id,name,city,cuisines,price,rating\n7," Blue  Door ",Bengaluru,"Thai, Thai,Lao",₹300,-\n',
        """
- kind: place
  key: "place-{id}"
  city: {column: city, transform: city}
  url: "https://example.org/{name|slug}"
  language: en
  valid_from: {value: 2020-01-01}
  data:
    name: {column: name, transform: strip}
    category: {value: restaurant}
    cuisine: {column: cuisines, transform: [split, unique]}
    price_for_two: {column: price, transform: number}
    rating: {column: rating, transform: number, null_if: ["-"]}
    ids.till: id
    names: {hi: {value: नीला}}
    aliases: [name, {value: Door}]
    wifi: true
""",
    )
    (record,) = found.records
    assert record.ref == "ours:place-7"
    assert record.city == "bangalore"
    assert record.url == "https://example.org/blue-door"
    assert str(record.valid_from) == "2020-01-01"
    assert record.retrieved_at.isoformat() == "2026-01-02T00:00:00+00:00"
    assert record.data == {
        "name": "Blue Door",
        "category": "restaurant",
        "cuisine": ["Thai", "Lao"],
        "price_for_two": 300.0,
        "ids": {"till": "7"},
        "names": {"hi": "नीला"},
        "aliases": ["Blue  Door", "Door"],
        "wifi": True,
    }


def test_blank_and_filler_values_are_nothing(folder: Folder) -> None:
    found = folder.table(
        "id,name,phone,email\n1,A,, NaN \n",
        NAME_ONLY.replace("{name: name}", "{name: name, phone: phone, email: email}"),
        table="null_if: [nan]",
    )
    assert found.records[0].data == {"name": "A"}


def test_a_bad_value_names_line_and_field_and_others_stay(folder: Folder) -> None:
    found = folder.table(
        "id,name,beds\n1,A,10\n2,B,many\n3,C,30\n",
        NAME_ONLY.replace("name: name", "name: name, beds: {column: beds, transform: integer}"),
    )
    assert [record.key for record in found.records] == ["1", "3"]
    assert "t.csv line 3: field data.beds: 'many' is not a number: add it to null_if" in found.told


def test_one_row_may_give_several_records_and_links(folder: Folder) -> None:
    found = folder.table(
        'no,date,company,investors,amount\n1,09/01/2020,Acme,"Bee, Cee","20,00,000"\n2,10/01/2020,Acme,Bee,\n',
        """
- kind: organization
  key: "company-{company|slug}"
  once: true
  data: {name: company}
- kind: organization
  key: "investor-{investor|slug}"
  once: true
  each: {as: investor, column: investors, transform: split}
  data: {name: investor}
- kind: funding
  key: "round-{no}"
  data:
    date: {column: date, transform: {date: "%d/%m/%Y"}}
    amount: {column: amount, transform: number}
  links:
    - {rel: raised_by, key: "company-{company|slug}"}
    - rel: invested_by
      each: {as: investor, column: investors, transform: split}
      key: "investor-{investor|slug}"
      data: {share: {value: unknown}}
""",
    )
    assert not found.rejected
    assert [record.key for record in found.records] == [
        "company-acme", "investor-bee", "investor-cee", "round-1", "round-2",
    ]  # fmt: skip
    first = found.records[3]
    assert first.data["amount"] == 2_000_000
    assert [(link.rel, link.key) for link in first.links] == [
        ("raised_by", "company-acme"),
        ("invested_by", "investor-bee"),
        ("invested_by", "investor-cee"),
    ]
    assert first.links[1].data == {"share": "unknown"}


def test_where_and_require_choose_rows(folder: Folder) -> None:
    found = folder.table(
        "id,name,kind,city\n1,A,x,Pune\n2,B,y,Pune\n3,C,z,Pune\n4,D,x,Atlantis\n",
        """
- kind: place
  key: id
  where: {kind: [x, z]}
  city: {column: city, transform: city}
  require: [city, data.name]
  data: {name: name}
""",
    )
    assert [record.key for record in found.records] == ["1", "3"]
    assert not found.rejected


def test_coordinates_that_rows_share_are_centroids(folder: Folder) -> None:
    rows = "".join(f"{n},P{n},19.0,72.8\n" for n in range(3)) + "9,Own,19.1,72.9\n"
    spec = NAME_ONLY.replace(
        "name: name", "name: name, lat: {column: lat, transform: number}, lon: {column: lon, transform: number}"
    )
    found = folder.table("id,name,lat,lon\n" + rows, spec, table="shared_coordinates: {from: 3}")
    assert [record.data.get("coordinate_precision") for record in found.records] == ["centroid"] * 3 + [None]


def test_impossible_and_filler_coordinates(folder: Folder) -> None:
    spec = NAME_ONLY.replace(
        "name: name", "name: name, lat: {column: lat, transform: number}, lon: {column: lon, transform: number}"
    )
    found = folder.table("id,name,lat,lon\n1,A,119,72\n2,B,0,0\n3,C,19,72\n", spec)
    assert [record.key for record in found.records] == ["3"]
    assert "line 2: field data.lat" in found.told
    assert "line 3: field data: 0,0 is a filler" in found.told


ROUTES = """
tables:
  - files: "{place}_routes.csv"
    groups:
      stops:
        file: "{place}_route_stops.csv"
        match: route
        directions: {pattern: pattern, order: seq, stop: stop}
      times: {file: "{place}_times.csv", match: {route: line}}
    records:
      - kind: route
        key: "{place}-{route}"
        data:
          name: name
          first:
            group: times
            of: first
            where: {stop: {group: stops, of: stop, transform: first}}
            transform: [first, time]
        links:
          - {rel: serves, each: stops, key: stop, data: {sequence: sequence, direction: direction}}
"""


def test_joined_tables_give_directions_and_times(folder: Folder) -> None:
    folder.write("here_routes.csv", "route,name\n1,Red\n2,Lonely\n")
    rows = [
        "route,pattern,seq,stop",
        *(f"1,out,{n},{s}" for n, s in enumerate("abcd")),
        *(f"1,short,{n},{s}" for n, s in enumerate("bcx")),
    ]
    rows += [f"1,back,{n},{s}" for n, s in enumerate("dcba")]
    folder.write("here_route_stops.csv", "\n".join(rows))
    folder.write("here_times.csv", "line,stop,first\n1,b,0700\n1,a,0636\n")
    found = folder.read(folder.path, mapping=folder.mapping(ROUTES))
    assert not found.rejected
    red, lonely = found.records
    assert red.key == "here-1"
    assert red.data["first"] == "06:36"
    serves = [(link.key, link.data.get("sequence"), link.data["direction"]) for link in red.links]
    assert serves == [
        ("a", 1, 0), ("b", 2, 0), ("c", 3, 0), ("d", 4, 0), ("x", None, 0),
        ("d", 1, 1), ("c", 2, 1), ("b", 3, 1), ("a", 4, 1),
    ]  # fmt: skip
    assert lonely.links == []


def test_a_missing_joined_table_is_said(folder: Folder) -> None:
    folder.write("here_routes.csv", "route,name\n1,Red\n")
    with pytest.raises(IbcmError, match=r"here_route_stops.csv is missing: the mapping joins it"):
        folder.read(folder.path, mapping=folder.mapping(ROUTES))


def test_rows_of_one_table_gathered_by_a_column(folder: Folder) -> None:
    found = folder.table(
        "line,train,way,n,stop\nslow,1,down,1,a\nslow,1,down,2,b\nslow,2,up,1,b\nslow,2,up,2,a\nfast,3,down,1,a\n",
        """
- kind: route
  key: line
  data: {name: line}
  links:
    - {rel: serves, each: rows, key: stop, data: {sequence: sequence, direction: direction}}
""",
        table="group_by: [line]\ngroups: {rows: {directions: {pattern: train, direction: way, order: n, stop: stop}}}",
    )
    slow = found.records[0]
    assert [(link.key, link.data["sequence"], link.data["direction"]) for link in slow.links] == [
        ("a", 1, 0), ("b", 2, 0), ("b", 1, 1), ("a", 2, 1),
    ]  # fmt: skip
    assert [record.key for record in found.records] == ["slow", "fast"]


def test_tsv_json_lines_and_geojson(folder: Folder) -> None:
    spec = 'kind: place\n        key: "{id}"\n        data: {name: name, lat: lat, lon: lon}'
    mapping = folder.mapping(f"tables:\n  - records:\n      - {spec}\n")
    folder.write("a.tsv", 'id\tname\tlat\tlon\n1\tTab "quoted"\t1.5\t2.5\n')
    folder.write("b.jsonl.gz", gzip.compress(json.dumps({"id": 2, "name": "Line", "lat": 1, "lon": 2}).encode()))
    point = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [2, 1]},
        "properties": {"id": 3, "name": "Dot"},
    }
    broken = {"type": "Feature", "geometry": {"type": "Point"}, "properties": {"id": 4, "name": "No"}}
    folder.write("c.geojson", json.dumps({"type": "FeatureCollection", "features": [point, broken]}))
    found = folder.read(folder.path, mapping=mapping)
    assert [(record.key, record.data["name"], record.data["lat"]) for record in found.records] == [
        ("1", 'Tab "quoted"', 1.5),
        ("2", "Line", 1.0),
        ("3", "Dot", 1.0),
    ]
    assert "c.geojson feature 2: its point has no coordinates" in found.told


def test_polygons_come_as_geometry(folder: Folder) -> None:
    ring = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    feature = {"type": "Feature", "id": "w1", "geometry": ring, "properties": {"ward": "North"}}
    folder.write("w.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    mapping = folder.mapping(
        "tables:\n  - records:\n      - {kind: area, key: id, data: {name: ward, polygon: geometry}}\n"
    )
    assert folder.read(folder.path / "w.geojson", mapping=mapping).records[0].data["polygon"] == ring


@pytest.mark.parametrize(
    ("content", "says", "keys"),
    [
        ("id,name\n1,A\n2\n3,C\n", "line 3: the row has 1 values where the header names 2", ["1", "3"]),
        ("id,name\n1,A\n2,B,x\n3,C\n", "line 3: the row has 3 values", ["1", "3"]),
        ("id,name\n1,A,,\n", "", ["1"]),
        ("id,name,id\n1,A,2\n", "names column 'id' twice", []),
        ("", "the file is empty", []),
        ("id,name\n,Nobody\n", "field key: the column of the key is empty", []),
        ("id,name\n1,\n", "field data.name: Field required", []),
    ],
)
def test_tables_with_bad_rows(folder: Folder, content: str, says: str, keys: list[str]) -> None:
    found = folder.table(content, NAME_ONLY)
    assert [record.key for record in found.records] == keys
    assert says in found.told


def test_encodings(folder: Folder) -> None:
    latin = "id,name\n1,Café\n2,Bar\n".encode("latin-1")
    path = folder.write("t.csv", latin)
    found = folder.read(path, mapping=folder.mapping(f"tables:\n  - records:\n{_indented(NAME_ONLY)}"))
    assert [record.key for record in found.records] == ["2"]
    assert "line 2: byte 6 is not utf-8" in found.told
    named = folder.read(
        path, mapping=folder.mapping(f"tables:\n  - encoding: latin-1\n    records:\n{_indented(NAME_ONLY)}")
    )
    assert named.records[0].data["name"] == "Café"
    folder.write("t.csv", "id,name\n1,A\n".encode("utf-16"))
    assert "is encoded as UTF-16" in folder.read(path, mapping=folder.path / "map.yaml").told
    folder.write("t.csv", "\ufeffid,name\n1,A\n")
    assert [record.key for record in folder.read(path, mapping=folder.path / "map.yaml").records] == ["1"]


def _indented(rules: str) -> str:
    return "".join(f"      {line}\n" for line in rules.strip().splitlines())


@pytest.mark.parametrize("content", ["{", "[]", '{"type": "FeatureCollection"}', '{"features": 7}'])
def test_what_is_no_geojson(folder: Folder, content: str) -> None:
    folder.write("a.geojson", content)
    mapping = folder.mapping(f"tables:\n  - records:\n{_indented(NAME_ONLY)}")
    found = folder.read(folder.path / "a.geojson", mapping=mapping)
    assert not found.records
    assert "not GeoJSON" in found.told


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "tables: [{records: [{kind: place, key: id, data: {name: {column: name, transform: shout}}}]}]",
            "tables.0.records.0.data.name: unknown transform 'shout'",
        ),
        ("tables: [{records: [{kind: planet, key: id, data: {}}]}]", "tables.0.records.0.kind"),
        ("tables: [{records: [{kind: place, key: id, data: {}, colour: red}]}]", "colour"),
        (
            "tables: [{records: [{kind: place, key: id, source: theirs, data: {}}]}]",
            "source must be one of ours, not theirs",
        ),
        ("tables: [{records: [{kind: place, key: id, data: {name: {column: a, value: b}}}]}]", "take one of"),
        ("tables: [{records: [{kind: place, key: id, data: {name: {column: a, colour: b}}}]}]", "unknown key 'colour'"),
        ("tables: [{records: [{kind: place, key: id, data: {name: '{a'}}]}]", "write {column}"),
        ("tables: [{format: gtfs}]", "give records for a table, or format: gtfs"),
        ("tables: [{records: []}]", "give records"),
        ("tables: {}", "tables"),
        ("records: []", "docs/mapping.md"),
    ],
)
def test_a_wrong_mapping_names_its_place(folder: Folder, text: str, says: str) -> None:
    path = folder.write("t.csv", "id,name\n1,A\n")
    with pytest.raises(ConfigurationError) as error:
        folder.read(path, mapping=folder.mapping(text + "\n"))
    assert "map.yaml" in str(error.value)
    assert says in str(error.value)


def test_a_mapping_needs_sources_and_a_date(folder: Folder) -> None:
    path = folder.write("t.csv", "id,name\n1,A\n")
    tables = f"tables:\n  - records:\n{_indented(NAME_ONLY)}"
    bare = folder.write("bare.yaml", tables)
    with pytest.raises(ConfigurationError, match="sources"):
        folder.read(path, mapping=bare)
    dateless = folder.write("dateless.yaml", "sources: {ours: {name: Ours, licence: MIT}}\n" + tables)
    with pytest.raises(ConfigurationError, match="retrieved_at is missing"):
        folder.read(path, mapping=dateless)
    with pytest.raises(ConfigurationError, match="does not exist"):
        folder.read(path, mapping=folder.path / "nowhere.yaml")


def test_a_column_that_is_not_there_is_told_with_those_that_are(folder: Folder) -> None:
    with pytest.raises(ConfigurationError, match=r"t.csv: the mapping names column 'title'.*it has: id, name"):
        folder.table("id,name\n1,A\n", NAME_ONLY.replace("name: name", "name: title"))


def test_files_that_no_table_is_for(folder: Folder) -> None:
    path, other = folder.write("a.csv", "id,name\n1,A\n"), folder.write("b.csv", "id,name\n1,A\n")
    mapping = folder.mapping(f'tables:\n  - files: "a.*"\n    records:\n{_indented(NAME_ONLY)}')
    assert "b.csv: no table of map.yaml is for a file of this name" in folder.read(path, other, mapping=mapping).told
    with pytest.raises(IbcmError, match="no file there is one that"):
        folder.read(other, mapping=mapping)


def test_the_terms_come_from_the_mapping(folder: Folder) -> None:
    path = folder.write("t.csv", "id,name\n1,A\n")
    mapping = folder.mapping(f"tables:\n  - records:\n{_indented(NAME_ONLY)}")
    assert policies_for([path], mapping)["ours"].licence == "CC0-1.0"


def test_a_large_table_is_streamed(folder: Folder) -> None:
    import tracemalloc

    from crawlers.file import read_files

    path = folder.write("t.csv", "id,name\n" + "".join(f"{n},Place {n} {'x' * 200}\n" for n in range(4_000)))
    mapping = folder.mapping(f"tables:\n  - records:\n{_indented(NAME_ONLY)}")
    tracemalloc.start()
    count = sum(1 for _ in read_files([path], mapping, policies={}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4_000
    assert peak < 4 * 1024 * 1024


def test_the_command_converts_and_writes_terms(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from crawlers.file.__main__ import main

    path = folder.write("t.csv", "id,name\n1,A\n2,\n")
    mapping = folder.mapping(f"tables:\n  - records:\n{_indented(NAME_ONLY)}")
    out = folder.path / "out"
    out.mkdir()
    arguments = ["x", str(path), "--mapping", str(mapping), "--policies", str(out / "source.yaml")]
    monkeypatch.setattr("sys.argv", arguments)
    assert main() == 0
    shown = capsys.readouterr()
    assert "1 place, 1 rejected" in shown.err
    (out / "records.jsonl").write_text(shown.out)
    again = folder.read(out)
    assert [record.key for record in again.records] == ["1"]
    monkeypatch.setattr("sys.argv", ["x", str(Path(folder.path / "nowhere"))])
    assert main() == 1
    assert "does not exist" in capsys.readouterr().err


def test_a_quote_that_is_never_closed_loses_no_other_part(folder: Folder) -> None:
    found = folder.table('id,name\n1,"A\nB"\n2,"never closed\n' + "x,y\n" * 40_000, NAME_ONLY)
    assert found.records[0].data["name"] == "A\nB"
    assert {record.key for record in found.records[1:]} == {"x"}
    assert "line 4: not a row of the table" in found.told
