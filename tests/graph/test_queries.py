"""Queries as text: values only as parameters, names only from lists, nothing that writes."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import queries
from graph.queries import Condition
from ibcm.domain.errors import IbcmError
from ibcm.domain.graph import ENTITY_LABELS, Query

NASTY = "x'}) DETACH DELETE n //`\"\\ $limit {0}"
CONDITIONS = [
    Condition("rating", ">=", 4),
    Condition("price_for_two", "<", 500),
    Condition("beds", "<=", 50),
    Condition("beds", ">", 5),
    Condition("name_key", "=", NASTY),
    Condition("cuisine", "has", [NASTY]),
    Condition("postcode", "in", [NASTY]),
    Condition("area", "any", [NASTY], ("area", "locality")),
    Condition("area", "any", [NASTY], ("area",), (NASTY,)),
]
EVERY: Sequence[Query] = [
    *(queries.scope_keys(label) for label in ENTITY_LABELS),
    queries.select("Place", [NASTY], CONDITIONS, limit=10),
    queries.select("Stop", ["a|bus"], [], limit=1),
    queries.count("Place", [NASTY], CONDITIONS),
    queries.count("Place", [NASTY], [Condition("area", "any", [NASTY], ("area",), (NASTY,), (NASTY,), drawn=True)]),
    queries.count("Place", [NASTY], [Condition("area", "unplaced", [NASTY], ("area",), (NASTY,))]),
    queries.in_cells("Place", "cell7", [NASTY]),
    queries.in_cells("Place", "cell9", [NASTY]),
    queries.by_ids("Organization", [NASTY]),
    queries.calls([NASTY]),
    queries.stops_of([NASTY]),
    queries.fundings_of([NASTY]),
    queries.owners_of(NASTY),
    queries.owned_by(NASTY),
    queries.lines_of([NASTY]),
    queries.ways_from([NASTY]),
    queries.held_by(NASTY, "Stop", limit=5),
    queries.areas_holding("Place", [NASTY]),
    queries.areas_said("Place", [NASTY]),
]
WRITES = re.compile(
    r"\b(CREATE|MERGE|SET|DELETE|DETACH|REMOVE|DROP|ALTER|GRANT|CALL|FOREACH|LOAD\s+CSV|IMPORT|TRUNCATE|INSERT)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("query", EVERY, ids=lambda query: query.name)
def test_values_are_parameters_and_nothing_is_written(query: Query) -> None:
    assert NASTY not in query.text
    assert "DETACH" not in query.text
    assert not WRITES.search(query.text)
    assert "'" not in query.text
    assert '"' not in query.text
    assert ";" not in query.text
    assert set(re.findall(r"\$(\w+)", query.text)) == set(query.parameters)


@pytest.mark.parametrize("query", EVERY, ids=lambda query: query.name)
def test_every_query_has_a_name_of_its_own_and_starts_at_an_index(query: Query) -> None:
    assert query.name.isidentifier()
    anchored = re.search(r"\((\w+):`?\w+`? \{(id|scope_key|cell7|cell9): ", query.text)
    assert anchored or query.name == "scope_keys"


@pytest.mark.parametrize(
    "name",
    [
        "", "Name", "1st", "_id", "a b", "a-b", "a.b", "a`b", "a'b", "name = 1 OR e.x", "x" * 65, "नाम", "rating\n",
        "a;b", "rating} DETACH DELETE",
    ],
)  # fmt: skip
def test_only_a_property_is_taken_for_one(name: str) -> None:
    with pytest.raises(IbcmError, match="no property of the graph"):
        queries.property_name(name)
    for condition in (Condition(name, "=", 1), Condition(name, "in", []), Condition("area", "any", [], ("area", name))):
        with pytest.raises(IbcmError):
            queries.select("Place", [], [condition], limit=1)
        with pytest.raises(IbcmError):
            queries.count("Place", [], [condition])


@given(st.text(max_size=70))
def test_whatever_is_let_through_is_a_word_in_backticks(name: str) -> None:
    try:
        found = queries.property_name(name)
    except IbcmError:
        return
    assert re.fullmatch(r"e\.`[a-z][a-z0-9_]{0,63}`", found)


@pytest.mark.parametrize("label", ["", "Meta", "Record", "City", "place", "Place`) DETACH DELETE (n", "Review"])
def test_only_entities_can_be_read(label: str) -> None:
    with pytest.raises(IbcmError, match="no label of the graph"):
        queries.by_ids(label, [])


@pytest.mark.parametrize("cell", ["", "cell8", "cell", "name", "cell7: x}) DELETE"])
def test_only_indexed_cells_can_be_searched(cell: str) -> None:
    with pytest.raises(IbcmError, match="no cell property"):
        queries.in_cells("Place", cell, [])


def test_an_unknown_comparison_is_refused() -> None:
    with pytest.raises((IbcmError, KeyError)):
        queries.select("Place", [], [Condition("rating", "<> 1 OR 1 =", 1)], limit=1)


def test_conditions_are_joined_and_each_has_its_parameter() -> None:
    query = queries.select("Place", ["city|cafe"], CONDITIONS, limit=5)
    assert query.text.count(" AND ") == len(CONDITIONS) - 1
    assert [query.parameters[f"v{at}"] for at in range(len(CONDITIONS))] == [one.value for one in CONDITIONS]
    assert query.parameters["limit"] == 5
    assert "LIMIT $limit" in query.text


def test_without_conditions_there_is_no_where() -> None:
    assert "WHERE" not in queries.select("Place", [], [], limit=5).text
    assert "WHERE" not in queries.count("Place", [], []).text
