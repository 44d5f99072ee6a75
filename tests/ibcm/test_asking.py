"""`ask` and `ask --file`, over an answerer that is a double."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.ibcm.answering import FACT, DoubleAnswerer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _doubles(answerer: DoubleAnswerer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command closes what it built when it ends; the doubles are for more than one."""
    monkeypatch.setattr("ibcm.wiring.close_all", lambda: None)


def _asked(capsys: pytest.CaptureFixture[str], *arguments: str, **options: Any) -> tuple[str, str]:
    call_command("ask", *arguments, **options)
    return capsys.readouterr()


def _file(tmp_path: Path, *lines: str | bytes) -> list[dict[str, Any]]:
    questions, answers = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    questions.write_bytes(b"\n".join(line.encode() if isinstance(line, str) else line for line in lines) + b"\n")
    call_command("ask", file=str(questions), out=str(answers))
    return [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]


def test_a_person_reads_text_and_sources(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = _asked(capsys, FACT.question)
    assert out.startswith(FACT.text + "\n")
    assert f"[1] {FACT.citations[0].title}" in out
    assert FACT.citations[0].licence in out
    assert err == ""


def test_json_is_the_public_shape(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(_asked(capsys, FACT.question, json=True)[0])
    assert answer["text"] == FACT.text
    assert answer["citations"][0]["record"] == FACT.citations[0].record


def test_options_reach_the_answerer(answerer: DoubleAnswerer) -> None:
    call_command("ask", FACT.question, city="pune", language="hi")
    assert (answerer.asked[0].city, answerer.asked[0].language) == ("pune", "hi")


@pytest.mark.parametrize(
    ("arguments", "options"),
    [((), {}), (("x",), {"out": "a"}), ((), {"file": "q"}), (("x",), {"file": "q", "out": "a"})],
)
def test_wrong_usage_is_2(arguments: tuple[str, ...], options: dict[str, str]) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("ask", *arguments, **options)
    assert caught.value.returncode == 2


def test_an_unknown_city_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("ask", FACT.question, city="atlantis")
    assert "There is no city 'atlantis'" in capsys.readouterr().err


def test_answers_come_in_order_with_their_ids_and_a_bad_line_is_a_row(tmp_path: Path) -> None:
    rows = _file(
        tmp_path,
        json.dumps({"id": "a", "question": FACT.question}),
        "{not json",
        "",
        json.dumps({"id": 7, "question": "Please fail"}),
        json.dumps({"id": "c", "question": FACT.question, "town": "pune"}),
        json.dumps({"id": "d"}),
        json.dumps({"id": "e", "question": "?", "city": 3}),
        b'{"id": "f", "question": "\xff"}',
        json.dumps({"id": "g", "question": "Where?", "now": "yesterday"}),
        json.dumps(["h"]),
        json.dumps({"question": "नमस्ते?"}),
    )
    assert [row["id"] for row in rows[:9]] == ["a", None, 7, "c", "d", "e", None, "g", None]
    assert [("error" in row) for row in rows] == [False, True, True, False, *[True] * 5, False]
    assert [row["line"] for row in rows if "error" in row] == [2, 4, 6, 7, 8, 9, 10]
    assert rows[0]["text"] == FACT.text
    assert rows[3]["text"] == FACT.text, "keys of others, such as the expected answer, are left alone"
    assert rows[9]["question"] == "नमस्ते?"
    assert rows[9]["id"]


def test_a_missing_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("ask", file=str(tmp_path / "none.jsonl"), out=str(tmp_path / "a.jsonl"))
    assert f"No such file or directory: {tmp_path / 'none.jsonl'}" in capsys.readouterr().err
