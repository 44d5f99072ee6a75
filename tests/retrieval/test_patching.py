"""A catalogue that was patched answers as one that was built anew; the old one stays as it was."""

import random
from typing import Any

import pytest

from ibcm.domain.graph import Projection
from retrieval.catalogue import Catalogue, build
from retrieval.patching import patched
from tests.retrieval.city import records, scope
from tests.retrieval.fake_graph import FakeGraph, fake_graph

TABLES = ("names", "squeezed", "sounding", "words")


def looked_up(catalogue: Catalogue) -> dict[str, Any]:
    """Everything that questions look at, orders apart; of facets and fields what still has an entity."""
    tables = {name: {key: sorted(found) for key, found in getattr(catalogue, name).items()} for name in TABLES}
    return {
        **tables,
        "things": dict(catalogue.things),
        "called": dict(catalogue.called),
        "scopes": dict(catalogue.scopes),
        "cities": dict(catalogue.cities),
        "name_list": sorted(catalogue.name_list),
    }


def living_only(tables: dict[str, Any], living: set[str]) -> dict[str, Any]:
    """Without values that nothing has any more: those may stay."""
    for name in ("squeezed", "sounding"):
        kept = {key: [one for one in found if one in living] for key, found in tables[name].items()}
        tables[name] = {key: found for key, found in kept.items() if found}
    return tables


def change(graph: FakeGraph, dice: random.Random) -> str:
    """One entity renamed, moved, taken away or doubled. Returns its id."""
    (label, id_) = dice.choice(sorted(graph.nodes))
    node = graph.nodes[label, id_]
    deed = dice.choice(["rename", "alias", "move", "remove", "double"])
    other = dice.choice([one for one in graph.nodes.values() if one.label == label])
    if deed == "remove":
        del graph.nodes[label, id_]
        return id_
    deeds: dict[str, dict[str, Any]] = {
        "rename": {"name": dice.choice([str(other.properties["name"]), "Zephyr House", "Blue Tokai"])},
        "alias": {"aliases": ["The Old One", str(other.properties["name"])]},
        "move": {name: other.properties.get(name) for name in ("city", "scope_key", "category", "mode")},
        "double": {},
    }
    if deed == "double":
        id_ = f"{id_}-2"
    properties = {
        name: value for name, value in {**node.properties, "id": id_, **deeds[deed]}.items() if value is not None
    }
    graph.nodes[label, id_] = Projection(id=id_, label=label, revision=9, properties=properties)
    return id_


@pytest.fixture(scope="module")
def nodes() -> dict[tuple[str, str], Projection]:
    return fake_graph(records()).nodes


@pytest.fixture
def graph(nodes: dict[tuple[str, str], Projection]) -> FakeGraph:
    made = FakeGraph()
    made.nodes = dict(nodes)
    return made


@pytest.mark.parametrize("seed", range(8))
def test_as_if_it_had_been_built(graph: FakeGraph, seed: int) -> None:
    dice = random.Random(seed)
    current = build(graph, scope(), revision=1)
    for step in range(6):
        before = looked_up(current)
        ids = sorted({change(graph, dice) for _ in range(dice.randint(1, 4))})
        found = patched(current, graph, ids, revision=step + 2)
        expected = build(graph, scope(), revision=step + 2)
        assert looked_up(current) == before
        assert found is not None
        living = {*expected.names, *expected.facets, *expected.cities}
        assert living_only(looked_up(found), living) == living_only(looked_up(expected), living)
        assert set(expected.vocabulary) <= set(found.vocabulary)
        assert set(expected.facets) <= set(found.facets)
        current = found


def test_a_new_field_or_category_asks_for_a_new_catalogue(graph: FakeGraph) -> None:
    current = build(graph, scope(), revision=1)
    label, id_ = min(graph.nodes)
    node = graph.nodes[label, id_]
    for news in ({"helipads": 3}, {"category": "observatory", "mode": "observatory"}):
        graph.nodes[label, id_] = Projection(
            id=id_, label=label, revision=9, properties={**node.properties, "id": id_, **news}
        )
        assert patched(current, graph, [id_], revision=2) is None


def test_a_frozen_catalogue_gains_no_keys_by_being_asked(graph: FakeGraph) -> None:
    current = build(graph, scope(), revision=1)
    found = patched(current, graph, [], revision=2)
    assert found is not None
    with pytest.raises(KeyError):
        found.names["nobody is called this"]
