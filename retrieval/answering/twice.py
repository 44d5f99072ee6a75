"""Rounds that may be one, told by two sources: resolution asks a person about them, and a sum says so until somebody
has decided."""

from collections.abc import Iterable, Mapping, Sequence

from retrieval.answering.context import Context
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft
from retrieval.answering.funds import amount_and_date, told

MOST_PAIRS = 3
"""Spelt out in one answer; of the rest the number is said."""
Pair = tuple[str, str]


def maybe_one(refs_of: Mapping[str, Sequence[str]], context: Context) -> list[Pair]:
    """Pairs of these rounds, by id, about which nobody has decided. `refs_of`: id of a round -> its records."""
    home = {ref: funding for funding, refs in refs_of.items() for ref in refs}
    open_pairs = context.ledger.undecided(home) if len(refs_of) > 1 else ()
    pairs = {(min(home[a], home[b]), max(home[a], home[b])) for a, b in open_pairs if home[a] != home[b]}
    return sorted(pairs)


def say_twice(pairs: Sequence[Pair], draft: Draft, context: Context) -> None:
    """A sentence for each pair, with what each of the two says."""
    shown = pairs[:MOST_PAIRS]
    entities = {entity.id: entity for entity in context.of(sorted({one for pair in shown for one in pair}))}
    for one, other in ((entities[a], entities[b]) for a, b in shown if a in entities and b in entities):
        first, second = sorted((one, other), key=lambda found: (str(found.get("date")), found.id))
        words = context.phrases.say(
            "maybe_one", one=amount_and_date(first, context), other=amount_and_date(second, context)
        )
        draft.say(words, *told(first), *told(second))
        if len(pairs) > MOST_PAIRS and (one.id, other.id) == shown[-1]:
            n = len(pairs) - MOST_PAIRS
            draft.say(context.phrases.say("maybe_more", n=n), *told(first), support="computed", computed=[n])


def counted_once(amounts: Mapping[str, float], pairs: Iterable[Pair]) -> float:
    """The sum if every such pair is one round: of each group that pairs connect, the largest amount."""
    group = {one: one for one in amounts}
    for one, other in pairs:
        if one in group and other in group:
            kept, lost = group[one], group[other]
            group = {id_: kept if of == lost else of for id_, of in group.items()}
    largest: dict[str, float] = {}
    for id_, of in group.items():
        largest[of] = max(largest.get(of, 0.0), amounts[id_])
    return sum(largest.values())


def refs_of(fundings: Iterable[Entity]) -> dict[str, tuple[str, ...]]:
    return {found.id: found.refs for found in fundings}
