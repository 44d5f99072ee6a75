"""The last step before an answer is given: what sources wrote, as it may stand in other people's text.

Characters that turn the direction of the text around them go from everything; very long names are shortened in
sentences, titles and choices. Rows, points and the short value keep them whole: they are data, and whoever draws them
knows how much room there is. Records stay as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ibcm.domain.answers import Answer, Candidate, Citation, Conflict
from ibcm.domain.texts import LONGEST, shortened, unturned
from retrieval.answering.evidence import Draft, Fact, QueryResult


def shown(answer: Answer, draft: Draft) -> Answer:
    """The answer that was made of this draft, as people see it."""
    text = _Text(draft)
    rows = answer.rows and replace(answer.rows, rows=plain(answer.rows.rows))
    return replace(
        answer,
        text=text(answer.text),
        short=plain(answer.short),
        sentences=[replace(sentence, text=text(sentence.text)) for sentence in answer.sentences],
        citations=[_citation(citation, text) for citation in answer.citations],
        clarify=answer.clarify and [Candidate(one.entity, text(one.label), text(one.why)) for one in answer.clarify],
        rows=rows,
        features=plain(answer.features),
        conflicts=[Conflict(text(one.about), plain(one.values)) for one in answer.conflicts],
        missing=answer.missing and text(answer.missing),
    )


def plain(value: Any) -> Any:
    """The same value, without what would turn the text around it."""
    if isinstance(value, str):
        return unturned(value)
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


class _Text:
    """Text in which the names of a draft are of a bearable length."""

    def __init__(self, draft: Draft) -> None:
        names = {unturned(name) for name in _names(draft)}
        self._short = {name: shortened(name) for name in names if len(name) > LONGEST}

    def __call__(self, text: str) -> str:
        told = unturned(text)
        for name, short in self._short.items():
            told = told.replace(name, short)
        return told


def _names(draft: Draft) -> Iterator[str]:
    for statement in draft.statements:
        for evidence in statement.evidence:
            if isinstance(evidence, Fact):
                yield evidence.name
            elif isinstance(evidence, QueryResult):
                yield from evidence.names
    yield from (label for _, label, _ in draft.candidates)
    yield from (str(point["name"]) for point in draft.points)


def _citation(citation: Citation, text: _Text) -> Citation:
    """A quote is words of a record, all of them; what is said of a fact may name its thing."""
    value = citation.value and (unturned if citation.kind == "quote" else text)(citation.value)
    return replace(
        citation,
        title=shortened(unturned(citation.title)),
        value=value,
        attribution=unturned(citation.attribution),
        licence=unturned(citation.licence),
        query=plain(citation.query),
    )
