"""Nearest, within a distance, how far, and which of two is closer."""

from collections.abc import Sequence
from itertools import pairwise

from benchmarks.questions.draft import Distance, Draft, Many, Named, Slot, StopName
from benchmarks.questions.makers.context import Context, Maker
from benchmarks.questions.text import fold, metres
from benchmarks.questions.transit import StopGroup
from benchmarks.questions.world import Thing

LEAST_GAP_M = 20.0
LEAST_GAP = 0.01
RADII_M = (200.0, 300.0, 500.0, 750.0, 1_000.0, 1_500.0, 2_000.0, 3_000.0)

Spot = tuple[Slot, tuple[float, float], list[str]]
"""How it is called, where it is, its records."""


def nearest(context: Context) -> Draft | None:
    """The nearest one."""
    found = _around(context, 1)
    if found is None:
        return None
    spot, category, ranked = found
    slots = {"one": Many(category, one=True), "ref": spot[0]}
    winner = ranked[0][1]
    return Draft(
        "nearest", "nearest", slots, context.city, winner.name, "string", list(_other_names(winner)),
        gold=[*winner.refs, *spot[2]],
    )  # fmt: skip


def nearest_k(context: Context) -> Draft | None:
    """The nearest two to five, in order."""
    k = context.rng.randint(2, 5)
    found = _around(context, k)
    if found is None:
        return None
    spot, category, ranked = found
    slots: dict[str, Slot] = {"k": k, "np": Many(category), "ref": spot[0]}
    names = [thing.name for _, thing in ranked[:k]]
    if len({fold(name) for name in names}) < k:
        return None
    gold = [ref for _, thing in ranked[:k] for ref in thing.refs]
    return Draft("nearest_k", "nearest_k", slots, context.city, names, "list", gold=gold, ordered=True)


def within(context: Context) -> Draft | None:
    """Everything of a category in a radius: names, or how many."""
    spot, category = _spot(context), context.category()
    if spot is None or category is None:
        return None
    radius = context.rng.choice(RADII_M)
    candidates = [t for t in context.world.places(context.city, category) if not set(t.refs) & set(spot[2])]
    gap = max(LEAST_GAP_M, LEAST_GAP * radius)
    inside: list[Thing] = []
    for thing in candidates:
        if thing.point is None or context.standing(thing) == "out":
            continue
        away = metres(spot[1], thing.point)
        if abs(away - radius) < gap or (away < radius and (context.standing(thing) == "maybe" or thing.doubtful)):
            return None
        if away < radius:
            inside.append(thing)
    if not 1 <= len(inside) <= 25:
        return None
    slots: dict[str, Slot] = {"np": Many(category), "dist": Distance(radius), "ref": spot[0]}
    gold = [ref for thing in inside for ref in thing.refs]
    if context.rng.random() < 0.4:
        return Draft("within", "within_count", slots, context.city, len(inside), "number", gold=gold)
    names = sorted({thing.key: thing.name for thing in inside}.values())
    return Draft("within", "within", slots, context.city, names, "list", gold=gold, total=len(inside))


def distance(context: Context) -> Draft | None:
    """How far is A from B?"""
    one, other = _spot(context), _spot(context)
    if one is None or other is None or fold(_label(one)) == fold(_label(other)):
        return None
    away = metres(one[1], other[1])
    if not 150 <= away <= 60_000:
        return None
    slots: dict[str, Slot] = {"a": one[0], "b": other[0]}
    tolerance = max(20.0, 0.01 * away)
    return Draft(
        "distance", "distance", slots, context.city, round(away), "number", gold=[*one[2], *other[2]],
        tolerance=tolerance,
    )  # fmt: skip


def closer(context: Context) -> Draft | None:
    """Which of two is nearer to a third?"""
    spots = [_spot(context) for _ in range(3)]
    known = [spot for spot in spots if spot is not None]
    if len({fold(_label(spot)) for spot in known}) < 3:
        return None
    to, one, other = known
    near, far = sorted((one, other), key=lambda spot: metres(spot[1], to[1]))
    if metres(far[1], to[1]) < 1.15 * metres(near[1], to[1]) + 100:
        return None
    slots: dict[str, Slot] = {"ref": to[0], "a": one[0], "b": other[0]}
    return Draft(
        "compare", "compare.near", slots, context.city, _label(near), "string", gold=[*near[2], *far[2], *to[2]]
    )


def _around(context: Context, k: int) -> tuple[Spot, str, list[tuple[float, Thing]]] | None:
    """A reference and the nearest things of a category, when the first k are beyond argument."""
    spot, category = _spot(context), context.category()
    if spot is None or category is None:
        return None
    ranked = _ranked(context, spot, category)
    head = ranked[: k + 1]
    if len(head) <= k or head[0][0] < LEAST_GAP_M or head[k - 1][0] > 15_000:
        return None
    if any(context.standing(thing) == "maybe" or thing.doubtful for _, thing in head[:k]):
        return None
    for (near, _), (far, _) in pairwise(head):
        if far - near < max(LEAST_GAP_M, LEAST_GAP * far):
            return None
    return spot, category, ranked


def _ranked(context: Context, spot: Spot, category: str) -> list[tuple[float, Thing]]:
    places = context.world.places(context.city, category)
    located = [t for t in places if t.point and context.standing(t) != "out" and not set(t.refs) & set(spot[2])]
    return sorted(((metres(spot[1], t.point), t) for t in located if t.point), key=lambda pair: pair[0])


def _spot(context: Context) -> Spot | None:
    """Something to measure from: a place or a stop whose position nobody doubts."""
    stops = context.network.stops
    if stops and context.rng.random() < 0.45:
        return _stop_spot(context, context.rng.choice(stops))
    places = [t for t in context.things if t.kind == "place" and t.point]
    picked = context.pick(places)
    if picked is None or context.standing(picked[0]) != "in" or picked[0].point is None:
        return None
    return picked[1], picked[0].point, picked[0].refs


def _stop_spot(context: Context, stop: StopGroup) -> Spot | None:
    """One pole only: of several poles nobody can say which one is meant."""
    alone = len(stop.members) == 1 and len(context.network.named_stops[fold(stop.name)]) == 1
    others = [t for t in context.world.named(stop.name, context.city) if t.kind != "stop"]
    if not alone or others or stop.point is None or len(fold(stop.name)) < 5:
        return None
    return StopName(stop.name, stop.mode), stop.point, stop.refs


def _label(spot: Spot) -> str:
    return spot[0].name if isinstance(spot[0], Named | StopName) else ""


def _other_names(thing: Thing) -> Sequence[str]:
    return sorted(thing.all_names - {thing.key})


SPACE_MAKERS: dict[str, tuple[float, Maker]] = {
    "nearest": (6.0, nearest),
    "nearest_k": (4.0, nearest_k),
    "within": (5.0, within),
    "distance": (4.0, distance),
    "closer": (2.0, closer),
}
