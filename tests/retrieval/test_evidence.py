"""What a citation of a whole result names."""

from retrieval.answering.evidence import CITED, some_of_each_source


def test_a_source_that_speaks_only_later_is_named_too() -> None:
    refs = [*(f"council:{n}" for n in range(CITED + 5)), "book:1", "council:0"]
    some = some_of_each_source(refs)
    assert len(some) == CITED
    assert some == (*refs[: CITED - 1], "book:1")


def test_few_records_are_all_named_once_and_in_order() -> None:
    assert some_of_each_source(["b:1", "a:1", "b:1", "b:2"]) == ("b:1", "a:1", "b:2")
