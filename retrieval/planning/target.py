"""What is sought, and by which filters: `vegetarian restaurants in Koramangala under 500`."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.ingest.lookups import LIES_IN
from graph.queries import Condition
from retrieval.catalogue import KEYED, Catalogue, Facet, Thing
from retrieval.containment import is_drawn, within
from retrieval.language import tokens
from retrieval.linking import Mention
from retrieval.plan import AREA_KINDS, Constraint
from retrieval.planning.reading import Reading, best_facet, label_of_category

PRICES = ("price_for_two", "price", "amount")
COMPARISONS = {"lt": "<", "gt": ">", "ge": ">="}
INCLUSIVE = frozenset(
    "up to|upto|at most|not more than|no more than|maximum of|max|within|not exceeding|not above"
    "|or less|or below|or under|तक|tak|से कम या बराबर|के अंदर|ke andar".split("|")
)
POSTCODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Target:
    label: str
    categories: tuple[str, ...]
    slug: str
    plural: bool


def find_target(reading: Reading) -> Target | None:
    """The first free category; else stops, routes, food, cities or areas named as such. Marks it used."""
    for find in (_by_category, _stops_or_routes, _food, _cities_or_areas):
        target = find(reading)
        if target is not None:
            return target
    return None


def _by_category(reading: Reading) -> Target | None:
    nouns = [mention for mention in reading.free() if mention.categories]
    for at, mention in enumerate(nouns):
        following = nouns[at + 1] if at + 1 < len(nouns) else None
        if following is not None and mention.facets and reading.close(mention, following):
            continue  # `fast food restaurants`: the last noun says what is sought
        reading.use(mention)
        if following is not None and reading.describes(mention):
            continue  # `bars near Ulsoor metro station`: it says what Ulsoor is
        return _of_category(reading, mention)
    return None


def _stops_or_routes(reading: Reading) -> Target | None:
    for mention in reading.free():
        for concept, label in (("stop", "Stop"), ("route", "Route")):
            if mention.is_about(concept) and not mention.entities:
                reading.use(mention)
                return Target(label, modes_in(mention.text), concept, mention.text.lower().endswith("s"))
    return None


def _food(reading: Reading) -> Target | None:
    """`Best biryani in Hyderabad`: where it is served."""
    cuisine = any(facet.field == "cuisine" for mention in reading.free() for facet in mention.facets)
    if cuisine and reading.asks("best", "cheapest", "costliest", "list", "count", "exists", "near", "nearest"):
        return Target("Place", reading.catalogue.scope.below("food"), "food", plural=True)
    return None


def _cities_or_areas(reading: Reading) -> Target | None:
    for mention in reading.free():
        several = mention.text.lower().endswith("s") or reading.asks("count", "largest", "smallest")
        if "city" in mention.fields and (several or reading.asks("list")):
            reading.use(mention)
            return Target("Area", (), "city", plural=True)
        kind = next((kind for kind in AREA_KINDS if kind in mention.fields), None)
        if kind and not mention.entities and several and _has_kind(reading.catalogue):
            reading.use(mention)
            return Target("Area", (), kind, plural=True)
        if "area" in mention.fields and not mention.entities and several:
            reading.use(mention)
            return Target("Area", (), "area", plural=True)
    return None


def _has_kind(catalogue: Catalogue) -> bool:
    info = catalogue.fields.get("kind")
    return info is not None and bool(info.labels["Area"])


MODE_WORDS = {
    "bus": frozenset("bus buses bas basein बस बसें बसों".split()),
    "metro": frozenset("metro मेट्रो".split()),
    "rail": frozenset("train trains rail railway local ट्रेन ट्रेनें लोकल".split()),
}


def modes_in(text: str) -> tuple[str, ...]:
    """The means of transport that words name: `bus routes` are not metro lines."""
    keys = {token.key for token in tokens(text)}
    return tuple(mode for mode, words in MODE_WORDS.items() if keys & words)


WHOLE_KINDS = {"company": "Organization", "event": "Event"}
"""Words for everything of a label, whatever category its records give."""


def _of_category(reading: Reading, mention: Mention) -> Target:
    """Of several meanings the one that is known most, here if a city is given."""
    catalogue = reading.catalogue

    def weight(slug: str) -> int:
        return catalogue.known(
            label_of_category(catalogue, slug), city=reading.city, categories=catalogue.scope.below(slug)
        )

    slug = max(mention.categories, key=lambda s: (weight(s), -mention.categories.index(s)))
    if slug in WHOLE_KINDS:
        return Target(WHOLE_KINDS[slug], (), slug, plural=True)
    plural = mention.text.lower().endswith("s") or not mention.text.isascii()
    return Target(label_of_category(catalogue, slug), catalogue.scope.below(slug), slug, plural)


def find_constraints(reading: Reading, target: Target) -> list[Constraint]:
    """Every filter that the free mentions state about the target. Marks them used."""
    cities = Constraint("kind", "=", "city", "city", Condition("kind", "in", ["city"]))
    found = [cities] if target.slug == "city" else []
    if target.label == "Area" and target.slug in AREA_KINDS:
        found.append(Constraint("kind", "=", target.slug, target.slug, Condition("kind", "in", [target.slug])))
    found += [*_dates(reading, target), *_comparisons(reading, target)]
    for mention in reading.free():
        constraint = _postcode(reading, mention, target) or _facet(reading, mention, target)
        constraint = constraint or _flag(reading, mention, target) or _area(reading, mention, target)
        if constraint:
            reading.use(mention)
            found.append(constraint)
    return _joined(found, either=bool({token.key for token in reading.linked.tokens} & {"or", "या", "ya"}))


def _joined(constraints: list[Constraint], *, either: bool) -> list[Constraint]:
    """Two areas mean one or the other, as do two values joined by `or`: nothing lies in both."""
    found: list[Constraint] = []
    for constraint in constraints:
        same = next((c for c in found if _alternative(c, constraint, either)), None)
        if same is None:
            found.append(constraint)
        else:
            found[found.index(same)] = _either(same, constraint)
    return found


def _alternative(one: Constraint, other: Constraint, either: bool) -> bool:
    if one.field != other.field or one.op != "=" or other.op != "=" or not one.condition or not other.condition:
        return False
    return one.condition.op == other.condition.op and (either or one.condition.op in ("any", "in"))


def _either(one: Constraint, other: Constraint) -> Constraint:
    assert one.condition is not None
    assert other.condition is not None
    values = sorted({*_texts(one.condition.value), *_texts(other.condition.value)})
    fields = tuple(dict.fromkeys((*one.condition.fields, *other.condition.fields)))
    areas = tuple(sorted({*one.condition.areas, *other.condition.areas}))
    condition = Condition(one.field, one.condition.op, values, fields, areas)
    shown = f"{one.shown} / {other.shown}"
    return Constraint(one.field, "=", shown, shown, condition)


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _facet(reading: Reading, mention: Mention, target: Target) -> Constraint | None:
    if not mention.facets:
        return None
    near = [facet.field for facet in mention.facets if reading.beside_field(mention, facet.field)]
    if not near and (reading.is_small(mention) or mention.operators):
        return None
    facet = best_facet(mention, target.label, near)
    if facet is None or (mention.number and facet.field != "postcode" and facet.field not in near):
        return None
    reading.use(*(m for m in reading.free() if facet.field in m.fields and not m.facets))
    if facet.field == "area":
        areas = reading.things(mention, "Area") if mention.entities else []
        _use_kinds(reading)
        return _area_constraint(reading.catalogue, target, facet, areas)
    condition = condition_of(reading.catalogue, facet)
    return Constraint(facet.field, "=", facet.display, facet.display, condition if facet.values else None)


def condition_of(catalogue: Catalogue, facet: Facet) -> Condition:
    """What the graph checks for a value: cities and sectors by their slugs, all others as records write them."""
    keyed = next((prop for constraint, prop in KEYED.values() if constraint == facet.field), None)
    if keyed:
        return Condition(keyed, "has", sorted(facet.values))
    listed = catalogue.fields[facet.field].lists > 0
    return Condition(facet.field, "has" if listed else "in", sorted(facet.values))


def _area_constraint(catalogue: Catalogue, target: Target, said: Facet, areas: Sequence[Thing]) -> Constraint:
    """By what records say in words, by what lies in the area's polygon, and by what lies in an area that lies in it."""
    held = tuple(sorted(thing.id for thing in areas))
    condition = Condition(
        "area",
        "any",
        sorted(said.values),
        tuple(sorted(said.fields)) or ("area",),
        held,
        inside=tuple(within(catalogue, held)),
        drawn=bool(held) and target.label in LIES_IN and all(is_drawn(catalogue, area) for area in held),
    )
    return Constraint("area", "=", said.display, said.display, condition)


def _use_kinds(reading: Reading) -> None:
    """`in ward Y`: the word says what Y is."""
    said = [m for m in reading.free() if set(m.fields) & {*AREA_KINDS} and not m.entities]
    reading.use(*(m for m in said if all(facet.field == "kind" for facet in m.facets)))


def _area(reading: Reading, mention: Mention, target: Target) -> Constraint | None:
    """An area that exists although nothing sought lies in it: the answer is none, if the sought have areas at all."""
    areas = reading.things(mention, "Area") if mention.entities else []
    elsewhere = [facet for facet in mention.facets if facet.field == "area"]
    if (not areas and not elsewhere) or not _has_field(reading.catalogue, target, "area", "locality", "area_ids"):
        return None
    names = {thing.name for thing in areas} | {value for facet in elsewhere for value in facet.values}
    _use_kinds(reading)
    said = Facet("area", min(names), names, fields={"area", "locality"})
    return _area_constraint(reading.catalogue, target, said, areas)


def _has_field(catalogue: Catalogue, target: Target, *fields: str) -> bool:
    return any(
        info.labels[target.label] and (not target.categories or any(info.categories[c] for c in target.categories))
        for field in fields
        if (info := catalogue.fields.get(field))
    )


def _postcode(reading: Reading, mention: Mention, target: Target) -> Constraint | None:
    digits = mention.text.replace(" ", "")
    if not _may_be_postcode(reading, mention) or not _has_field(reading.catalogue, target, "postcode"):
        return None
    reading.use(*(m for m in reading.free() if "postcode" in m.fields))
    return Constraint("postcode", "=", digits, digits, Condition("postcode", "in", [digits]))


def _may_be_postcode(reading: Reading, mention: Mention) -> bool:
    """Six digits, unless they are compared with."""
    return _is_postcode(mention.text) and _comparison(reading, mention) is None


def _is_postcode(text: str) -> bool:
    digits = text.replace(" ", "")
    return digits.isdigit() and len(digits) == POSTCODE_DIGITS


def _flag(reading: Reading, mention: Mention, target: Target) -> Constraint | None:
    """`with online delivery` where records say yes or no."""
    for field in mention.fields:
        info = reading.catalogue.fields.get(field)
        if info and info.yes_no and info.texts and info.labels[target.label]:
            wanted = not reading.after(mention, "not", gap=0)
            values = ["Yes", "yes", "YES", "true", "True", "Y"] if wanted else ["No", "no", "NO", "false", "False", "N"]
            for other in reading.free():
                if other.is_about("not") and other.end == mention.start:
                    reading.use(other)
            return Constraint(field, "=", wanted, mention.text, Condition(field, "in", values))
    return None


# -- numbers -----------------------------------------------------------------------------------------------------------
def _comparisons(reading: Reading, target: Target) -> list[Constraint]:
    found: list[Constraint] = []
    numbers = [m for m in reading.free() if m.number and m.number.unit != "m" and not _may_be_postcode(reading, m)]
    while numbers:
        mention = numbers.pop(0)
        if numbers and _is_range(reading, mention, numbers[0]):
            other = numbers.pop(0)
            field = _field(reading, mention, target) or _field(reading, other, target)
            if field:
                reading.use(mention, other, *(m for m in reading.free() if field in m.fields and not m.facets))
                low, high = sorted((_value(mention), _value(other)))
                found += [_number(field, ">=", low), _number(field, "<=", high)]
            continue
        op = _comparison(reading, mention)
        field = _field(reading, mention, target) if op else None
        if op and field:
            reading.use(mention, *(m for m in reading.free() if field in m.fields and not m.facets))
            found.append(_number(field, op, _value(mention)))
    return found


_MONTH_NAMES = (
    "january jan जनवरी", "february feb फरवरी", "march मार्च", "april apr अप्रैल", "may मई", "june जून", "july जुलाई",
    "august aug अगस्त", "september sep sept सितंबर", "october oct अक्टूबर", "november nov नवंबर", "december dec दिसंबर",
)  # fmt: skip
MONTHS = {word: f"{number:02d}" for number, names in enumerate(_MONTH_NAMES, start=1) for word in names.split()}


def _dates(reading: Reading, target: Target) -> list[Constraint]:
    """`in October`, `in 2027`, of things that happen at a time."""
    if target.label != "Event":
        return []
    found = []
    for token in reading.linked.tokens:
        if token.key in MONTHS:
            number = MONTHS[token.key]
            found.append(Constraint("start", "month", number, token.text, Condition("start", "month", [number])))
        elif token.key.isdigit() and len(token.key) == len("2027"):
            found.append(Constraint("start", "year", token.key, token.key, Condition("start", "year", [token.key])))
        else:
            continue
        reading.use(*(m for m in reading.free() if m.text == token.text))
        reading.linked.residue[:] = [left for left in reading.linked.residue if left is not token]
    return found


def _value(mention: Mention) -> float:
    assert mention.number is not None
    return mention.number.value


def _number(field: str, op: str, value: float) -> Constraint:
    plain = int(value) if value == int(value) else value
    return Constraint(field, op, plain, f"{plain}", Condition(field, op, plain))


def _is_range(reading: Reading, first: Mention, second: Mention) -> bool:
    between = reading.linked.tokens[first.end : second.start]
    joined = len(between) <= 2 and all(
        token.key in ("and", "to", "से", "और", "aur", "se", "rs", "₹", "rupees") for token in between
    )
    about = reading.after(first, "between", gap=2) or reading.before(second, "between", gap=2)
    return joined and (about or (len(between) == 1 and between[0].key in ("to", "से", "se")))


def _comparison(reading: Reading, mention: Mention) -> str | None:
    """The comparison that stands right before or right after the number."""
    near: list[tuple[int, Mention, str]] = []
    for other in reading.mentions:
        for concept, sign in COMPARISONS.items():
            if concept in other.operators:
                if other.end <= mention.start and mention.start - other.end <= 1 and not _follows(other):
                    near.append((mention.start - other.end, other, sign))
                elif other.start >= mention.end and other.start - mention.end <= 1 and _follows(other):
                    near.append((other.start - mention.end, other, sign))
    if not near:
        return None
    _, other, sign = min(near, key=lambda hit: (hit[0], hit[1].start > mention.start, "ge" not in hit[1].operators))
    words = " ".join(token.key for token in reading.linked.tokens[other.start : other.end])
    return "<=" if sign == "<" and words in INCLUSIVE else sign


def _follows(comparison: Mention) -> bool:
    """`4 or more`, `500 से कम`: said behind its number; all others stand before it."""
    first = comparison.text.split()[0].lower()
    return first in ("or", "and", "से", "या", "तक", "के", "se", "ya", "tak", "ke", "plus", "upwards", "minimum", "max")


def _field(reading: Reading, mention: Mention, target: Target) -> str | None:
    """The field that a number is about: by unit, by the closest field named, by the size of such numbers."""
    assert mention.number is not None
    catalogue = reading.catalogue
    if mention.number.unit == "stars":
        return "rating"
    prices = [field for field in PRICES if _has_field(catalogue, target, field)]
    if mention.number.unit == "currency":
        return prices[0] if prices else None
    named = sorted(
        (m for m in reading.mentions if m.fields),
        key=lambda m: min(abs(m.end - mention.start), abs(m.start - mention.end)),
    )
    if not mention.text[0].isdigit() and not mention.number.unit:
        return None  # `at least one`
    value = mention.number.value
    for other in named:
        for field in other.fields:
            info = catalogue.fields.get(field)
            plausible = value <= 5 if field == "rating" else value >= 10 if field in PRICES else True
            if plausible and info and info.numeric and _has_field(catalogue, target, field):
                return field
    if value <= 5 and _has_field(catalogue, target, "rating"):
        return "rating"
    return prices[0] if prices and value >= 20 else None
