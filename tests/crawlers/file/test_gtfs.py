"""GTFS zips: what comes of a whole one, and of half of one."""

import io
import zipfile
from collections.abc import Mapping

import pytest

from tests.crawlers.file.reading import Folder, Read

STOPS = """\ufeffstop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,platform_code
S,Square,39.80,-89.60,1,,
S1,Square,39.80,-89.60,0,S,1
S2,Square,39.80,-89.60,0,S,2
M,Market,39.81,-89.61,,,
H,Harbour,39.82,-89.62,,,
P,Park,39.83,-89.63,,,
E,Square entrance,39.80,-89.60,2,S,
"""
ROUTES = """route_id,agency_id,route_short_name,route_long_name,route_type
R,a,1,Red Line,1
B,a,7,Harbour bus,3
C,a,8,Harbour bus,700
"""
TRIPS = """route_id,service_id,trip_id,trip_headsign,direction_id
R,wk,r1,Harbour,0
R,wk,r2,Harbour,0
R,wk,r3,Square,1
R,wk,r4,Market,0
R,wk,r5,Park,0
B,wk,b1,,
"""
TIMES = """trip_id,arrival_time,departure_time,stop_id,stop_sequence
r1,06:00:00,06:00:30,S1,1
r1,06:10:00,06:10:00,H,30
r1,06:05:00,06:05:00,M,20
r2,24:30:00,24:30:00,S1,1
r2,24:35:00,24:35:00,M,2
r2,24:40:00,24:40:00,H,3
r3,07:00:00,07:00:00,H,1
r3,07:05:00,07:05:00,M,2
r3,07:10:00,07:10:00,S2,3
r4,08:00:00,08:00:00,S1,1
r4,08:05:00,08:05:00,M,2
r5,09:00:00,09:00:00,M,1
r5,09:05:00,09:05:00,P,2
b1,,10:00:00,M,1
b1,,,H,2
"""
WHOLE: dict[str, str] = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\na,City Transit,https://t.example,Asia/Kolkata\n",
    "stops.txt": STOPS,
    "routes.txt": ROUTES,
    "trips.txt": TRIPS,
    "stop_times.txt": TIMES,
    "shapes.txt": "shape_id\nnot,even,a,table\n",
}
MAPPING = (
    "tables:\n  - {files: '*.zip', format: gtfs, gtfs: {city: pune, network: City Metro, names: {R: The Red Line}}}\n"
)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def read(folder: Folder, content: bytes) -> Read:
    path = folder.write("feed.zip", content)
    return folder.read(path, mapping=folder.mapping(MAPPING))


def test_a_whole_feed(folder: Folder) -> None:
    found = read(folder, zipped(WHOLE))
    assert not found.rejected
    by_key = {record.key: record for record in found.records}
    assert set(by_key) == {
        "stop-S",
        "stop-S1",
        "stop-S2",
        "stop-M",
        "stop-H",
        "stop-P",
        "route-R",
        "route-B",
        "route-C",
    }
    assert by_key["stop-S"].data["name"] == "Square"
    assert by_key["stop-S1"].data == {
        "name": "Square", "mode": "metro", "network": "City Metro", "lat": 39.8, "lon": -89.6, "platform": "1",
    }  # fmt: skip
    assert [(link.rel, link.key) for link in by_key["stop-S1"].links] == [("part_of", "stop-S")]
    assert by_key["route-R"].city == "pune"


def test_a_route_says_its_line_in_each_direction(folder: Folder) -> None:
    red = next(record for record in read(folder, zipped(WHOLE)).records if record.key == "route-R")
    assert red.data["name"] == "The Red Line"
    assert red.data["short_name"] == "1"
    assert red.data["aliases"] == ["1", "Red Line"]
    assert red.data["operator"] == "City Transit"
    assert red.data["mode"] == "metro"
    assert (red.data["first"], red.data["last"]) == ("06:00", "24:30")
    said = [(link.key, link.data.get("sequence"), link.data["direction"]) for link in red.links]
    assert said == [
        ("stop-S1", 1, 0), ("stop-M", 2, 0), ("stop-H", 3, 0), ("stop-P", None, 0),
        ("stop-H", 1, 1), ("stop-M", 2, 1), ("stop-S2", 3, 1),
    ]  # fmt: skip
    assert red.links[0].data["headsign"] == "Harbour"
    assert "departure" not in red.links[0].data, "two trips: no time is the stop's"
    assert red.links[4].data["departure"] == "07:00"


def test_names_that_routes_share_get_their_number(folder: Folder) -> None:
    found = {record.key: record for record in read(folder, zipped(WHOLE)).records}
    assert found["route-B"].data["name"] == "7 Harbour bus"
    assert found["route-C"].data["name"] == "8 Harbour bus"
    assert found["route-C"].data["mode"] == "bus"
    assert found["route-C"].links == []
    assert found["route-B"].links[0].data["departure"] == "10:00"
    assert "departure" not in found["route-B"].links[1].data


@pytest.mark.parametrize(
    ("missing", "says", "kinds"),
    [
        ("stop_times.txt", "stop_times.txt is missing", {"stop": 6, "route": 3}),
        ("trips.txt", "trips.txt is missing", {"stop": 6, "route": 3}),
        ("stops.txt", "stops.txt is missing", {"route": 3}),
        ("routes.txt", "routes.txt is missing", {"stop": 6}),
    ],
)
def test_half_a_feed_keeps_what_there_is(folder: Folder, missing: str, says: str, kinds: dict[str, int]) -> None:
    found = read(folder, zipped({name: text for name, text in WHOLE.items() if name != missing}))
    assert says in found.told
    counted = {kind: sum(record.kind == kind for record in found.records) for kind in ("stop", "route")}
    assert {kind: count for kind, count in counted.items() if count} == kinds


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("stops.txt", ("M,Market,39.81", "M,Market,139.81"), "stops.txt line 5: field data.lat"),
        ("stops.txt", ("stop_id,", "id,"), "column stop_id is missing"),
        ("routes.txt", ("B,a,7", ",a,7"), "routes.txt line 3: route_id is empty"),
        ("trips.txt", ("B,wk,b1", "Z,wk,b1"), "route Z is not in routes.txt"),
        ("stop_times.txt", ("r4,08:00:00,08:00:00,S1,1", "r4,08:00:00,08:00:00,X,1"), "stop X is not in stops.txt"),
        ("stop_times.txt", ("r4,08:00:00", "r4,eight"), "line 11: not a stop time"),
        ("stop_times.txt", ("r4,08:00:00", "r9,08:00:00"), "1 rows are of 1 trips that are not in trips.txt, as r9"),
    ],
)
def test_a_bad_row_is_named_and_the_others_kept(folder: Folder, name: str, change: tuple[str, str], says: str) -> None:
    assert change[0] in WHOLE[name]
    found = read(folder, zipped({**WHOLE, name: WHOLE[name].replace(change[0], change[1], 1)}))
    assert says in found.told
    assert found.records


def test_a_truncated_archive(folder: Folder) -> None:
    found = read(folder, zipped(WHOLE)[:400])
    assert not found.records
    assert "is no whole zip archive" in found.told


def test_a_damaged_member(folder: Folder) -> None:
    content = bytearray(zipped(WHOLE))
    start = content.index(b"stop_times.txt") + 20
    content[start : start + 40] = bytes(40)
    found = read(folder, bytes(content))
    assert "stop_times.txt after line" in found.told
    assert len(found.records) == 9


def test_another_encoding(folder: Folder) -> None:
    found = read(folder, zipped({**WHOLE, "stops.txt": STOPS.replace("Market", "Märkt").encode("latin-1", "replace")}))
    assert "not UTF-8" in found.told


def test_bombs_are_not_unpacked(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({**WHOLE, "stop_times.txt": TIMES + "," * 12 * 1024 * 1024})
    found = read(folder, bomb)
    assert not found.records
    assert "zip bomb" in found.told
    monkeypatch.setattr("crawlers.file.gtfsfeed.MAX_GTFS", 100)
    assert "take a smaller extract" in read(folder, zipped(WHOLE)).told


def test_a_zip_without_tables(folder: Folder) -> None:
    found = read(folder, zipped({"readme.txt": "hello"}))
    assert not found.records
    assert "stops.txt is missing" in found.told


def test_tables_in_a_folder_of_the_archive(folder: Folder) -> None:
    found = read(folder, zipped({f"feed/{name}": text for name, text in WHOLE.items()}))
    assert len(found.records) == 9
