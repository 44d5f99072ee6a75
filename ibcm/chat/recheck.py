"""A stored answer, shown again: every record that it cites is looked up; what no longer stands, or was corrected by a
curator since, or has begun or ceased to hold since, is left out.

Pure over the public shape of an answer and a ledger. Sentences fall one by one; the short value, the rows and the
points cannot be taken apart by citation, so they go as soon as anything that they may rest on has gone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from graph.ingest.validity import span_of
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord

Json = dict[str, Any]
Policies = Mapping[str, SourcePolicy]

SETTLING = timedelta(minutes=1)
GONE: Mapping[str, str] = {
    "en": "This answer is no longer shown: what it cited is gone, is over or was corrected. Ask the question again.",
    "hi": "यह उत्तर अब नहीं दिखाया जाता: जिन स्रोतों पर यह टिका था, वे अब नहीं हैं, बीत चुके हैं या सुधारे गए। प्रश्न फिर से पूछें।",
}
PARTLY: Mapping[str, str] = {
    "en": "Parts of this answer are no longer shown: what they cited is gone, is over or was corrected.",
    "hi": "इस उत्तर के कुछ भाग अब नहीं दिखाए जाते: जिन स्रोतों पर वे टिके थे, वे अब नहीं हैं, बीत चुके हैं या सुधारे गए।",
}


@dataclass(frozen=True, slots=True)
class Given:
    """When an answer was given, and what the ledger had projected by then."""

    at: datetime
    revision: int


def recheck(
    answer: Mapping[str, Any], ledger: Ledger, *, now: datetime, given: Given, basis: Iterable[str] = ()
) -> Json:
    """The answer as it may be shown at `now`, with `redacted` saying whether anything was left out.

    `basis`: every record of the things in its rows and on its map. A value there may come from any of them, so with
    one of them gone the rows, the points and what was computed over them go.
    """
    rests_on = set(basis)
    refs = sorted(_all_records(answer) | rests_on)
    # A decision takes a moment to reach the graph: one made just before the answer may not be in it.
    corrected = ledger.corrected(refs, after=given.at - SETTLING, revision=given.revision)
    held = {
        ref: stored for ref, stored in ledger.citable(refs, now=now).items() if _as_then(stored.record, given.at, now)
    }
    citable, policies = set(held) - corrected, ledger.policies()
    gone = {c["n"] for c in answer["citations"] if not set(_records(c)) <= citable or _over(c, policies, now)}
    if not rests_on <= citable or _rows_over(answer, [held[ref] for ref in rests_on], policies, now):
        gone |= {c["n"] for c in answer["citations"] if c["kind"] == "query"}
    elif not gone:
        return {**answer, "redacted": bool(answer.get("redacted"))}
    return _without(answer, gone)


def _as_then(record: SourceRecord, then: datetime, now: datetime) -> bool:
    """What it says holds now as it did when the answer was given, or did not then either."""
    span = span_of(record)
    return span.standing(then) == span.standing(now)


def _over(citation: Mapping[str, Any], policies: Policies, now: datetime) -> bool:
    """What it says was read so long ago that the value may not be shown any more, though its record may.

    The words of a quote may come from any field of the record.
    """
    policy = policies.get(citation["source"])
    if citation["kind"] == "query":
        fields = [constraint["field"] for constraint in citation.get("constraints") or () if "field" in constraint]
        read = [(one["source"], one["as_of"]) for one in citation.get("sources") or ()]
        return any(_any_over(policies.get(source), fields, as_of, now) for source, as_of in read)
    if citation["kind"] == "quote":
        return policy is not None and _any_over(policy, policy.fields, citation["retrieved_at"], now)
    field = str(citation["value"] or "").partition(":")[0]
    return _any_over(policy, [field], citation["retrieved_at"], now)


def _any_over(policy: SourcePolicy | None, fields: Iterable[str], read: str, now: datetime) -> bool:
    if policy is None or not (policy.fields or policy.transient):
        return False
    moment = datetime.fromisoformat(read)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return any(policy.over(field, moment, now) for field in fields)


def _rows_over(answer: Mapping[str, Any], held: Sequence[StoredRecord], policies: Policies, now: datetime) -> bool:
    """A column may not be shown any more of some of the records behind the rows; with a map, neither may a place."""
    columns = [*(answer["rows"]["columns"] if answer["rows"] else ()), *(("lat",) if answer["features"] else ())]
    return any(
        policies[one.record.source].over(str(column), one.record.retrieved_at, now)
        for one in held
        if one.record.source in policies
        for column in columns
    )


def _records(citation: Mapping[str, Any]) -> Iterator[str]:
    """Refs on which a citation rests: its own record, and those that a query found."""
    if citation["record"]:
        yield citation["record"]
    if citation["kind"] == "query":
        yield from (str(ref) for ref in citation.get("records") or ())


def _all_records(answer: Mapping[str, Any]) -> set[str]:
    return {ref for citation in answer["citations"] for ref in _records(citation)}


def _without(answer: Mapping[str, Any], gone: set[int]) -> Json:
    sentences = [sentence for sentence in answer["sentences"] if not gone & set(sentence["citations"])]
    notices = PARTLY if sentences else GONE
    notice = notices.get(answer["language"].partition("-")[0], notices["en"])
    return {
        **answer,
        "text": _text(sentences, notice),
        "short": None,
        "sentences": sentences,
        "citations": [c for c in answer["citations"] if c["n"] not in gone],
        "clarify": None,
        "plan": _nameless(answer["plan"]),
        "rows": None,
        "features": None,
        "conflicts": [c for c in answer["conflicts"] if not gone & {v["citation"] for v in c["values"]}],
        "missing": notice,
        "redacted": True,
    }


def _nameless(plan: Mapping[str, Any]) -> Json:
    """The plan without the names of what was found; the words of the question stay."""
    entities = [{**named, "names": [""] * len(named.get("names", ()))} for named in plan.get("entities", ())]
    return {**plan, "entities": entities} if entities else dict(plan)


def _text(sentences: list[Json], notice: str) -> str:
    """The sentences that stand, with their marks; the notice alone when none does."""
    if not sentences:
        return notice
    return " ".join(_marked(sentence) for sentence in sentences)


def _marked(sentence: Json) -> str:
    """The sentence with its `[n]`, which it may carry already."""
    text: str = sentence["text"]
    return text + "".join(mark for n in sentence["citations"] if (mark := f" [{n}]").strip() not in text)
