"""What is not looked at to its end could not have been anything but different."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.resolution.fit import chance
from graph.resolution.outlook import most_bits
from graph.resolution.resolver import ScoredResolver
from graph.resolution.snapshot import shipped
from graph.resolution.traits import Traits, traits_of
from ibcm.config import load_scope
from tests.builders import record

RESOLVER, MODEL = ScoredResolver(), shipped().labels["Place"]
FIRMS = ScoredResolver(load_scope())
WORDS = ["Care", "Kamineni", "Hospital", "Pharmacy", "Raj", "Banjara", "Clinic", "6", "7", "Lotus", "Grand", "Pvt Ltd"]


def _few(words: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=4).map(" ".join)


_DATA = st.fixed_dictionaries(
    {"name": _few(WORDS)},
    optional={
        "address": _few(["12", "14", "Main Road", "Lake Road", "Banjara Hills", "Plot 5", "1st Floor"]),
        "phone": st.sampled_from(["+918040000000", "+918041111111"]),
        "website": st.sampled_from(["care.example", "raj.example"]),
        "category": st.sampled_from(["hospital", "pharmacy", "cafe"]),
        "postcode": st.sampled_from(["500034", "500001"]),
        "ids": st.sampled_from([{"osm": "n1"}, {"osm": "n2"}, {"wikidata": "Q1"}]),
        "description": st.sampled_from(["Beds for hearts.", "Beds for eyes and hearts.", "Tea."]),
    },
)
_PLACED: st.SearchStrategy[dict[str, float]] = st.one_of(
    st.just({}),
    st.tuples(st.sampled_from([17.4, 17.4002, 17.402, 17.41, 17.5]), st.sampled_from([78.4, 78.5])).map(
        lambda at: {"lat": at[0], "lon": at[1]}
    ),
)


def _place(ref: str, data: dict[str, Any], where: dict[str, float], city: str) -> Traits:
    return traits_of(record(ref, data={**data, **where}, city=city))


_CITY = st.sampled_from(["hyderabad", "pune"])


@given(_DATA, _PLACED, _CITY, _DATA, _PLACED, _CITY)
@settings(max_examples=400, deadline=None)
def test_no_evidence_reaches_more(
    one: dict[str, Any], here: dict[str, float], mine: str, other: dict[str, Any], there: dict[str, float], theirs: str
) -> None:
    a, b = _place("osm:1", one, here, mine), _place("gov:2", other, there, theirs)
    levels = RESOLVER.levels(a, b, set())
    bits = MODEL.prior_weight + sum(MODEL.weight(name, level) for name, level in levels.items())
    quick = RESOLVER._quick(a, b, set())
    assert bits <= most_bits(a, b, quick, MODEL) + 1e-9
    assert bits <= most_bits(a, b, quick, MODEL, levels.get("name", "")) + 1e-9
    judged = RESOLVER.judge(a, b, set())
    if chance(bits) >= shipped().bands.review and judged.parts:
        assert judged.band != "different"


_FIRM = st.fixed_dictionaries(
    {"name": _few(["Quill", "Pay", "Technologies", "Solutions", "Ltd", "(formerly Quill)", "/", "6"])},
    optional={
        "legal_name": _few(["Quill", "Pay", "Private", "Limited"]),
        "aliases": st.lists(_few(["Quill", "QP"]), max_size=2),
        "city": st.sampled_from(["Bangalore", "Bengaluru", "Delhi NCR", "Gurgaon"]),
        "sectors": st.sampled_from([["FinTech"], ["Ed-Tech"], ["Falconry"]]),
        "website": st.sampled_from(["quill.example", "pay.example"]),
        "ids": st.sampled_from([{"nse": "q"}, {"nse": "p"}, {"isin": "INE009A01021"}, {"cin": "NA"}]),
    },
)


@given(_FIRM, _FIRM)
@settings(max_examples=400, deadline=None)
def test_no_evidence_about_firms_reaches_more(one: dict[str, Any], other: dict[str, Any]) -> None:
    model = shipped().labels["Organization"]
    a, b = (traits_of(record(ref, "organization", data=data)) for ref, data in (("a:1", one), ("b:2", other)))
    levels = FIRMS.levels(a, b, set())
    bits = model.prior_weight + sum(model.weight(name, level) for name, level in levels.items())
    quick = FIRMS._quick(a, b, set())
    assert bits <= most_bits(a, b, quick, model) + 1e-9
    assert bits <= most_bits(a, b, quick, model, levels.get("name", "")) + 1e-9
    judged = FIRMS.judge(a, b, set())
    assert judged == FIRMS.judge(b, a, set())
    if chance(bits) >= shipped().bands.review and judged.parts:
        assert judged.band != "different"
