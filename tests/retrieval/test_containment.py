"""Which area lies in which, by polygons between those that are drawn and by words where one is not."""

from dataclasses import replace

from ibcm.config import load_scope
from retrieval.catalogue import Catalogue, add_thing
from retrieval.containment import above, outside, path, rules_out, within


def known(**areas: tuple[str, str, str]) -> Catalogue:
    """Name -> the areas in which it lies, those in which a part of it does, and whether it is drawn."""
    catalogue = Catalogue(load_scope(), 1)
    for name, (inside, partly, drawn) in areas.items():
        said = {"id": name, "name": name, "city": "pune", "kind": name[0], "record_refs": [f"gov:{name}"]}
        where = {"area_ids": inside.split(), "partly_ids": partly.split(), "drawn_by": drawn}
        add_thing(catalogue, "Area", {**said, **where})
    return catalogue


def test_one_goes_up_step_by_step_and_down_to_the_same() -> None:
    areas = known(w1=("z1", "", "r"), w2=("z1", "", ""), z1=("c", "", "r"), c=("", "", ""), n=("w2", "", ""))
    assert path(areas, "n", "c") == ("n", "w2", "z1", "c")
    assert [way[-1] for way in above(areas, "w1")] == ["z1", "c"]
    assert within(areas, ["c"]) == ["n", "w1", "w2", "z1"]
    assert within(areas, ["z1"]) == ["n", "w1", "w2"]
    assert path(areas, "c", "n") == ()


def test_of_two_that_are_drawn_the_polygons_tell_and_not_the_one_between() -> None:
    areas = known(w=("z", "c", "r"), z=("c", "", "r"), c=("", "", "r"), v=("w", "", ""))
    assert path(areas, "w", "c") == ()
    assert path(areas, "v", "c") == ()
    assert within(areas, ["c"]) == ["z"]
    assert not rules_out(areas, "w", "c")


def test_areas_that_name_each_other_in_a_circle_end() -> None:
    areas = known(a=("b", "", ""), b=("a", "", ""))
    assert path(areas, "a", "b") == ("a", "b")
    assert (within(areas, ["a"]), [way[-1] for way in above(areas, "a")]) == (["b"], ["b"])


def test_polygons_that_share_nothing_and_areas_of_one_kind_of_one_source_rule_each_other_out() -> None:
    areas = known(
        w1=("", "", "r"), z1=("", "", "r"), w2=("", "z1", "r"), w3=("", "", ""), w4=("", "", ""), n=("w4", "", "")
    )
    assert rules_out(areas, "w1", "z1")
    assert not rules_out(areas, "w2", "z1")
    assert rules_out(areas, "w3", "w4")
    assert not rules_out(areas, "w3", "z1")
    areas.areas |= {one: replace(areas.areas[one], kind="neighbourhood") for one in ("w3", "w4")}
    assert not rules_out(areas, "w3", "w4")
    areas.areas |= {one: replace(areas.areas[one], kind="w") for one in ("w3", "w4")}
    assert outside(areas, ["w3"]) == ["n", "w1", "w2", "w4"]
