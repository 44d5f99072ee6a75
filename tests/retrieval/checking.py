"""What holds for every answer, whatever was asked."""

import re
from datetime import datetime
from typing import Any

from ibcm.domain.answers import Answer
from tests.builders import NOW
from tests.retrieval.town import Town

_MARK = re.compile(r"\[(\d+)\]")


def assert_sound(answer: Answer, town: Town, *, now: datetime = NOW) -> None:
    """Citations and marks agree, each sentence has one, each cited record may be cited now."""
    numbers = [citation.n for citation in answer.citations]
    marks = {int(n) for n in _MARK.findall(answer.text)}
    assert numbers == list(range(1, len(numbers) + 1))
    assert marks <= set(numbers), f"marks without a citation: {answer.text}"
    used = {n for sentence in answer.sentences for n in sentence.citations}
    used |= {value["citation"] for conflict in answer.conflicts for value in conflict.values}
    assert used == set(numbers), f"citations that nothing uses: {answer.text}"
    for sentence in answer.sentences:
        assert sentence.citations, f"no citation: {sentence.text}"
        assert {int(n) for n in _MARK.findall(sentence.text)} == set(sentence.citations)
        assert sentence.text in answer.text
    _assert_citable(answer, town, now)
    if answer.abstained:
        assert answer.missing
        assert (answer.short, answer.rows, list(answer.sentences), list(answer.citations)) == (None, None, [], [])
    else:
        assert answer.sentences
        assert answer.missing is None


def _assert_citable(answer: Answer, town: Town, now: datetime) -> None:
    for citation in answer.citations:
        refs = [citation.record, *((citation.query or {}).get("records", []))]
        known = town.ledger.citable(refs, now=now)
        assert set(refs) <= set(known), f"not citable: {set(refs) - set(known)}"
        record = known[citation.record].record
        assert (citation.source, citation.licence) == (record.source, record.licence)
        assert citation.attribution
        assert citation.retrieved_at == record.retrieved_at.isoformat()


def in_any_order(value: Any) -> Any:
    """Lists compare as sets do; the rest as it is."""
    return sorted(value) if isinstance(value, list) else value
