"""Is this answer right? One answer in the public shape (docs/answers.md) against one line of a question file.

Verdicts: `right`, `abstained` (answerable, but the product kept silent or asked back), `wrong` (something was asserted
and it is not right), `silent` (unanswerable, and it said so), `invented` (unanswerable, and something was asserted),
`error` (no answer came).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from benchmarks.questions.text import contains_words, fold

Verdict = Literal["right", "abstained", "wrong", "silent", "invented", "error"]

_YES = {"true", "yes", "y", "हाँ", "हां", "जी हाँ", "जी हां", "haan"}
_NO = {"false", "no", "n", "नहीं", "जी नहीं", "nahi"}
_FEW_CITATIONS = 3


def judge(question: Mapping[str, Any], answer: Mapping[str, Any] | None) -> Verdict:
    """The verdict on one answer."""
    if answer is None or "short" not in answer:
        return "error"
    silent = bool(answer.get("abstained") or answer.get("clarify"))
    if not question["answerable"]:
        return "silent" if silent else "invented"
    if silent:
        return "abstained"
    return "right" if is_right(question, answer) else "wrong"


def is_right(question: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether `short` is one of the right answers; for prose, whether the name stands in the text."""
    given = answer.get("short")
    if question.get("by_citation"):
        cited = {citation.get("record") for citation in answer.get("citations") or []}
        return bool(cited & set(question["gold"]))
    wanted = question["answer"]
    accepted = [wanted, *question.get("aliases", [])]
    match question["answer_type"]:
        case "number":
            return _is_number(given, accepted, question)
        case "bool":
            return _truth(given) is bool(wanted)
        case "list":
            return any(_is_list(given, one, question, answer) for one in accepted)
        case _:
            return _is_string(given, accepted) or (bool(question.get("in_text")) and _in_text(answer, accepted))


def _is_number(given: Any, accepted: Sequence[Any], question: Mapping[str, Any]) -> bool:
    number = 0.0 if given == [] and question["kind"] == "none" else _number(given)
    if number is None:
        return False
    tolerance = float(question.get("tolerance") or 0) + 1e-6
    return any(abs(number - float(one)) <= tolerance for one in accepted)


def _is_list(given: Any, wanted: Sequence[Any], question: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    if not wanted:
        return given == [] or _number(given) == 0 or _truth(given) is False
    if isinstance(given, str):
        given = [given] if len(wanted) == 1 else re.split(r"\s*[;,]\s*", given)
    if not isinstance(given, list):
        return False
    named = {fold(name): fold(name) for name in wanted}
    for name, others in question.get("names", {}).items():
        named.update({fold(other): fold(name) for other in others if fold(name) in named})
    said = [named.get(fold(name)) for name in given]
    if None in said:
        return False
    if question.get("ordered"):
        return said == [fold(name) for name in wanted]
    if set(said) == {fold(name) for name in wanted}:
        return True
    total = (answer.get("rows") or {}).get("total")
    return total is not None and total == question.get("total", len(wanted)) and len(said) < total


def _is_string(given: Any, accepted: Sequence[Any]) -> bool:
    """One right name or value; of several that share the top any selection is right."""
    if isinstance(given, list):
        return bool(given) and all(_is_string(one, accepted) for one in given)
    if given is None or (isinstance(given, bool) and not any(isinstance(one, bool) for one in accepted)):
        return False
    said, number = fold(given), _number(given)
    for one in accepted:
        if fold(one) == said or (number is not None and _number(one) == number):
            return True
        if _digits(str(one)) and _digits(str(one)) == _digits(str(given)):
            return True
    return False


def _in_text(answer: Mapping[str, Any], accepted: Sequence[Any]) -> bool:
    text = fold(answer.get("text") or "")
    few = len(answer.get("citations") or []) <= _FEW_CITATIONS
    return few and any(contains_words(text, fold(one)) for one in accepted)


def _truth(given: Any) -> bool | None:
    if isinstance(given, bool | int | float):
        return bool(given)
    if isinstance(given, list):
        return bool(given)
    said = str(given or "").casefold().strip(" .!।")
    if said in _YES:
        return True
    return False if said in _NO else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None or isinstance(value, list):
        return None
    if isinstance(value, int | float):
        return float(value)
    plain = str(value).replace(",", "").strip()
    return float(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else None


def _digits(text: str) -> str:
    """The national part of a phone number, in whatever form; empty when it is something else."""
    digits = re.sub(r"\D", "", text)
    return digits[-10:] if len(digits) >= 8 and re.fullmatch(r"[\d\s+()./-]+", text) else ""
