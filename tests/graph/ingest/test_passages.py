"""Passages: whole sentences, the same every time, and none for what has no text."""

from hypothesis import given
from hypothesis import strategies as st

from graph.ingest.passages import passages_of
from graph.ingest.sentences import LONGEST_CUT, MOST_WORDS, pieces
from tests.builders import day, record, tombstone

SENTENCE = "The gate opens at nine and closes when the last visitor has left the hall."


def test_a_described_place_is_one_passage_with_its_name() -> None:
    (passage,) = passages_of(
        record("osm:1", name="Alpha", description="A quiet hall.", lat=1.0, lon=2.0, city="pune", language="en"), "e"
    )
    assert (passage.title, passage.text, passage.entity) == ("Alpha", "Alpha — A quiet hall.", "e")
    assert (passage.lat, passage.lon, passage.city, passage.language) == (1.0, 2.0, "pune", "en")


def test_facts_alone_are_no_passage() -> None:
    assert passages_of(record("osm:1", name="Alpha", address="5 Main Road " * 10)) == []
    assert passages_of(record("osm:1", "observation", what="weather")) == []
    assert passages_of(tombstone("osm:1")) == []


def test_prose_under_an_unforeseen_key_is_found() -> None:
    (passage,) = passages_of(record("osm:1", name="Alpha", history=SENTENCE + " " + SENTENCE))
    assert passage.text.startswith("Alpha — The gate")


def test_funding_and_indicators_are_one_line() -> None:
    (line,) = passages_of(record("f:1", "funding", data={"date": "2020-01-02", "round": "Series A", "amount": 5e6}))
    assert line.text == "Series A; amount: 5000000; date: 2020-01-02; round: Series A"


def test_documents_are_split_by_headings_and_sentences() -> None:
    body = "# Scope\n" + " ".join([SENTENCE] * 30) + "\n\n# Fees\nThe fee is Rs. 500 for Dr. Rao. It is due.\n"
    found = passages_of(record("d:1", "regulation", data={"title": "Act", "text": body}))
    assert [one.title for one in found] == ["Act — Scope"] * 3 + ["Act — Fees"]
    assert all(len(one.text.split()) <= MOST_WORDS for one in found)
    assert all(one.text.endswith(("hall.", "due.")) for one in found)
    assert found[-1].text == "The fee is Rs. 500 for Dr. Rao. It is due."


def test_the_danda_ends_a_sentence() -> None:
    text = " ".join(["यह एक वाक्य है और इसमें कई शब्द हैं।"] * 40)
    found = pieces(text)
    assert len(found) > 1
    assert all(piece.endswith("।") for _, piece in found)


def test_a_document_without_text_is_found_by_its_title() -> None:
    assert [one.text for one in passages_of(record("d:1", "article", data={"title": "Alone"}))] == ["Alone"]


def test_ids_depend_on_record_place_and_text_alone() -> None:
    given_one = record("r:1", "review", text="Good.", at=-1)
    again = record("r:1", "review", text="Good.", at=0, expires_at=day(3).isoformat())
    assert [one.id for one in passages_of(given_one, "a")] == [one.id for one in passages_of(again, "b")]
    assert passages_of(record("r:2", "review", text="Good."))[0].id != passages_of(given_one)[0].id


def test_text_without_any_end_is_cut() -> None:
    for text in ("word " * 5_000, "x" * 20_000):
        assert all(len(piece) <= 2 * LONGEST_CUT for _, piece in pieces(text))


@given(st.text(alphabet="ab .!?।\n#*1", max_size=400))
def test_no_word_is_lost(text: str) -> None:
    marks = str.maketrans("", "", "#* \n")
    together = "".join(piece + heading for heading, piece in pieces(text)).translate(marks)
    if "#" not in text:
        assert together == "".join(text.split()).translate(marks)


def test_a_long_row_of_initials_is_quick() -> None:
    assert pieces("A. " * 200_000)
