"""The working state of planning: mentions with what has been used of them, and the questions that rules ask of it."""

from collections.abc import Iterable, Sequence

from ibcm.domain.graph import LABEL_BY_KIND
from retrieval.catalogue import Catalogue, Facet, Thing
from retrieval.lexicon import lexicon
from retrieval.linking import Linked, Mention
from retrieval.plan import Named

STOPLIKE = "Stop"
GREETINGS = frozenset("hi hello hey please pls ok so well and dear namaste नमस्ते कृपया".split())
POLITE = tuple((word,) for word in ("you", "somebody", "someone", "anyone", "anybody", "u", "आप", "aap", "मुझे", "कोई"))
"""`Do you know`, `can somebody tell`: no yes or no is wanted."""
YES_NO = frozenset("is are does do did can could has have was were will would kya क्या any got".split())
STRONG = ("not", "open_now", "why", "future", "average", "owns", "owned_by", "parent", "subsidiaries")
"""Operators that change what is asked: a plan that does not use them has not understood the question."""
PLACES = ("area", "city", "data_city")
"""Constraints that a city's name may be without meaning anything but the city."""
GENERIC = {"stop": "Stop", "route": "Route"}


class Reading:
    """One question being planned. Rules mark what they use; what nobody used was not understood."""

    def __init__(self, linked: Linked, catalogue: Catalogue, *, question: str, language: str, city: str | None) -> None:
        self.linked, self.catalogue, self.question, self.language = linked, catalogue, question, language
        self.mentions = linked.mentions
        self.used: set[int] = set()
        self.operators = {operator for mention in self.mentions for operator in mention.operators}
        self.narrowed: dict[int, tuple[str, ...]] = {}
        self._absorb_descriptors()
        self.city = self._city(city)

    # -- asking ---------------------------------------------------------------------------------------------
    def asks(self, *concepts: str) -> bool:
        return any(concept in self.operators for concept in concepts)

    def free(self) -> list[Mention]:
        """Mentions that nobody has used, in order."""
        return [mention for mention in self.mentions if id(mention) not in self.used]

    def ids(self, mention: Mention) -> tuple[str, ...]:
        return self.narrowed.get(id(mention), mention.entities)

    def things(self, mention: Mention, *labels: str) -> list[Thing]:
        """What the mention names, in the asked city when it is known there."""
        found = [self.catalogue.things[id_] for id_ in self.ids(mention)]
        found = [thing for thing in found if not labels or thing.label in labels]
        here = [thing for thing in found if self.city is None or thing.city in (self.city, "")]
        return here or found

    def naming(self, *labels: str) -> list[Mention]:
        """Free mentions that name a thing of these labels, in order."""
        return [m for m in self.free() if m.entities and self.things(m, *labels)]

    def named(self, mention: Mention, *labels: str) -> Named:
        """The mention as a named thing; marks it used."""
        self.use(mention)
        things = self._in_area(mention, self.things(mention, *labels))
        return Named(mention.text, tuple(thing.id for thing in things), mention.exact, mention.partial)

    def _in_area(self, mention: Mention, things: list[Thing]) -> list[Thing]:
        """`Care Hospital in Banjara Hills`, `Care Hospital (Banjara Hills)`: the area that follows the name."""
        for other in self.free():
            behind = other.start >= mention.end and self._small(mention.end, other.start, 2)
            if not behind and not (other.end < mention.start and self._small(other.end, mention.start, 1)):
                continue
            names = {value for facet in other.facets if facet.field == "area" for value in facet.values}
            kept = [thing for thing in things if thing.area in names]
            if (kept and len(things) > 1) or (kept and other.facets and not other.entities):
                self.use(other)
                return kept
        return things

    def use(self, *mentions: Mention | None) -> None:
        self.used.update(id(mention) for mention in mentions if mention is not None)

    def after(self, mention: Mention, *concepts: str, gap: int = 1) -> bool:
        """An operator of these concepts ends right before the mention, with at most `gap` small words between."""
        return any(
            m.is_about(*concepts) and m.end <= mention.start and self._small(m.end, mention.start, gap)
            for m in self.mentions
        )

    def before(self, mention: Mention, *concepts: str, gap: int = 1) -> bool:
        """An operator of these concepts begins right after the mention."""
        return any(
            m.is_about(*concepts) and m.start >= mention.end and self._small(mention.end, m.start, gap)
            for m in self.mentions
        )

    def _small(self, start: int, end: int, gap: int) -> bool:
        between = self.linked.tokens[start:end]
        return len(between) <= gap and all(token.key in lexicon().fillers for token in between)

    def word_after(self, mention: Mention, words: frozenset[str]) -> bool:
        """One of these words stands right behind the mention."""
        return mention.end < len(self.linked.tokens) and self.linked.tokens[mention.end].key in words

    def close(self, first: Mention, second: Mention, *, gap: int = 1) -> bool:
        """The second follows the first with at most `gap` small words between."""
        return second.start >= first.end and self._small(first.end, second.start, gap)

    def describes(self, category: Mention) -> bool:
        """The category stands right behind a name."""
        return any(
            m.end == category.start and (m.entities or m.facets) and not m.categories and not self.is_small(m)
            for m in self.mentions
        )

    def is_small(self, mention: Mention) -> bool:
        """Nothing but everyday words."""
        return all(token.key in lexicon().fillers for token in self.linked.tokens[mention.start : mention.end])

    def first_word(self, words: frozenset[str]) -> bool:
        """The question begins with one of these, greetings aside."""
        keys = [token.key for token in self.linked.tokens if token.key not in GREETINGS]
        return bool(keys) and keys[0] in words and tuple(keys[1:2]) not in POLITE

    def left_over(self) -> tuple[str, ...]:
        """Words that carry meaning and that nobody used."""
        unused = [
            m.text
            for m in self.free()
            if not (m.city and m.city == self.city)
            and (m.entities or m.facets or m.categories or _digits(m) or m.is_about(*STRONG))
            and not self._everyday(m)
        ]
        return tuple(dict.fromkeys([token.text for token in self.linked.residue] + unused))

    def _everyday(self, mention: Mention) -> bool:
        """Operators and small words that happen to be somebody's name too."""
        if mention.is_about(*STRONG):
            return False
        small = self.is_small(mention)
        spoken = bool(mention.operators or mention.fields) and not mention.is_about(*STRONG)
        return bool((spoken and mention.operators) or (small and not _digits(mention))) or (
            spoken and not mention.facets and not mention.categories
        )

    # -- preparing ------------------------------------------------------------------------------------------
    def _absorb_descriptors(self) -> None:
        """`Indiranagar metro station` is the station; `route 335E` is the route."""
        for at, mention in enumerate(self.mentions):
            if not mention.entities:
                continue
            for other in self._neighbours(at):
                kept = self._described_by(mention, other)
                if kept:
                    self.narrowed[id(mention)] = kept
                    self.use(other)
                    break

    def _neighbours(self, at: int) -> list[Mention]:
        """The mention right after, then the one right before where it may describe."""
        mention, found = self.mentions[at], []
        if at + 1 < len(self.mentions) and self.mentions[at + 1].start == mention.end:
            found.append(self.mentions[at + 1])
        if at and self.mentions[at - 1].end == mention.start:
            previous = self.mentions[at - 1]
            if previous.is_about("route", "stop") or (not mention.facets and not mention.city):
                found.append(previous)
        return [other for other in found if id(other) not in self.used]

    def _described_by(self, mention: Mention, other: Mention) -> tuple[str, ...]:
        things = [self.catalogue.things[id_] for id_ in mention.entities]
        if mention.facets and other.categories and not self._one_of_a_kind(mention, other):
            things = [thing for thing in things if thing.label == "Stop"]
        if other.categories:
            slugs = {slug for category in other.categories for slug in self.catalogue.scope.below(category)}
            kept = [thing.id for thing in things if thing.category in slugs]
            if kept:
                return tuple(kept)
        for concept, label in GENERIC.items():
            if concept in other.operators and (kept := [thing.id for thing in things if thing.label == label]):
                return tuple(kept)
        return ()

    def _one_of_a_kind(self, mention: Mention, other: Mention) -> bool:
        """`Koramangala post office` is one; `Koramangala post offices` and `Punjabi restaurant` are kinds."""
        plural = other.text.lower().endswith("s") and other.text.isascii()
        return not plural and all(facet.field == "area" for facet in mention.facets)

    def _city(self, asked: str | None) -> str | None:
        cities = [mention for mention in self.mentions if mention.city and not self._is_value(mention)]
        if len({mention.city for mention in cities}) > 1:
            cities = [mention for mention in cities if not mention.entities]  # `Pune or Mumbai`: things, not a place
        for mention in cities:
            alone = not any(m is not mention and (m.entities or m.categories or m.facets) for m in self.mentions)
            if not (alone and mention.entities):
                self.use(mention)
        return cities[0].city if len({m.city for m in cities}) == 1 else asked

    def _is_value(self, mention: Mention) -> bool:
        """`district Mumbai`, `municipality Gurgaon`: the field right beside says what the word is."""
        return any(self.beside_field(mention, facet.field) for facet in mention.facets if facet.field not in PLACES)

    def beside_field(self, mention: Mention, *fields: str) -> bool:
        """A mention of one of these fields stands right before or right after, small words aside."""
        return any(
            set(other.fields) & set(fields)
            and (
                (other.end <= mention.start and self._small(other.end, mention.start, 2))
                or (other.start >= mention.end and self._small(mention.end, other.start, 1))
            )
            for other in self.mentions
            if other is not mention
        )

    def cities_named(self) -> list[str]:
        return list(dict.fromkeys(mention.city for mention in self.mentions if mention.city))


def _digits(mention: Mention) -> bool:
    return mention.number is not None and mention.text[0] in "0123456789₹"


def label_of_category(catalogue: Catalogue, slug: str) -> str:
    """The label of what a category is about; one that only a source knows is looked up in the data."""
    known = catalogue.scope.categories.get(slug)
    if known is not None:
        return LABEL_BY_KIND[known.kind]
    return next((label for (label, _, category) in catalogue.scopes if category == slug), "Place")


def best_facet(mention: Mention, label: str, fields: Iterable[str] = ()) -> Facet | None:
    """The filter that the mention most likely is for things of this label."""
    preferred = [*fields, "area", "cuisine", "postcode"]
    fitting: Sequence[Facet] = [facet for facet in mention.facets if label in facet.labels]
    ranked = sorted(
        fitting, key=lambda f: (preferred.index(f.field) if f.field in preferred else 99, -sum(f.cities.values()))
    )
    return ranked[0] if ranked else None
