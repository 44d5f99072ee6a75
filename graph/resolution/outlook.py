"""How much a pair could weigh at best, told by what costs next to nothing.

Most pairs that share a key are far from being one thing, and need no alignment of names and addresses.
"""

from graph.resolution import compare
from graph.resolution.compare import Levels
from graph.resolution.snapshot import LabelModel
from graph.resolution.traits import Traits

AGAINST = ("elsewhere", "other_number")
"""What an address may still say where its numbers contradict each other."""


def most_bits(one: Traits, other: Traits, quick: Levels, model: LabelModel, name: str | None = None) -> float:
    """No evidence that is not looked at yet can bring the pair above this. `name`: its level, once it is known."""
    told = sum(model.weight(comparison, level) for comparison, level in quick.items() if comparison != "position")
    position = max(model.weight("position", level) for level in compare.possible_positions(one, other, quick))
    return model.prior_weight + told + position + _name(one, other, model, name) + _rest(one, other, model)


def _name(one: Traits, other: Traits, model: LabelModel, name: str | None) -> float:
    if name is not None:
        return model.weight("name", name)
    return model.best("name") if one.callings and other.callings else 0.0


def _rest(one: Traits, other: Traits, model: LabelModel) -> float:
    """Of address and prose."""
    prose = model.best("prose") if one.prose or other.prose else 0.0
    if not (one.address.words and other.address.words):
        return prose
    if compare.addresses_may_agree(one, other):
        return prose + model.best("address")
    return prose + max(model.weight("address", level) for level in AGAINST)
