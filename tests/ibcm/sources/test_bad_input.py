"""What sources get wrong: each is told in words that help, or does no harm, and takes nothing else with it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crawlers.base import Complete
from ibcm.domain.errors import RecordError
from ibcm.records.models import Record
from ibcm.records.services import waiting
from ibcm.sources import services
from tests.builders import record
from tests.ibcm.sources.conftest import ListSource, Stores

IN_BANGALORE: dict[str, Any] = {"lat": 12.9716, "lon": 77.5946}


def test_swapped_coordinates_are_told_and_the_others_are_taken(source: ListSource) -> None:
    source.items = [
        record("osm:1", name="Cafe Azul", city="bangalore", lat=77.5946, lon=12.9716),
        record("osm:2", name="Cafe Verde", city="bangalore", **IN_BANGALORE),
        record("osm:3", name="Airport", city="bangalore", lat=13.1986, lon=77.7066),
        record("osm:4", name="Far from everything", city="bangalore", lat=51.5, lon=-0.1),
        record("osm:5", name="Of no city", lat=77.5946, lon=12.9716),
        record("osm:6", name="Of a city that is not configured", city="utopia", lat=77.5946, lon=12.9716),
    ]
    report = services.ingest("osm")
    assert (report.rejected, report.new) == (1, 5)
    (told,) = report.rejections
    assert told["where"] == ["osm:1"]
    assert "lat 77.5946 and lon 12.9716 look swapped" in told["message"]
    assert "lat 12.9716 and lon 77.5946 are" in told["message"]


def _square(lat: float, lon: float, *, swap: bool = False) -> dict[str, Any]:
    ring = [[lon, lat], [lon + 0.1, lat], [lon + 0.1, lat + 0.1], [lon, lat + 0.1], [lon, lat]]
    return {"type": "Polygon", "coordinates": [[[y, x] if swap else [x, y] for x, y in ring]]}


def test_polygons_are_told_about_and_kept(source: ListSource, stores: Stores) -> None:
    tie = {"type": "Polygon", "coordinates": [[[77.5, 12.9], [77.6, 13.0], [77.6, 12.9], [77.5, 13.0], [77.5, 12.9]]]}
    source.items = [
        record("osm:1", "area", name="Swapped", city="bangalore", polygon=_square(12.9, 77.5, swap=True)),
        record("osm:2", "area", name="Tie", city="bangalore", polygon=tie),
        record(
            "osm:3", "area", name="Line", city="bangalore", polygon={"type": "Polygon", "coordinates": [[[77, 12]]]}
        ),
        record("osm:4", "area", name="Good", city="bangalore", polygon=_square(12.9, 77.5)),
        record("osm:5", "stop", name="Elsewhere", city="bangalore", lat=28.6, lon=77.2),
    ]
    report = services.ingest("osm")
    (told,) = report.rejections
    assert told["where"] == ["osm:1"]
    assert "GeoJSON positions are [longitude, latitude]" in told["message"]
    assert report.new == 4
    notes = "\n".join(report.notes)
    assert "polygon was put right: Self-intersection (used): 1, kept as they are: osm:2" in notes
    assert "(without use): 1, kept as they are: osm:3" in notes
    assert "farther from their city than anything of it should be: 1, kept as they are: osm:5" in notes
    assert "osm:4" not in notes
    assert stores.graph.named("Tie").label == "Area"


STRANGE = {
    "as long as a name may be": "Shri " * 399 + "Hosp",
    "only digits": "24",
    "emoji": "☕️ 咖啡 Café 🏳️‍🌈",
    "emoji alone": "🍕🍕",
    "right to left": "\u202eetisoppo\u202c مقهى الأزرق\u200f",
    "zero width": "Ca\u200bfe\ufeff Az\u00adul",
    "combining": "Z̸̡̢͔͎̹̪͈̺̰̓͌̾a̵͓̤̎l̵̨͔̇g̶̱̐o̵̩̓ Cafe",
    "markup": "<script>alert(1)</script> & 'quotes' \"; DROP TABLE records; --",
    "template": "{{ settings.SECRET_KEY }} {% debug %} ${jndi:ldap://x}",
    "dots": "…",
}


@pytest.mark.parametrize("name", list(STRANGE.values()), ids=list(STRANGE))
def test_strange_names_stay_as_the_source_wrote_them_and_join_nothing(
    name: str, source: ListSource, stores: Stores
) -> None:
    source.items = [
        record("osm:1", name=name, city="bangalore", **IN_BANGALORE),
        record("osm:2", name="Cafe Rojo", city="bangalore", **IN_BANGALORE),
        record("osm:3", name="Cafe Rojo 24x7 Annexe", city="bangalore", **IN_BANGALORE),
    ]
    report = services.ingest("osm")
    assert (report.rejected, report.new) == (0, 3)
    assert Record.objects.get(ref="osm:1").entity_id not in Record.objects.exclude(ref="osm:1").values_list(
        "entity_id", flat=True
    )
    assert stores.graph.named(name.strip()).label == "Place"
    assert waiting() == {"to_assign": 0, "to_project": 0}
    assert services.ingest("osm").unchanged == 3


def test_a_name_that_is_too_long_is_told_with_its_limit() -> None:
    with pytest.raises(RecordError, match=r"data.name.*at most 2000"):
        record("osm:1", name="x" * 2_001)


def test_one_key_with_two_contents_at_once_has_one_current_version_in_any_order(source: ListSource) -> None:
    told = [record("osm:1", name="Cafe Azul"), record("osm:1", name="Cafe Verde"), record("osm:2", name="Neighbour")]
    seen = set()
    for items in (told, told[::-1]):
        source.items = list(items)
        services.ingest("osm")
        row = Record.objects.get(ref="osm:1")
        assert row.versions.count() == 1, "the other is history"
        seen.add(row.hash)
        Record.objects.all().delete()
    assert len(seen) == 1


class Clock:
    """What `timezone.now` says, and what the test makes of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class SetsTheClockBack(ListSource):
    """Between its first and its second record."""

    clock: Clock

    def fetch(self, scope: Any) -> Any:
        for item in super().fetch(scope):
            yield item
            self.clock.now -= timedelta(hours=1)


def test_a_clock_that_is_set_back_while_reading_deletes_nothing(
    source: ListSource, stores: Stores, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ibcm.sources.reading.BATCH", 1)
    source.items = [record("osm:1", name="A"), record("osm:2", name="B"), Complete()]
    services.ingest("osm")
    moving = SetsTheClockBack(items=source.items)
    moving.clock = clock
    monkeypatch.setattr(source, "fetch", moving.fetch)
    report = services.ingest("osm")
    assert (report.unchanged, report.deleted) == (2, 0)
    assert {node.properties["name"] for node in stores.graph.nodes.values()} == {"A", "B"}


def test_last_seen_never_goes_back(source: ListSource, clock: Clock) -> None:
    source.items = [record("osm:1", name="A")]
    services.ingest("osm")
    first = Record.objects.get().last_seen
    clock.now -= timedelta(days=400)
    services.ingest("osm")
    assert Record.objects.get().last_seen == first
    assert waiting() == {"to_assign": 0, "to_project": 0}
