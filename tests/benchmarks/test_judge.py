"""What counts as right."""

from typing import Any

import pytest

from benchmarks.judge import judge
from benchmarks.questions.generate import Generator
from benchmarks.questions.synthetic import write
from benchmarks.questions.world import load
from benchmarks.score_answers import interval, table


def question(answer: Any, answer_type: str, **more: Any) -> dict[str, Any]:
    base = {"kind": "lookup", "answerable": True, "aliases": [], "gold": ["s:1"], "language": "en"}
    return {**base, "answer": answer, "answer_type": answer_type, **more}


def said(short: Any, **more: Any) -> dict[str, Any]:
    return {"short": short, "text": "", "citations": [], "abstained": False, "clarify": None, **more}


@pytest.mark.parametrize(
    ("asked", "short", "right"),
    [
        (question(450.0, "number"), 450, True),
        (question(450.0, "number"), "450", True),
        (question(450.0, "number"), 451, False),
        (question(9_140, "number", tolerance=91.4), 9_200, True),
        (question(9_140, "number", tolerance=91.4), 9_300, False),
        (question(5, "number"), ["a", "b", "c", "d", "e"], False),
        (question(0, "number", kind="none"), [], True),
        (question([], "list", kind="none"), 0, True),
        (question(False, "bool", kind="none"), "no", True),
        (question(True, "bool"), "हाँ", True),
        (question(True, "bool"), None, False),
        (question("Café Tara", "string"), "cafe tara", True),
        (question("+912012345678", "string"), "020 1234 5678", True),
        (question("Tara", "string", aliases=["Mira"]), ["Mira", "Tara"], True),
        (question("Tara", "string", aliases=["Mira"]), ["Mira", "Sita"], False),
        (question(["A", "B"], "list"), ["b", "a"], True),
        (question(["A", "B"], "list"), ["a"], False),
        (question(["A", "B"], "list", ordered=True), ["b", "a"], False),
        (question(["500D"], "list", names={"500D": ["Route 500D"]}), ["Route 500D"], True),
    ],
)
def test_right_or_wrong(asked: dict[str, Any], short: Any, right: bool) -> None:
    assert judge(asked, said(short)) == ("right" if right else "wrong")


def test_a_cut_list_is_right_by_its_total() -> None:
    asked = question(["A", "B", "C"], "list", total=3)
    assert judge(asked, said(["A", "B"], rows={"total": 3})) == "right"
    assert judge(asked, said(["A", "X"], rows={"total": 3})) == "wrong"
    assert judge(asked, said(["A", "B"], rows={"total": 4})) == "wrong"


def test_silence_and_invention() -> None:
    known, unknown = question(1, "number"), question(None, "string", answerable=False)
    assert judge(known, said(None, abstained=True)) == "abstained"
    assert judge(known, said(None, clarify=[{"entity": "e"}])) == "abstained"
    assert judge(unknown, said(None, abstained=True)) == "silent"
    assert judge(unknown, said(0)) == "invented"
    assert judge(known, None) == "error"


def test_prose_may_name_the_thing_in_its_text_or_cite_it() -> None:
    asked = question("Tara Mandir", "string", in_text=True)
    assert judge(asked, said(None, text="It is Tara Mandir. [1]")) == "right"
    assert judge(asked, said(None, text="It is Mira Mandir. [1]")) == "wrong"
    cited = question("Tara Mandir", "string", by_citation=True)
    assert judge(cited, said(None, citations=[{"record": "s:1"}])) == "right"
    assert judge(cited, said(None, citations=[{"record": "s:2"}])) == "wrong"


def test_the_computed_answers_are_right_by_their_own_judge(tmp_path: Any) -> None:
    write(tmp_path, seed=5, city="pune")
    questions = list(Generator(load([tmp_path]), seed=1, split="heldout").questions(120))
    scored = [(q, _perfect(q), judge(q, _perfect(q))) for q in questions]
    assert {verdict for _, _, verdict in scored} == {"right", "silent"}
    assert "answerable: right                  100.0 %" in table(scored)


def _perfect(asked: dict[str, Any]) -> dict[str, Any]:
    cited = [{"record": ref} for ref in asked["gold"][:3]]
    return said(asked["answer"], abstained=not asked["answerable"], citations=cited)


def test_the_interval_holds_the_share() -> None:
    low, high = interval([True] * 90 + [False] * 10)
    assert 0.8 < low < 0.9 < high < 0.97
