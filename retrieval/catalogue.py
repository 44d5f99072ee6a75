"""What this home knows, by name: entities, categories, cities, filter values, fields; ready to be found in a question.

Built from the graph, and swapped when the ledger's revision moved; a catalogue never changes after it was built. What a
few changed entities take is in patching.py.
"""

import dataclasses
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph import queries
from graph.resolution.firms import without_legal_form
from graph.romanise import sounds
from graph.store.base import GraphStore
from ibcm.domain.gazetteer import Gazetteer
from ibcm.domain.graph import ENTITY_LABELS
from ibcm.domain.scope import Scope
from retrieval.language import key_of
from retrieval.lexicon import lexicon

MOST = 200_000
"""Entities of one city and category."""
FACET_FIELDS = {"area": "area", "locality": "area"}
"""Fields that answer the same constraint, by the constraint's name."""
TECHNICAL = frozenset(
    "id revision label record_kind scope_key area_key locality_key cuisine_keys town_keys sector_keys name_key cell7 "
    "cell9 located fact_names fact_records conflicts record_refs last_seen lapsed over right_from right_until".split()
)
NO_FACET = TECHNICAL | frozenset(
    "name aliases address phone email website description opening_hours lat lon city category categories mode url text "
    "body summary title price_currency coordinate_precision country basis area_ids partly_ids drawn_by data_city "
    "data_sector sector company investors amount_text".split()
)
KEYED: Mapping[str, tuple[str, str]] = {
    "town_keys": ("data_city", "town_keys"),
    "sector_keys": ("sector", "sector_keys"),
}
"""Property of slugs -> the constraint that it answers, under every name of the slug, and the property to look at."""
_PREFIX = re.compile("^(has|is|ids|data) ")
_UNIT = re.compile(" (in )?(inr|usd|rs|hrs|hours|km|m|ft|feet|kg|text|busd)$")
YES_NO = frozenset({"yes", "no", "true", "false", "y", "n"})


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity as linking and planning need it."""

    id: str
    label: str
    name: str
    city: str
    category: str
    """Category of a place or event, mode of a stop or route."""
    area: str
    lat: float | None
    lon: float | None
    located: bool
    over: bool = False
    """Nothing of it holds now: known by its name, and part of no list."""
    right: tuple[datetime, datetime] | None = None
    """From when and before when this is so; None for what has no validity."""


@dataclass(frozen=True, slots=True)
class AreaInfo:
    """An area among areas."""

    kind: str
    """As the source names it, folded."""
    inside: tuple[str, ...]
    """The areas in which it lies, by polygons or in words."""
    partly: tuple[str, ...]
    """Those, no smaller than itself, in which only a part of it lies."""
    sources: frozenset[str]
    drawn_by: str
    """The record whose polygon is used; empty where there is none."""


@dataclass(slots=True)
class Facet:
    """A value that entities can be filtered by."""

    field: str
    display: str
    values: set[str] = dataclasses.field(default_factory=set)
    """The spellings that the graph holds."""
    cities: Counter[str] = dataclasses.field(default_factory=Counter)
    labels: set[str] = dataclasses.field(default_factory=set)
    fields: set[str] = dataclasses.field(default_factory=set)


@dataclass(slots=True)
class FieldInfo:
    """A field that entities have: where, and what its values look like."""

    name: str
    labels: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    numeric: int = 0
    texts: int = 0
    lists: int = 0
    yes_no: bool = True


@dataclass(slots=True)
class Catalogue:
    scope: Scope
    revision: int
    gazetteer: Gazetteer = field(default_factory=lambda: Gazetteer(Scope({}, {}, {})))
    """All names of cities and sectors."""
    things: dict[str, Thing] = field(default_factory=dict)
    areas: dict[str, AreaInfo] = field(default_factory=dict)
    """By entity id."""
    dated: dict[str, Thing] = field(default_factory=dict)
    """Those of the things that have a validity."""
    names: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Folded name or alias -> entity ids."""
    called: dict[str, frozenset[str]] = field(default_factory=dict)
    """Entity id -> the folded names under which it stands."""
    squeezed: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Folded name without spaces -> folded names."""
    sounding: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Sound of a name -> folded names (of entities, facets and cities)."""
    words: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """One folded word -> folded names that hold it, for names given in part."""
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Folded phrase -> category slugs."""
    cities: dict[str, str] = field(default_factory=dict)
    """Folded city name -> slug."""
    facets: defaultdict[str, dict[str, Facet]] = field(default_factory=lambda: defaultdict(dict))
    """Folded value -> constraint name -> facet."""
    fields: dict[str, FieldInfo] = field(default_factory=dict)
    field_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Folded phrase -> fields that are called just that in the data."""
    scopes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(label, city, category) -> how many entities."""
    seen: dict[tuple[str, str], Facet] = field(default_factory=dict)
    """(field, value as written) -> its facet; only while building."""
    vocabulary: dict[str, int] = field(default_factory=dict)
    """Every folded word that can be meant -> weight, for spelling."""
    name_list: list[str] = field(default_factory=list)
    word_list: list[str] = field(default_factory=list)

    def scope_keys(self, label: str, *, city: str | None, categories: Iterable[str] = ()) -> list[str]:
        """`city|category` keys that exist for this label."""
        wanted = set(categories)
        return sorted(
            f"{c}|{k}"
            for (label_, c, k) in self.scopes
            if label_ == label and (city is None or c == city) and (not wanted or k in wanted)
        )

    def turned(self, label: str, now: datetime, *, city: str | None = None) -> list[str]:
        """Entities of which the graph holds something else than holds at `now`: the question is about another time, or
        time has just passed."""
        return [
            thing.id
            for thing in self.dated.values()
            if thing.label == label
            and city in (None, thing.city)
            and thing.right
            and not thing.right[0] <= now < thing.right[1]
        ]

    def known(self, label: str, *, city: str | None = None, categories: Iterable[str] = ()) -> int:
        """How many entities there are of a kind, before any other filter."""
        wanted = set(categories)
        return sum(
            n
            for (label_, c, k), n in self.scopes.items()
            if label_ == label and (city is None or c == city) and (not wanted or k in wanted)
        )


def build(graph: GraphStore, scope: Scope, *, revision: int) -> Catalogue:
    """Read every entity once. Takes seconds at 50,000 entities; run it aside."""
    catalogue = Catalogue(scope, revision, Gazetteer(scope))
    _add_configuration(catalogue)
    for label in ENTITY_LABELS:
        for properties in _pages(graph, label):
            add_thing(catalogue, label, properties)
    _finish(catalogue)
    return catalogue


def _pages(graph: GraphStore, label: str) -> Iterator[Mapping[str, Any]]:
    """Scope by scope: each is found by its index, and no more than one is held at a time."""
    for scope in graph.read(queries.scope_keys(label)):
        for row in graph.read(queries.select(label, [str(scope["scope"])], [], limit=MOST)):
            properties = row["properties"]
            assert isinstance(properties, dict)
            yield properties


def _add_configuration(catalogue: Catalogue) -> None:
    for city in catalogue.scope.cities.values():
        for name in (city.slug, *city.names.values(), *city.aliases):
            catalogue.cities[key_of(name)] = city.slug
    words: dict[str, list[str]] = defaultdict(list)
    for category in catalogue.scope.categories.values():
        for phrase in (category.slug.replace("_", " "), *(w for group in category.words.values() for w in group)):
            if category.slug not in words[key_of(phrase)]:
                words[key_of(phrase)].append(category.slug)
    catalogue.categories.update({phrase: tuple(slugs) for phrase, slugs in words.items()})


def add_thing(catalogue: Catalogue, label: str, properties: Mapping[str, Any]) -> None:
    thing = _thing_of(label, properties)
    catalogue.things[thing.id] = thing
    if label == "Area":
        catalogue.areas[thing.id] = _area_of(properties)
    if thing.right:
        catalogue.dated[thing.id] = thing
    if thing.city and thing.city not in catalogue.scope.cities:
        for spelled in catalogue.gazetteer.names(thing.city.replace("_", " ")):  # known from records alone
            catalogue.cities.setdefault(key_of(spelled), thing.city)
    if not thing.over:
        catalogue.scopes[(label, thing.city, thing.category)] += 1
    catalogue.called[thing.id] = names_of(properties)
    for name in catalogue.called[thing.id]:
        ids = catalogue.names[name]
        if thing.id not in ids[-3:]:
            ids.append(thing.id)
    _add_values(catalogue, thing, properties)


def _thing_of(label: str, properties: Mapping[str, Any]) -> Thing:
    return Thing(
        id=properties["id"],
        label=label,
        name=str(properties.get("name", "")),
        city=str(properties.get("city") or ""),
        category=str(properties.get("category") or properties.get("mode") or ""),
        area=str(properties.get("area") or properties.get("locality") or ""),
        lat=properties.get("lat"),
        lon=properties.get("lon"),
        located=bool(properties.get("located")),
        over=bool(properties.get("over")),
        right=_right(properties),
    )


def _add_values(catalogue: Catalogue, thing: Thing, properties: Mapping[str, Any]) -> None:
    """What it may be asked for and filtered by. What does not hold now may be asked for, and filters nothing."""
    for name, value in properties.items():
        if name not in TECHNICAL:
            _add_field(catalogue, thing, name, value)
    for text in properties.get("lapsed") or ():
        name = json.loads(text)["field"]
        catalogue.fields.setdefault(name, FieldInfo(name))
    for key, constraint, slug in keyed_values(catalogue, properties):
        facet = catalogue.facets[key].setdefault(constraint, Facet(constraint, shown(catalogue, constraint, slug)))
        facet.values.add(slug)
        facet.fields.add(constraint)
        facet.cities[thing.city] += 1
        facet.labels.add(thing.label)


def _area_of(properties: Mapping[str, Any]) -> AreaInfo:
    return AreaInfo(
        kind=key_of(str(properties.get("kind") or "")),
        inside=tuple(properties.get("area_ids") or ()),
        partly=tuple(properties.get("partly_ids") or ()),
        sources=frozenset(ref.partition(":")[0] for ref in properties.get("record_refs") or ()),
        drawn_by=str(properties.get("drawn_by") or ""),
    )


def _right(properties: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    since, until = properties.get("right_from"), properties.get("right_until")
    return (datetime.fromisoformat(since), datetime.fromisoformat(until)) if since and until else None


def keyed_values(catalogue: Catalogue, properties: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(folded name, constraint, slug) for every name by which an entity's cities and sectors may be asked for. Names
    that are everyday words or kinds of things are left to those."""
    for name, (constraint, _) in KEYED.items():
        for slug in properties.get(name) or ():
            named = (
                catalogue.gazetteer.names(slug) if constraint == "data_city" else catalogue.gazetteer.sector_names(slug)
            )
            for key in dict.fromkeys(map(key_of, named)):
                if key and key not in catalogue.categories and key not in lexicon().fillers:
                    yield key, constraint, slug


def shown(catalogue: Catalogue, constraint: str, slug: str) -> str:
    """The first name of a city or a sector."""
    if constraint == "data_city":
        entry = catalogue.scope.cities.get(slug) or catalogue.scope.towns.get(slug)
        return entry.names["en"] if entry else catalogue.gazetteer.names(slug)[0].title()
    sector = catalogue.scope.sectors.get(slug)
    return sector.names["en"] if sector else slug


def names_of(properties: Mapping[str, Any]) -> frozenset[str]:
    spelled = [
        properties.get("name"),
        *properties.get("aliases", ()),
        properties.get("short_name"),
        properties.get("code"),
    ]
    spelled += [value for name, value in properties.items() if name.startswith("name_") and name != "name_key"]
    keys = {key for text in spelled if isinstance(text, str) and (key := key_of(text))}
    if properties.get("record_kind") == "organization":
        keys |= {" ".join(without_legal_form(key.split())) for key in keys}
    return frozenset(keys)


def _add_field(catalogue: Catalogue, thing: Thing, name: str, value: object) -> None:
    info = catalogue.fields.setdefault(name, FieldInfo(name))
    info.labels[thing.label] += 1
    info.categories[thing.category] += 1
    values = value if isinstance(value, list) else [value]
    info.lists += isinstance(value, list)
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        info.numeric += 1
        info.yes_no = False
        return
    info.texts += 1
    for text in values:
        if not isinstance(text, str):
            continue
        if info.yes_no and text.strip().lower() not in YES_NO:
            info.yes_no = False
        if name == "sectors" and catalogue.gazetteer.sector(text):
            continue  # asked for by its slug, however it is written
        if name not in NO_FACET and not name.startswith(("ids_", "name_")) and len(text) <= 60:
            _add_facet(catalogue, thing, name, text)


def _add_facet(catalogue: Catalogue, thing: Thing, name: str, text: str) -> None:
    facet = catalogue.seen.get((name, text))
    if facet is None:
        key = key_of(text)
        if not key or len(key.split()) > 6 or text.strip().lower() in YES_NO:
            return
        constraint = FACET_FIELDS.get(name, name)
        facet = catalogue.facets[key].setdefault(constraint, Facet(constraint, text))
        facet.values.add(text)
        facet.fields.add(name)
        catalogue.seen[(name, text)] = facet
    facet.cities[thing.city] += 1
    facet.labels.add(thing.label)


def _other_spellings(catalogue: Catalogue) -> None:
    """Known values under their other spellings; a value that no record has stands with no values of its own."""
    for phrase, meanings in lexicon().values.items():
        for name, value in meanings:
            if name not in catalogue.fields:
                continue
            own = catalogue.facets.get(key_of(value), {}).get(name) or _like(catalogue, name, value)
            facet = own or Facet(name, value, fields={name}, labels=set(catalogue.fields[name].labels))
            catalogue.facets[phrase].setdefault(name, facet)


FOOD = ("food", "cuisine", "dishes", "khana", "खाना", "भोजन")


def _with_food(catalogue: Catalogue) -> None:
    """`Chinese food` says `Chinese`."""
    for phrase in [key for key, facets in catalogue.facets.items() if "cuisine" in facets]:
        for word in FOOD:
            catalogue.facets[f"{phrase} {word}"].setdefault("cuisine", catalogue.facets[phrase]["cuisine"])


def _like(catalogue: Catalogue, name: str, value: str) -> Facet | None:
    """The facet of the same value in singular or plural."""
    key = key_of(value)
    spelled = (key.removesuffix("s"), f"{key}s")
    return next((f for s in spelled if s in catalogue.facets and (f := catalogue.facets[s].get(name))), None)


def _finish(catalogue: Catalogue) -> None:
    _other_spellings(catalogue)
    _with_food(catalogue)
    _categories_as_written(catalogue)
    _own_field_words(catalogue)
    spoken = [*catalogue.names, *catalogue.facets, *catalogue.cities]
    for name in dict.fromkeys(spoken):
        for table, key in spellings(catalogue, name):
            table[key].append(name)
    for name in catalogue.names:
        for word in set(name.split()):
            catalogue.words[word].append(name)
    _vocabulary(catalogue)
    catalogue.seen.clear()
    catalogue.name_list, catalogue.word_list = list(catalogue.names), list(catalogue.vocabulary)
    freeze(catalogue)


def spellings(catalogue: Catalogue, name: str) -> Iterator[tuple[defaultdict[str, list[str]], str]]:
    """Where a name that may be spoken is looked up: without spaces, and by its sound."""
    yield catalogue.squeezed, name.replace(" ", "")
    if (sound := sounds(name)) and len(sound) > 1:
        yield catalogue.sounding, sound


def freeze(catalogue: Catalogue) -> None:
    """From here on lookups add no keys."""
    for table in (catalogue.names, catalogue.squeezed, catalogue.sounding, catalogue.words):
        table.default_factory = None
    catalogue.facets.default_factory = None


def _categories_as_written(catalogue: Catalogue) -> None:
    known = catalogue.scope.categories
    for _, _, slug in list(catalogue.scopes):
        if slug and slug not in known:
            phrase = key_of(slug.replace("_", " ").replace("-", " "))
            for spelled in {phrase, f"{phrase}s", f"{phrase}es"}:
                catalogue.categories[spelled] = (*catalogue.categories.get(spelled, ()), slug)


def _own_field_words(catalogue: Catalogue) -> None:
    words: dict[str, list[str]] = defaultdict(list)
    for name in catalogue.fields:
        phrase = key_of(name.replace("_", " "))
        for spelled in {phrase, _PREFIX.sub("", phrase), _UNIT.sub("", phrase)}:
            if spelled:
                words[spelled].append(name)
    catalogue.field_words.update({phrase: tuple(fields) for phrase, fields in words.items()})


def _vocabulary(catalogue: Catalogue) -> None:
    weights: Counter[str] = Counter()
    for name in (*catalogue.names, *catalogue.facets):
        weights.update(name.split())
    strong = (
        *catalogue.categories,
        *catalogue.cities,
        *catalogue.field_words,
        *lexicon().operators,
        *lexicon().attributes,
    )
    for phrase in strong:
        for word in phrase.split():
            weights[word] += 50
    for word in lexicon().fillers:
        weights[word] += 20
    catalogue.vocabulary = {word: n for word, n in weights.items() if len(word) > 2 and not word[0].isdigit()}
