"""Judged pairs and decisions -> entities."""

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.resolution.cluster import Component, Pair, pair, partition
from graph.resolution.resolver import Band, Judgement
from ibcm.domain.decisions import Verdict

SAME, LIKELY, REVIEW, NOT = 0.99, 0.92, 0.6, 0.01
APART = Judgement("different", 0.0, ())


def judgement(probability: float, *, bond: bool = False) -> Judgement:
    band: Band = "same" if probability >= 0.9 else "review" if probability >= 0.35 else "different"
    return Judgement(band, probability, (), bond=bond)


def clusters(
    refs: str,
    pairs: dict[str, float],
    *,
    verdicts: dict[Pair, Verdict] | None = None,
    bonds: tuple[str, ...] = (),
    apart: tuple[str, ...] = (),
    unseen: float = 0.0,
    ties_join: bool = False,
) -> list[str]:
    """Refs and pairs as letters: `{"ab": 0.99}`. `unseen`: what is judged of pairs that share no key."""
    judged = {pair(*two): judgement(p) for two, p in pairs.items()}
    judged |= {pair(*two): judgement(1.0, bond=True) for two in bonds}
    component = Component(judged, verdicts or {}, lambda a, b: "".join(sorted(a + b)) in apart, ties_join=ties_join)
    found = partition(refs, component, lambda a, b: judgement(unseen), same=0.9)
    return ["".join(one) for one in found.clusters]


def test_pairs_join_and_others_stay_single() -> None:
    assert clusters("abc", {"ab": SAME}) == ["ab", "c"]
    assert clusters("abc", {"ab": REVIEW}) == ["a", "b", "c"]


def test_a_chain_without_evidence_for_its_ends_is_not_swallowed() -> None:
    assert clusters("abc", {"ab": SAME, "bc": LIKELY}) == ["ab", "c"]
    assert clusters("abc", {"ab": SAME, "bc": LIKELY, "ac": NOT}) == ["ab", "c"]


def test_a_third_record_joins_what_it_may_be_and_mostly_is() -> None:
    assert clusters("abc", {"ab": SAME, "bc": SAME, "ac": REVIEW}) == ["abc"]
    assert clusters("abc", {"ab": SAME, "bc": SAME}, unseen=REVIEW) == ["abc"]


def test_a_bound_group_is_met_at_any_of_its_members() -> None:
    assert clusters("abcd", {"ad": SAME, "bd": NOT}, bonds=("ab", "bc")) == ["abcd"]


def test_a_source_without_duplicates_keeps_the_better_of_two() -> None:
    assert clusters("abx", {"ax": SAME, "bx": LIKELY}, apart=("ab",)) == ["ax", "b"]


def test_of_two_that_exclude_each_other_and_fit_equally_none_is_taken() -> None:
    torn = {"ax": SAME, "bx": SAME}
    assert clusters("abx", torn, apart=("ab",)) == ["a", "b", "x"]
    assert clusters("abx", torn | {"ab": NOT}) == ["a", "b", "x"]
    assert clusters("abx", torn, apart=("ab",), ties_join=True) == ["ax", "b"]
    assert clusters("abx", torn | {"ab": REVIEW}) == ["abx"], "they may be one"
    decided = {("a", "x"): Verdict(same=True, number=1)}
    assert clusters("abx", torn, apart=("ab",), verdicts=decided) == ["ax", "b"]


@pytest.mark.parametrize("evidence", [SAME, NOT])
def test_what_people_decide_outweighs_all_evidence(evidence: float) -> None:
    together = {("a", "b"): Verdict(same=True, number=1)}
    assert clusters("ab", {"ab": evidence}, verdicts=together) == ["ab"]
    assert clusters("ab", {"ab": evidence}, verdicts={("a", "b"): Verdict(same=False, number=1)}) == ["a", "b"]
    assert clusters("ab", {}, bonds=("ab",), verdicts={("a", "b"): Verdict(same=False, number=1)}) == ["a", "b"]


def test_of_decisions_that_contradict_each_other_the_latest_hold() -> None:
    said = {
        ("a", "b"): Verdict(same=True, number=1),
        ("b", "c"): Verdict(same=True, number=3),
        ("a", "c"): Verdict(same=False, number=2),
    }
    assert clusters("abc", {}, verdicts=said) == ["a", "bc"]


def test_no_record_slips_past_a_decision_through_a_third() -> None:
    pairs = {"ab": SAME, "bc": SAME, "ac": SAME}
    for one, other in combinations("abc", 2):
        found = clusters("abc", pairs, verdicts={(one, other): Verdict(same=False, number=1)})
        assert all(not {one, other} <= set(members) for members in found)


probabilities = st.sampled_from([SAME, LIKELY, REVIEW, NOT])
graphs = st.dictionaries(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")).filter(lambda two: two[0] < two[1]).map("".join),
    probabilities,
    max_size=14,
)


@given(graphs, st.sampled_from([0.0, REVIEW]))
@settings(max_examples=200)
def test_no_entity_holds_a_pair_that_the_evidence_calls_different(pairs: dict[str, float], unseen: float) -> None:
    found = clusters("abcdefg", pairs, unseen=unseen)
    assert sorted("".join(found)) == list("abcdefg")
    for members in found:
        for one, other in combinations(sorted(members), 2):
            assert pairs.get(one + other, unseen) >= 0.35


@given(graphs, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_what_is_given_does_not_matter(pairs: dict[str, float], dice: random.Random) -> None:
    expected = clusters("abcdefg", pairs)
    shuffled = list(pairs.items())
    dice.shuffle(shuffled)
    assert clusters("gfedcba", dict(shuffled)) == expected
