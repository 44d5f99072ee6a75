"""The rule that turns stop patterns into lines."""

from crawlers.file.patterns import Pattern, directions


def line(*found: Pattern) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(one.number, "".join(one.line.stops), one.others) for one in directions(found)]


def test_the_longest_pattern_is_the_line() -> None:
    assert line(Pattern("0", tuple("ab"), trips=9), Pattern("1", tuple("abc"))) == [(0, "abc", ())]


def test_ties_go_to_more_trips_then_to_the_first() -> None:
    assert line(Pattern("0", tuple("abc")), Pattern("1", tuple("abd"), trips=2)) == [(0, "abd", ("c",))]
    assert line(Pattern("0", tuple("abc")), Pattern("1", tuple("abd"))) == [(0, "abc", ("d",))]


def test_the_way_back_is_told_by_order_or_by_other_poles() -> None:
    assert line(Pattern("0", tuple("abcd")), Pattern("1", tuple("dcba"))) == [(0, "abcd", ()), (1, "dcba", ())]
    assert line(Pattern("0", tuple("abcd")), Pattern("1", tuple("DCBA"))) == [(0, "abcd", ()), (1, "DCBA", ())]


def test_given_directions_are_believed() -> None:
    found = (Pattern("0", tuple("abc"), direction=1), Pattern("1", tuple("cba"), direction=0))
    assert line(*found) == [(0, "cba", ()), (1, "abc", ())]


def test_a_loop_keeps_its_repeated_stop() -> None:
    assert line(Pattern("0", tuple("abca"))) == [(0, "abca", ())]


def test_single_stops_count_only_alone() -> None:
    assert line(Pattern("0", ("a",)), Pattern("1", tuple("ab"))) == [(0, "ab", ())]
    assert line(Pattern("0", ("a",))) == [(0, "a", ())]
    assert line(Pattern("0", ())) == []
    assert line() == []
