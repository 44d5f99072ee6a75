"""Questions from the command line: one with an answer to read, or a file of them."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from ibcm.chat import services
from ibcm.domain.answers import Answer, AskRequest, Citation
from ibcm.domain.errors import IbcmError
from ibcm.files import written
from ibcm.relay.protocol import Writer
from ibcm.tables import table

KEYS = frozenset({"id", "question", "city", "sector", "domain", "language", "conversation", "now"})
TELL_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a question file: a request, or what is wrong with it."""

    number: int
    id: object
    request: AskRequest | None
    error: str = ""


def show(answer: Answer, out: Writer) -> None:
    """The answer as a person reads it: text, rows, sources."""
    out.write(f"{answer.text}\n")
    if answer.missing and answer.missing not in answer.text:
        out.write(f"{answer.missing}\n")
    if answer.clarify:
        out.write("".join(f"  - {one.label} ({one.why})\n" for one in answer.clarify))
    if answer.rows:
        columns = [str(column) for column in answer.rows.columns]
        rows = [dict(zip(columns, row, strict=False)) for row in answer.rows.rows]
        out.write(f"\n{table(rows, columns)}")
        if answer.rows.total and answer.rows.total > len(rows):
            out.write(f"({len(rows)} of {answer.rows.total})\n")
    if answer.citations:
        out.write("\nSources\n" + "".join(f"{_source(citation)}\n" for citation in answer.citations))


def _source(citation: Citation) -> str:
    read = f"read {citation.retrieved_at[: len('2026-01-31')]}" if citation.retrieved_at else ""
    who = (citation.title, citation.record or citation.source, citation.attribution)
    parts = (*who, citation.licence, citation.url, read)
    return f"[{citation.n}] " + " · ".join(dict.fromkeys(str(part) for part in parts if part))


def read_lines(path: Path) -> Iterator[Line]:
    """Every line that is not empty. Raises OSError when the file cannot be read."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if raw.strip():
                yield _line(number, raw)


def _line(number: int, raw: bytes) -> Line:
    identity: object = None
    try:
        value = json.loads(raw.decode("utf-8-sig"))
        if not isinstance(value, dict):
            return Line(number, None, None, "a question is a JSON object")
        identity = value.get("id")
        return Line(number, identity, _request(value))
    except UnicodeDecodeError:
        return Line(number, identity, None, "the line is not UTF-8 text")
    except ValueError as error:
        return Line(
            number, identity, None, f"not JSON: {error}" if isinstance(error, json.JSONDecodeError) else str(error)
        )


def _request(value: dict[str, Any]) -> AskRequest:
    """Raises ValueError with the sentence that says what is wrong. Keys of others, such as `answer`, may stay."""
    given = {key: one for key, one in value.items() if key in KEYS - {"id"} and one is not None}
    if "question" not in given:
        raise ValueError("the question is missing: give `question` as text")
    wrong = [key for key, one in given.items() if not isinstance(one, str)]
    if wrong:
        raise ValueError(f"{wrong[0]} must be text")
    if "now" in given:
        given["now"] = datetime.fromisoformat(given["now"])
    return AskRequest(**given)


def ask_file(questions: Path, answers: Path, err: Writer) -> int:
    """Write one answer a line, in order, with the question's id. Returns how many lines could not be answered.

    A line that is wrong becomes `{"id", "line", "error"}` in its place; the others are answered.
    """
    done = failed = 0
    told = time.monotonic()
    with questions.open("rb"):
        pass  # answers of an earlier run are not given up for questions that cannot be read
    with written(answers) as out:
        for line in read_lines(questions):
            row = _answered(line)
            failed += "error" in row
            done += 1
            out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            if time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                err.write(f"{done} questions asked\n")
    err.write(f"{done} questions, {failed} could not be taken: answers in {answers}\n")
    return failed


def _answered(line: Line) -> dict[str, Any]:
    if line.request is None:
        return {"id": line.id, "line": line.number, "error": line.error}
    try:
        answer = services.ask(line.request).to_json()
    except (IbcmError, DatabaseError) as error:
        return {"id": line.id, "line": line.number, "question": line.request.question, "error": str(error)}
    return {**answer, "id": answer["id"] if line.id is None else line.id}
