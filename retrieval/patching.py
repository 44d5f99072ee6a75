"""A catalogue after a few entities changed, made from the one before: what a curator decided is known at the next
question, however large the home.

The old one may be in use by other threads and stays as it is: tables are copied, and of their lists and facets those
that are touched. Facets that lost their last entity stay until the catalogue is built anew; they find nothing.
"""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from graph import queries
from graph.store.base import GraphStore
from ibcm.domain.graph import ENTITY_LABELS
from retrieval.catalogue import TECHNICAL, Catalogue, add_thing, freeze, keyed_values, names_of, spellings
from retrieval.language import key_of

Table = defaultdict[str, list[str]]


def patched(catalogue: Catalogue, graph: GraphStore, ids: Sequence[str], *, revision: int) -> Catalogue | None:
    """As of `revision`, when nothing but these entities changed since. Costs what they cost, and a copy of tables.

    None where a field, a category or a city is new: what may be asked has changed, and a new catalogue is due.
    """
    found = _copy(catalogue, revision)
    touched = {name for id_ in ids for name in catalogue.called.get(id_, ())}
    for id_ in ids:
        _take_out(found, id_)
    for label, properties in _read(graph, ids):
        _own(found, catalogue, properties)
        add_thing(found, label, properties)
        touched |= found.called[properties["id"]]
    if _kinds(found) - _kinds(catalogue) or found.cities.keys() - catalogue.cities.keys():
        return None
    _respell(found, catalogue, touched)
    freeze(found)
    return found


def _kinds(catalogue: Catalogue) -> set[str]:
    return {*catalogue.fields, *(category for _, _, category in catalogue.scopes)}


def _read(graph: GraphStore, ids: Sequence[str]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for label in ENTITY_LABELS:
        for row in graph.read(queries.by_ids(label, ids)):
            properties = row["properties"]
            assert isinstance(properties, dict)
            yield label, properties


def _copy(old: Catalogue, revision: int) -> Catalogue:
    return dataclasses.replace(
        old,
        revision=revision,
        things=dict(old.things),
        areas=dict(old.areas),
        dated=dict(old.dated),
        names=_table(old.names),
        called=dict(old.called),
        squeezed=_table(old.squeezed),
        sounding=_table(old.sounding),
        words=_table(old.words),
        cities=dict(old.cities),
        facets=defaultdict(dict, old.facets),
        fields=dict(old.fields),
        scopes=Counter(old.scopes),
        seen={},
        vocabulary=dict(old.vocabulary),
    )


def _table(old: Table) -> Table:
    return defaultdict(list, old)


def _take_out(catalogue: Catalogue, id_: str) -> None:
    thing = catalogue.things.pop(id_, None)
    catalogue.areas.pop(id_, None)
    if thing is None:
        return
    catalogue.dated.pop(id_, None)
    scope = (thing.label, thing.city, thing.category)
    catalogue.scopes[scope] -= not thing.over
    if catalogue.scopes[scope] <= 0:
        del catalogue.scopes[scope]
    for name in catalogue.called.pop(id_):
        _drop(catalogue.names, name, id_)


def _drop(table: Table, key: str, value: str) -> None:
    """A new list without the value; none where it was the last."""
    left = [one for one in table.get(key, ()) if one != value]
    if left:
        table[key] = left
    else:
        table.pop(key, None)


def _own(new: Catalogue, old: Catalogue, properties: Mapping[str, Any]) -> None:
    """Copies of what `add_thing` will change, unless they are copies already."""
    for name in names_of(properties):
        if new.names.get(name) is old.names.get(name) and name in new.names:
            new.names[name] = list(new.names[name])
    for name, value in properties.items():
        if name in TECHNICAL:
            continue
        info = new.fields.get(name)
        if info is not None and info is old.fields.get(name):
            new.fields[name] = dataclasses.replace(
                info, labels=Counter(info.labels), categories=Counter(info.categories)
            )
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str):
                _own_facets(new, old, key_of(text))
    for key, _, _ in keyed_values(new, properties):
        _own_facets(new, old, key)


def _own_facets(new: Catalogue, old: Catalogue, key: str) -> None:
    facets = new.facets.get(key)
    if facets is None or facets is not old.facets.get(key):
        return
    new.facets[key] = {
        name: dataclasses.replace(
            facet,
            values=set(facet.values),
            cities=Counter(facet.cities),
            labels=set(facet.labels),
            fields=set(facet.fields),
        )
        for name, facet in facets.items()
    }


def _respell(new: Catalogue, old: Catalogue, touched: Set[str]) -> None:
    """Names that came or went are found, or not found any more, by part, by sound and without spaces."""
    spoken = sorted(touched | (new.facets.keys() - old.facets.keys()))
    for name in spoken:
        is_name, was_name = name in new.names, name in old.names
        known = is_name or name in new.facets or name in new.cities
        was_known = was_name or name in old.facets or name in old.cities
        if known != was_known:
            for table, key in spellings(new, name):
                _change(table, key, name, add=known)
        if is_name != was_name:
            for word in set(name.split()):
                _change(new.words, word, name, add=is_name)
    came = [name for name in spoken if name in new.names and name not in old.names]
    gone = {name for name in touched if name in old.names and name not in new.names}
    new.name_list = [*(name for name in old.name_list if name not in gone), *came] if gone or came else old.name_list
    for word in (word for name in spoken for word in name.split()):
        if len(word) > 2 and not word[0].isdigit():
            new.vocabulary.setdefault(word, 1)
    new.word_list = list(new.vocabulary)


def _change(table: Table, key: str, value: str, *, add: bool) -> None:
    if add:
        table[key] = [*table.get(key, ()), value]
    else:
        _drop(table, key, value)
