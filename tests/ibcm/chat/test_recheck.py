from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from ibcm.chat import services
from ibcm.chat.models import AskedAnswer
from ibcm.chat.recheck import Given, recheck
from ibcm.domain.answers import AskRequest
from ibcm.domain.policy import FieldPolicy
from ibcm.records.models import Entity, Record
from tests.builders import OPEN
from tests.ibcm.answering import CLARIFY, FACT, HINDI, LIST, UNKNOWN, WHEN, DoubleAnswerer, DoubleLedger

Json = dict[str, Any]


def shown(answer: Any, *gone: str) -> Json:
    return again(answer, DoubleLedger(set(gone)))


def again(
    answer: Any, ledger: DoubleLedger, *, given: datetime = WHEN, basis: Sequence[str] = (), days: int = 0
) -> Json:
    told, now = answer.to_json(), WHEN + timedelta(days=days)
    return recheck(told, ledger, now=now, given=Given(given, 1), basis=basis)  # type: ignore[arg-type] # what is used


@pytest.mark.parametrize("answer", [FACT, LIST, HINDI, UNKNOWN, CLARIFY])
def test_an_answer_whose_records_stand_is_shown_as_it_was(answer: Any) -> None:
    assert shown(answer) == {**answer.to_json(), "redacted": False}


def test_one_record_gone_takes_its_sentence_and_whatever_cannot_be_taken_apart() -> None:
    left = shown(FACT, "parks:1")
    assert [s["text"] for s in left["sentences"]] == ["It covers 12 hectares."]
    assert left["text"] == "It covers 12 hectares. [2]"
    assert (left["short"], left["rows"], left["features"], left["conflicts"]) == (None, None, None, [])
    assert left["redacted"]
    assert "no longer shown" in left["missing"]


def test_a_query_falls_with_any_record_that_it_found() -> None:
    left = shown(LIST, "parks:3")
    assert left["sentences"] == left["citations"] == []
    assert "Rose Garden" not in str({**left, "question": ""})
    assert left["text"].startswith("This answer is no longer shown")


def test_a_list_falls_with_any_record_of_what_it_shows() -> None:
    left = again(LIST, DoubleLedger({"other:30"}), basis=["parks:1", "other:30"])
    assert (left["rows"], left["features"], left["sentences"]) == (None, None, [])


def test_what_a_curator_corrected_since_falls() -> None:
    fixed = DoubleLedger(fixed={"parks:1"})
    assert [s["text"] for s in again(FACT, fixed)["sentences"]] == ["It covers 12 hectares."]
    assert "corrected" in again(FACT, fixed)["missing"]
    assert not again(FACT, fixed, given=WHEN + timedelta(minutes=2))["redacted"], "it was asked after the correction"


OPENS = FACT.citations[0]


@pytest.mark.parametrize(
    ("fields", "stands"),
    [
        ({"opens": FieldPolicy(retention_days=5)}, False),
        ({"opens": FieldPolicy(transient=True)}, False),
        ({"opens": FieldPolicy(retention_days=50)}, True),
        ({"area": FieldPolicy(retention_days=5)}, True),
    ],
)
def test_a_value_past_its_own_time_falls_though_its_record_stands(fields: dict[str, FieldPolicy], stands: bool) -> None:
    answer = replace(FACT, citations=[replace(OPENS, value="opens: 06:00"), FACT.citations[1]])
    left = again(answer, DoubleLedger(terms={"parks": OPEN.model_copy(update={"fields": fields})}), days=6)
    assert ("Lake Park opens" in left["text"]) is stands
    assert "12 hectares" in left["text"]
    quoted = replace(FACT, citations=[replace(OPENS, kind="quote", value="06:00 sharp"), FACT.citations[1]])
    assert again(quoted, DoubleLedger(terms={"parks": OPEN}), days=6)["redacted"] is False


@pytest.mark.parametrize(("field", "stands"), [("distance_m", True), ("area", False), ("lat", False)])
def test_rows_fall_with_a_column_that_may_not_be_shown_any_more(field: str, stands: bool) -> None:
    terms = OPEN.model_copy(update={"fields": {field: FieldPolicy(retention_days=5 if not stands else 50)}})
    left = again(LIST, DoubleLedger(terms={"parks": terms}), basis=["parks:1"], days=6)
    assert (left["rows"] is not None) is stands


@pytest.mark.django_db
def test_what_the_rows_rest_on_is_remembered(answerer: DoubleAnswerer, ledger: DoubleLedger) -> None:
    Entity.objects.create(id="e2", label="Place")
    Record.objects.create(
        ref="other:30", source="other", kind="place", hash="0", payload="{}", entity_id="e2",
        retrieved_at=WHEN, first_seen=WHEN, last_seen=WHEN,
    )  # fmt: skip
    asked = AskedAnswer.objects.get(pk=services.ask(AskRequest(question=LIST.question)).id)
    assert asked.basis == ["other:30"]
    ledger.gone = {"other:30"}
    assert services.show_again(asked)["rows"] is None


def test_what_ceased_to_hold_since_falls(answerer: DoubleAnswerer, ledger: DoubleLedger) -> None:
    dated = DoubleLedger(ends={"parks:1": (WHEN + timedelta(days=1)).date()})
    assert not again(FACT, dated, days=1)["redacted"]
    left = again(FACT, dated, days=3)
    assert [s["text"] for s in left["sentences"]] == ["It covers 12 hectares."]
    assert not again(FACT, dated, given=WHEN + timedelta(days=3), days=4)["redacted"], "it was over then, and told so"


def test_the_notice_is_in_the_language_of_the_answer() -> None:
    assert shown(HINDI, "parks:1")["text"].startswith("यह उत्तर अब नहीं")


def test_marks_in_the_text_always_have_their_citation() -> None:
    left = shown(FACT, "survey:9")
    assert "[2]" not in left["text"]
    assert [c["n"] for c in left["citations"]] == [1]


@pytest.mark.django_db
def test_stored_answers_lose_what_has_gone_for_good(answerer: DoubleAnswerer, ledger: DoubleLedger) -> None:
    kept, lost = (services.ask(AskRequest(question=q.question)).id for q in (HINDI, FACT))
    ledger.gone = {"survey:9"}
    assert services.redact_stored(now=timezone.now() + timedelta(days=1)) == 1
    assert services.redact_stored() == 0, "a second run has nothing left to do"
    assert "12 hectares" not in str(AskedAnswer.objects.get(pk=lost).answer)
    assert AskedAnswer.objects.get(pk=kept).answer["text"] == HINDI.text
    ledger.gone = set()
    again = services.show_again(AskedAnswer.objects.get(pk=lost))
    assert again["redacted"], "what was left out is said to be left out, also later"


@pytest.mark.django_db
def test_questions_are_kept_for_as_long_as_the_installation_says(settings: Settings) -> None:
    settings.IBCM_QUESTION_DAYS = 7
    asked = AskedAnswer.objects.create(question="Where?", language="en", answer={})
    assert services.drop_old_answers(now=asked.created_at + timedelta(days=6)) == 0
    assert services.drop_old_answers(now=asked.created_at + timedelta(days=7)) == 1
