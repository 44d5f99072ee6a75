"""`How do I get from A to B`, `bus from A to B`, `A se B kaise jaye`: between stops, places and areas."""

from dataclasses import replace

from retrieval.linking import Mention
from retrieval.plan import AREA_KINDS, Named, Plan
from retrieval.planning.reading import Reading
from retrieval.planning.target import modes_in
from retrieval.planning.transit import FROM, MODES, UNTOLD

ENDS = ("Stop", "Area", "Place", "Event")
"""What a journey may begin or end at."""
TO = frozenset(("तक", "tak", "को", "ko"))
"""Stands behind its noun, unlike `to`."""
OTHER = ("nearest", "far", "within", "near", "count", "how_many_stops", "stop", "compare", "cheapest", "best")


def journey(reading: Reading, base: Plan) -> Plan | None:
    """A plan when a way is asked for; between two stops only where the question says more than `bus from A to B`."""
    ends = _ends(reading)
    asked = reading.asks("journey")
    if not ends or reading.asks(*OTHER) or _asks_untold(reading) or reading.naming("Route"):
        return None
    if len(ends) == 1:
        if not asked:
            return None
        return replace(base, kind="unclear", why_unclear="journey_one_end", subjects=(_named(reading, ends[0]),))
    if not asked and (not _by_vehicle(reading) or not _is_from(reading, ends) or _all_stops(reading, ends)):
        return None
    modes = modes_in(" ".join(m.text for m in reading.mentions if m not in ends and _is_vehicle(m)))
    subjects = tuple(_named(reading, end) for end in _in_order(reading, ends))
    reading.use(*(m for m in reading.free() if _is_vehicle(m)))
    about = {"direct": True} if reading.asks("direct") else {}
    return replace(base, kind="journey", label="Route", subjects=subjects, categories=modes, about=about)


def _ends(reading: Reading) -> list[Mention]:
    """The two that words such as `from` and `to` stand beside, else the first two that are named."""
    named = [m for m in reading.naming(*ENDS) if not reading.is_small(m) and not _is_vehicle(m) and not _is_city(m)]
    marked = [m for m in named if _starts(reading, m) or _ends_there(reading, m)]
    chosen = (marked if len(marked) > 1 else named)[:2]
    return [m for m in named if m in chosen]


def _is_city(mention: Mention) -> bool:
    return mention.city is not None and not mention.facets and len(mention.entities) <= 1


def _is_vehicle(mention: Mention) -> bool:
    """`bus`, `metro`: how, not where."""
    return (mention.is_about("route", "direct") or bool(set(mention.categories) & MODES)) and not mention.facets


def _starts(reading: Reading, mention: Mention) -> bool:
    return reading.word_after(mention, FROM) or reading.after(mention, "from")


def _ends_there(reading: Reading, mention: Mention) -> bool:
    return reading.word_after(mention, TO) or reading.after(mention, "to", "towards")


def _is_from(reading: Reading, ends: list[Mention]) -> bool:
    return any(_starts(reading, end) for end in ends)


def _by_vehicle(reading: Reading) -> bool:
    return any(_is_vehicle(mention) for mention in reading.mentions)


def _all_stops(reading: Reading, ends: list[Mention]) -> bool:
    return all(reading.things(end, "Stop") for end in ends)


def _asks_untold(reading: Reading) -> bool:
    return any(field in UNTOLD for mention in reading.free() for field in mention.fields)


def _in_order(reading: Reading, ends: list[Mention]) -> list[Mention]:
    """Where it begins, where it ends."""
    first, second = ends
    if any(reading.word_after(end, FROM) for end in ends):
        backwards = not reading.word_after(first, FROM)
    else:
        backwards = reading.after(second, "from") and not reading.after(first, "from")
        backwards = backwards or (reading.after(first, "to", "towards", gap=0) and not reading.after(second, "to"))
    return [second, first] if backwards else [first, second]


def _named(reading: Reading, mention: Mention) -> Named:
    """The stops and areas of that name; a place only where there is neither. `Koramangala ward` is the area."""
    said = [m for m in reading.free() if set(m.fields) & {*AREA_KINDS} and not m.entities]
    kind = next((m for m in said if reading.close(mention, m, gap=0) or reading.close(m, mention, gap=0)), None)
    if kind is not None and reading.things(mention, "Area"):
        reading.use(kind)
        return reading.named(mention, "Area")
    for labels in (("Stop", "Area"), ("Place",)):
        if reading.things(mention, *labels):
            return reading.named(mention, *labels)
    return reading.named(mention, *ENDS)
