"""Terms value by value: whatever name a value hides under, what is stored of a record is what its source allows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcm.domain.errors import PolicyError, RecordError
from ibcm.domain.policy import FieldPolicy, SourcePolicy, apply_policy, limit_of, live, without
from ibcm.domain.records import SourceRecord, parse_record
from tests.builders import NOW, OPEN, day, record, tombstone

NEVER, DAYS = FieldPolicy(transient=True), FieldPolicy(retention_days=30)
PLACE_ID = SourcePolicy(
    name="Maps", licence="LicenseRef-maps", attribution="Maps", transient=True,
    fields={"ids": FieldPolicy(transient=False), "lat": FieldPolicy(transient=False, retention_days=30)},
)  # fmt: skip


def terms(**fields: FieldPolicy) -> SourcePolicy:
    return OPEN.model_copy(update={"fields": fields})


def stored(policy: SourcePolicy, **data: Any) -> dict[str, Any]:
    kept = apply_policy(record("osm:1", **data), policy, now=NOW)
    return {} if kept is None else kept.data


@pytest.mark.parametrize(
    ("field", "hidden"),
    [
        ("name", {"names": {"hi": "secret"}}),
        ("name", {"name_hi": "secret"}),
        ("name", {"aliases": ["secret"]}),
        ("names.hi", {"name_hi": "secret"}),
        ("names.hi", {"names": {"hi": "secret"}}),
        ("ids.google", {"ids": {"google": "secret"}}),
        ("ids", {"ids_google": "secret"}),
        ("lat", {"lat": 1.0, "lon": 2.0}),
        ("phone", {"PHONE": "secret"}),
        ("Phone", {"phone": ["secret"]}),
        ("phone", {"contact": {"phone": "secret"}}),
        ("phone", {"contacts": [{"desk": {"phone": "secret"}}]}),
    ],
)
def test_a_value_cannot_come_in_by_a_side_door(field: str, hidden: dict[str, Any]) -> None:
    kept = stored(terms(**{field: NEVER}), beds=3, **{"name": "A", **hidden})
    assert "secret" not in str(kept)
    assert not {"lat", "lon"} & kept.keys()
    assert kept["beds"] == 3


def test_links_and_what_they_carry_have_terms_too() -> None:
    said = record("osm:1", "route", name="R", links=[{"rel": "serves", "key": "s", "data": {"arrival": "9", "n": 1}}])
    (link,) = apply_policy(said, terms(**{"links.arrival": NEVER}), now=NOW).links  # type: ignore[union-attr] # kept
    assert link.data == {"n": 1}
    (link,) = apply_policy(said, terms(arrival=NEVER), now=NOW).links  # type: ignore[union-attr] # kept
    assert link.data == {"n": 1}
    assert apply_policy(said, terms(links=NEVER), now=NOW).links == []  # type: ignore[union-attr] # kept


def test_a_place_id_for_ever_its_coordinates_for_thirty_days_and_the_rest_never() -> None:
    said = record(
        "maps:1", name="Cafe", lat=12.0, lon=77.0, ids={"maps": "x"}, rating=4.0, links=[{"rel": "at", "key": "2"}]
    )
    kept = apply_policy(said, PLACE_ID, now=NOW)
    assert kept is not None
    assert (kept.data, kept.links) == ({"lat": 12.0, "lon": 77.0, "ids": {"maps": "x"}}, [])
    assert live(kept, PLACE_ID, day(40)).data == {"ids": {"maps": "x"}}
    assert apply_policy(record("maps:2", name="Cafe"), PLACE_ID, now=NOW) is None
    assert PLACE_ID.model_copy(update={"fields": {}}).keeps_nothing


def test_the_narrower_terms_win() -> None:
    policy = OPEN.model_copy(
        update={"allow_export": False, "fields": {"ids": FieldPolicy(allow_export=True), "ids.cin": DAYS}}
    )
    assert policy.terms("ids.cin").allow_export
    assert policy.terms("ids_cin").retention_days == 30
    assert policy.terms("ids.lei").retention_days is None
    shown = without(
        record("osm:1", name="A", ids={"cin": "1"}, rating=4.0), policy, lambda found: not found.allow_export
    )
    assert shown.data == {"ids": {"cin": "1"}}


def test_a_licence_of_its_own_brings_its_own_page() -> None:
    policy = OPEN.model_copy(
        update={"licence_url": "https://example.org/cc0", "fields": {"phone": FieldPolicy(licence="LicenseRef-phones")}}
    )
    assert (policy.terms("phone").licence, policy.terms("phone").licence_url) == ("LicenseRef-phones", None)
    assert policy.terms("rating").licence is None


def test_a_tombstone_says_nothing_whatever_came_with_it() -> None:
    told = record("osm:1", name="secret", url="https://example.org/secret", deleted=True)
    gone = apply_policy(told, OPEN, now=NOW)
    assert gone is not None
    assert "secret" not in gone.model_dump_json()
    assert apply_policy(tombstone("osm:1"), OPEN.model_copy(update={"transient": True}), now=NOW) is None


@pytest.mark.parametrize("days", [10**6 * 4, 10**12])
def test_a_limit_that_no_clock_shows_is_none(days: int) -> None:
    assert limit_of(NOW, days) is None
    kept = apply_policy(record("osm:1", name="A"), OPEN.model_copy(update={"retention_days": days}), now=NOW)
    assert kept is not None
    assert kept.expires_at is None


def test_what_claims_to_be_read_tomorrow_is_not_kept_longer_for_that() -> None:
    kept = apply_policy(record("osm:1", name="A", at=900), OPEN.model_copy(update={"retention_days": 10}), now=NOW)
    assert kept is not None
    assert kept.expires_at == day(10)


@pytest.mark.parametrize("field", ["retrieved_at", "expires_at"])
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:30"])
def test_a_moment_that_no_clock_shows_is_refused(field: str, moment: str) -> None:
    with pytest.raises(RecordError, match="no clock shows this moment"):
        parse_record({**record("osm:1", name="A").model_dump(mode="json"), field: moment})


def test_without_a_licence_nothing_is_taken() -> None:
    with pytest.raises(PolicyError, match="states no licence"):
        apply_policy(record("osm:1", name="A", licence=None), OPEN.model_copy(update={"licence": None}), now=NOW)


def test_values_are_quoted_only_where_they_may_be_kept_for_ever() -> None:
    assert OPEN.quotes("data.rating")
    assert not OPEN.model_copy(update={"retention_days": 9}).quotes("data.rating")
    assert not terms(rating=DAYS).quotes("data.rating")
    assert terms(rating=DAYS).quotes("data.phone")
    assert not terms(rating=DAYS).quotes("*")
    with pytest.raises(RecordError) as caught:
        record("osm:1", name="A", rating="secret")
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(caught.value.__cause__)
    assert "not 'secret'" in caught.value.quoting


NAMES = st.sampled_from(
    ["name", "names", "name_hi", "aliases", "phone", "ids", "ids_osm", "lat", "lon", "contact", "x"]
)
PATHS = st.sampled_from(
    ["name", "names.hi", "name_hi", "ids_osm", "aliases", "phone", "ids", "ids.osm", "lat", "contact", "hi", "x"]
)
LEAF = st.sampled_from([1, "a", True])
VALUES = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES | st.just("hi"), inner, max_size=2)
)
FIELDS = st.dictionaries(
    PATHS,
    st.builds(
        FieldPolicy,
        transient=st.sampled_from([None, True, False]),
        retention_days=st.sampled_from([None, 0, 5, 10**12]),
        allow_export=st.sampled_from([None, True, False]),
    ),
    max_size=3,
)


def leaves(value: Any, path: str = "") -> list[str]:
    """Paths of everything that says something."""
    if isinstance(value, dict):
        return [one for name, item in value.items() for one in leaves(item, f"{path}.{name}" if path else name)]
    if isinstance(value, list):
        return [one for item in value for one in leaves(item, path)]
    return [path]


@given(st.dictionaries(NAMES, VALUES, max_size=4), FIELDS, st.booleans(), st.integers(0, 9))
@settings(max_examples=200)
def test_whatever_is_stored_is_what_terms_allow(
    data: dict[str, Any], fields: dict[str, FieldPolicy], transient: bool, age: int
) -> None:
    policy = OPEN.model_copy(update={"fields": fields, "transient": transient})
    said = SourceRecord.model_construct(
        source="osm", key="1", kind="place", data=data, retrieved_at=NOW, licence="L", attribution="A",
        licence_url=None, expires_at=None, url=None, links=[], deleted=False,
    )  # fmt: skip
    kept = apply_policy(said, policy, now=NOW)
    shown = live(kept, policy, day(age)).data if kept else {}
    assert set(leaves(shown)) <= set(leaves(data))
    for path in leaves(shown):
        found = policy.terms(path)
        assert not found.transient
        assert found.retention_days is None or found.retention_days > age
    lost = set(leaves(data)) - set(leaves(shown))
    assert all(policy.terms(path).transient or policy.terms(path).over(NOW, day(age)) for path in lost)
    again = apply_policy(kept, policy, now=datetime.now(UTC)) if kept else None
    assert again == kept, "terms that were applied change nothing more"
