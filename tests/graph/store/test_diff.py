"""Which edges a write takes away and adds."""

from typing import Any

from graph.store.diff import EdgeKey, Group, changes, wanted
from ibcm.domain.graph import Edge, Projection

IN = Group("IN", "City")


def row(target: str = "pune", record: str = "s:1", ordinal: int = 0, **properties: Any) -> dict[str, object]:
    shown = {"record": record, "ordinal": ordinal, **properties}
    return {"source": "p1", "type": "IN", "label": "City", "target": target, "properties": shown}


def desired(*edges: Edge) -> dict[EdgeKey, Any]:
    return dict(wanted([Projection("p1", "Place", 1, {}, edges)]))


def edge(target: str = "pune", record: str = "s:1", ordinal: int = 0, **properties: Any) -> Edge:
    return Edge("IN", "City", target, record, ordinal, properties)


def key(target: str = "pune", record: str = "s:1", ordinal: int = 0) -> EdgeKey:
    return EdgeKey("p1", "IN", "City", target, record, ordinal)


def test_what_is_there_stays() -> None:
    found = changes(desired(edge(since=1)), [row(since=1)])
    assert not found.missing
    assert not found.obsolete


def test_what_differs_is_made_anew() -> None:
    found = changes(desired(edge(since=2)), [row(since=1)])
    assert found.missing == {IN: [key()]}
    assert found.obsolete == {IN: [key()]}


def test_one_edge_that_is_there_twice_becomes_one() -> None:
    found = changes(desired(edge()), [row(), row()])
    assert found.missing == {IN: [key()]}
    assert found.obsolete == {IN: [key()]}


def test_target_record_and_ordinal_tell_edges_apart() -> None:
    found = changes(desired(edge("goa"), edge(record="s:2"), edge(ordinal=1)), [row()])
    assert found.missing == {IN: [key("goa"), key(ordinal=1), key(record="s:2")]}
    assert found.obsolete == {IN: [key()]}
    assert list(found.targets("City")) == ["pune"]


def test_properties_cannot_overwrite_the_identity() -> None:
    (properties,) = desired(edge(record="s:1", ordinal=4, since=1)).values()
    assert properties == {"record": "s:1", "ordinal": 4, "since": 1}
