"""Weights from pairs that nobody has labelled."""

import random

import pytest

from graph.resolution.fit import fit, joined_counts, probability
from graph.resolution.snapshot import LabelModel, Snapshot, WordCounts, load, shipped
from ibcm.domain.errors import ConfigurationError
from tests.raising import raises

DEFAULTS = LabelModel(
    prior=0.1,
    m={
        "name": {"equal": 0.8, "unlike": 0.2},
        "phone": {"same": 0.8, "other": 0.2},
        "kind": {"same": 0.9, "other": 0.1},
    },
    u={
        "name": {"equal": 0.1, "unlike": 0.9},
        "phone": {"same": 0.1, "other": 0.9},
        "kind": {"same": 0.5, "other": 0.5},
    },
)


def pairs(number: int, *, share: float, right: float, chance: float, seed: int = 1) -> list[dict[str, str]]:
    """Pairs of which `share` are one thing; each comparison agrees for `right` of those and `chance` of the others."""
    dice = random.Random(seed)
    found = []
    for _ in range(number):
        agrees = right if dice.random() < share else chance
        found.append(
            {
                "name": "equal" if dice.random() < agrees else "unlike",
                "phone": "same" if dice.random() < agrees else "other",
                "kind": "same" if dice.random() < agrees else "other",
            }
        )
    return found


def test_it_finds_the_shares_that_the_pairs_were_made_with() -> None:
    found = fit(pairs(20_000, share=0.3, right=0.9, chance=0.05), DEFAULTS).model
    assert abs(found.prior - 0.3) < 0.03
    assert abs(found.m["name"]["equal"] - 0.9) < 0.03
    assert abs(found.u["phone"]["same"] - 0.05) < 0.03


def test_without_pairs_it_is_the_defaults() -> None:
    assert fit([], DEFAULTS).model == DEFAULTS


def test_a_few_pairs_hardly_move_it() -> None:
    found = fit(pairs(10, share=1.0, right=1.0, chance=0.0), DEFAULTS).model
    assert abs(found.weight("name", "equal") - DEFAULTS.weight("name", "equal")) < 0.5


def test_levels_that_speak_against_never_learn_to_speak_less_so() -> None:
    hotel = [{"name": "unlike", "phone": "same", "kind": "same"}] * 500
    defaults = DEFAULTS.model_copy(
        update={"m": {**DEFAULTS.m, "name": {"equal": 0.99, "unlike": 0.01}}, "u": DEFAULTS.u}
    )
    defaults = LabelModel(prior=defaults.prior, m=defaults.m, u=defaults.u)
    found = fit([*hotel, *pairs(2_000, share=0.2, right=0.99, chance=0.02)], defaults).model
    assert found.weight("name", "unlike") <= defaults.weight("name", "unlike") + 1e-6


def test_one_name_in_one_quarter_is_found_among_a_thousand_pairs_that_have_nothing_in_common() -> None:
    """A guide and a directory without telephones or positions: few pairs are one thing, and chains repeat a name."""
    model = shipped().labels["Place"]
    one_thing = [{"name": "equal_rare", "position": "named_district", "source": "two"}] * 200
    branches = [{"name": "equal_rare", "position": "other_district", "source": "two"}] * 2_000
    strangers = [{"name": "touch", "position": "district", "source": "two"}] * 100_000
    found = fit([*one_thing, *branches, *strangers], model).model
    assert probability(found, one_thing[0].items()) > 0.9
    assert probability(found, branches[0].items()) < 0.1
    assert probability(found, strangers[0].items()) < 0.01


def test_what_is_not_said_weighs_nothing() -> None:
    assert probability(DEFAULTS, {}.items()) == pytest.approx(DEFAULTS.prior)
    assert probability(DEFAULTS, {"taste": "sweet"}.items()) == pytest.approx(DEFAULTS.prior)


def test_words_that_nobody_has_seen_are_the_rarest() -> None:
    counts = WordCounts(total=1_000, counts={"hosp": 500, "medwin": 2})
    assert counts.bits("hosp") < counts.bits("medwin") < counts.bits("kamineni")


def test_words_counted_here_join_those_counted_elsewhere() -> None:
    joined = joined_counts({"hosp": 80, "once": 1}, 100, base=WordCounts(total=4_000, counts={"hosp": 400}))
    assert joined.total == 2_100
    assert joined.counts == {"hosp": 280}


def test_a_snapshot_is_named_by_its_content() -> None:
    made = shipped()
    again = load(made.dumped())
    assert again == made
    assert again.version == made.version
    other = Snapshot(labels=made.labels, names=made.names, addresses=WordCounts(total=7), bands=made.bands)
    assert other.version != made.version


def test_a_damaged_or_foreign_snapshot_says_what_to_do() -> None:
    with raises(ConfigurationError, "damaged"):
        load("{")
    with raises(ConfigurationError, "resolver refit"):
        load('{"format": 99}')


def test_shares_of_the_shipped_snapshot_add_up() -> None:
    for model in shipped().labels.values():
        for shares in (model.m, model.u):
            assert all(abs(sum(levels.values()) - 1) < 1e-3 for levels in shares.values())
            assert {name: set(levels) for name, levels in shares.items()} == {
                name: set(levels) for name, levels in model.m.items()
            }
