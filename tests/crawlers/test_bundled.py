"""What every bundled source must keep: valid records, the same ones each time, a licence, and a whole listing."""

from datetime import UTC, datetime

import pytest

from crawlers.base import Complete, FetchScope, Rejected, Source
from crawlers.geo import city_at, distance_m
from crawlers.packages import AS_OF, is_known
from crawlers.registry import source, sources
from ibcm.config import load_scope
from ibcm.domain.errors import IbcmError
from ibcm.domain.policy import apply_policy
from ibcm.domain.records import SourceRecord, content_hash, parse_record

SCOPE = load_scope()
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ALL = FetchScope(cities=tuple(SCOPE.cities.values()), sectors=tuple(SCOPE.sectors.values()), now=NOW)


def records(made: Source, scope: FetchScope = ALL) -> list[SourceRecord]:
    return [item for item in made.fetch(scope) if isinstance(item, SourceRecord)]


@pytest.fixture(params=["geonames", "india_post", "airports", "holidays", "starter"])
def bundled(request: pytest.FixtureRequest) -> Source:
    return source(request.param)


def test_it_ends_complete_and_rejects_nothing(bundled: Source) -> None:
    found = list(bundled.fetch(ALL))
    assert isinstance(found[-1], Complete)
    assert not [item for item in found if isinstance(item, Rejected)]
    assert len(found) > 10


def test_records_are_valid_unique_and_may_be_stored(bundled: Source) -> None:
    found = records(bundled)
    assert len({record.ref for record in found}) == len(found)
    for record in found:
        assert record.source == bundled.slug
        assert parse_record(record.model_dump(mode="json")) == record
        stored = apply_policy(record, bundled.policy, now=NOW)
        assert stored is not None
        assert stored.licence
        assert stored.attribution
        assert record.url is not None


def test_two_fetches_at_different_moments_say_the_same(bundled: Source) -> None:
    later = FetchScope(cities=ALL.cities, sectors=ALL.sectors, now=NOW.replace(hour=23))
    first, second = records(bundled), records(bundled, later)
    assert [(r.ref, content_hash(r), r.retrieved_at) for r in first] == [
        (r.ref, content_hash(r), r.retrieved_at) for r in second
    ]
    assert all(record.retrieved_at <= NOW for record in first)


def test_only_the_cities_asked_for(bundled: Source) -> None:
    pune = FetchScope(cities=(SCOPE.cities["pune"],), sectors=(), now=NOW)
    found = records(bundled, pune)
    assert found
    assert {record.city for record in found} <= {"pune", None}


def test_a_limit_is_kept_and_is_not_a_whole_listing(bundled: Source) -> None:
    limited = FetchScope(cities=ALL.cities, sectors=ALL.sectors, now=NOW, limit=5)
    found = list(bundled.fetch(limited))
    assert len(found) == 5
    assert all(isinstance(item, SourceRecord) for item in found)


def test_positions_lie_in_the_city(bundled: Source) -> None:
    for record in records(bundled):
        if "lat" in record.data and record.city:
            city = SCOPE.cities[record.city]
            assert distance_m(record.data["lat"], record.data["lon"], city.lat, city.lon) <= city.radius_m, record.ref


def test_categories_are_in_the_taxonomy(bundled: Source) -> None:
    used = {record.data["category"] for record in records(bundled) if "category" in record.data}
    assert used <= set(SCOPE.categories)


def test_every_city_has_its_own_settlement_record() -> None:
    cities = {record.city: record for record in records(source("geonames")) if record.data["kind"] == "city"}
    assert set(cities) == set(SCOPE.cities)
    assert all(record.data["population"] > 1_000_000 for record in cities.values())
    assert cities["mumbai"].data["names"]["hi"] == "मुंबई"
    named = {record.data["ids"]["geonames"] for record in cities.values()}
    ours = [r for r in records(source("starter")) if r.kind == "area"]
    assert {record.data["ids"]["geonames"] for record in ours} == named


def test_settlements_have_plain_and_hindi_names() -> None:
    by_name = {record.data["name"]: record for record in records(source("geonames"))}
    assert by_name["Thane"].data["names"]["hi"] == "ठाणे"
    assert "Gurgaon" in by_name["Gurugram"].data["aliases"]
    assert "New Delhi" in by_name
    assert "New Delhi" not in by_name["Delhi"].data["aliases"], "an alias that is another settlement's name"


def test_shared_coordinates_of_post_offices_are_no_positions() -> None:
    found = records(source("india_post"))
    points: dict[tuple[float, float], int] = {}
    for record in found:
        if "lat" in record.data:
            point = (record.data["lat"], record.data["lon"])
            points[point] = points.get(point, 0) + 1
    for record in found:
        if "lat" in record.data and points[record.data["lat"], record.data["lon"]] >= 3:
            assert record.data["coordinate_precision"] == "centroid"
    general = next(record for record in found if record.data["name"] == "New Delhi GPO")
    assert general.data["postcode"] == "110001"


def test_airports_have_codes_and_heights() -> None:
    codes = {record.data["ids"].get("iata"): record for record in records(source("airports"))}
    assert {"BLR", "BOM", "DEL", "HYD", "MAA", "PNQ"} <= set(codes)
    assert codes["BLR"].data["elevation_m"] == 914


def test_holidays_are_days_with_hindi_names() -> None:
    found = {record.key: record for record in records(source("holidays"))}
    republic = found["chennai-2027-01-26-republic-day"]
    assert republic.data["start"] == "2027-01-26"
    assert republic.data["names"]["hi"] == "गणतंत्र दिवस"
    assert {record.data["start"][:4] for record in found.values()} == {"2026", "2027"}


def test_starter_facts_are_labelled_and_trusted_least() -> None:
    assert all(record.data["basis"] == "compiled" for record in records(source("starter")))
    assert source("starter").policy.trust < min(s.policy.trust for s in sources().values() if s.slug != "starter")


@pytest.mark.parametrize("package", sorted(AS_OF))
def test_the_date_of_a_package_is_of_the_installed_version(package: str) -> None:
    assert is_known(package), f"{package} was raised: put the date of its data into crawlers/packages.py"


def test_an_unknown_source_is_named_with_those_there_are() -> None:
    with pytest.raises(IbcmError, match=r"no source 'geoname'.*geonames"):
        source("geoname")


def test_a_point_outside_every_city_has_none() -> None:
    assert city_at(23.0, 80.0, SCOPE.cities.values()) is None
    thane = city_at(19.2, 72.97, SCOPE.cities.values())
    assert thane is not None
    assert thane.slug == "mumbai"
