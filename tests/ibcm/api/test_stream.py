import asyncio
import json
from typing import Any

import pytest
from django.test import AsyncClient

from ibcm.chat.models import AskedAnswer
from tests.ibcm.answering import FACT, HINDI, LIST, DoubleAnswerer

pytestmark = pytest.mark.django_db(transaction=True)

Events = list[tuple[str, Any]]


def parse(body: bytes) -> Events:
    """Strictly as the standard frames events: one `event`, one `data`, a blank line."""
    events = []
    blocks = body.decode().split("\n\n")
    assert blocks.pop() == ""
    for block in blocks:
        name, data = block.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


def streamed(path: str, data: Any, **headers: str) -> tuple[Any, Events]:
    async def talk() -> tuple[Any, bytes]:
        response = await AsyncClient().post(path, json.dumps(data), content_type="application/json", headers=headers)
        if not response.streaming:
            return response, b""
        parts: Any = response
        return response, b"".join([part async for part in parts.streaming_content])

    response, body = asyncio.run(talk())
    return response, parse(body) if body else []


@pytest.mark.parametrize(
    ("path", "headers"), [("/api/v1/ask/stream", {}), ("/api/v1/ask", {"accept": "text/event-stream"})]
)
def test_events_come_in_order_and_the_last_is_the_whole_answer(
    answerer: DoubleAnswerer, path: str, headers: dict[str, str]
) -> None:
    response, events = streamed(path, {"question": LIST.question}, **headers)
    assert response["Content-Type"].startswith("text/event-stream")
    assert [name for name, _ in events] == ["plan", "sentence", "citations", "rows", "done"]
    done = events[-1][1]
    assert done["text"] == LIST.text
    assert AskedAnswer.objects.get(pk=done["id"]).answer == done


def test_line_ends_and_hindi_travel_inside_one_frame(answerer: DoubleAnswerer) -> None:
    _, events = streamed("/api/v1/ask/stream", {"question": HINDI.question})
    assert dict(events)["sentence"]["text"] == "झील पार्क सुबह 06:00 बजे खुलता है।"


def test_an_error_on_the_way_is_the_last_event(answerer: DoubleAnswerer) -> None:
    _, events = streamed("/api/v1/ask/stream", {"question": "Please fail"})
    assert [(name, data["status"]) for name, data in events] == [("error", 503)]
    _, events = streamed("/api/v1/ask/stream", {"question": "Please break"})
    assert events[-1][1]["status"] == 500
    assert "secret" not in json.dumps(events)


@pytest.mark.parametrize("question", ["", "a" * 10_000, None, 5 * [1]])
def test_what_cannot_be_asked_is_refused_before_the_stream(answerer: DoubleAnswerer, question: Any) -> None:
    response, _ = streamed("/api/v1/ask/stream", {"question": question})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_a_reader_who_leaves_stops_the_work(answerer: DoubleAnswerer) -> None:
    from ibcm.api.sse import framed

    class Endless:
        closed = False

        def __iter__(self) -> "Endless":
            return self

        def __next__(self) -> tuple[str, dict[str, Any]]:
            return "sentence", {}

        def close(self) -> None:
            self.closed = True

    endless = Endless()

    async def read_one() -> None:
        frames = framed(endless)
        assert (await anext(frames)).startswith(b"event: sentence")
        await frames.aclose()  # type: ignore[attr-defined]
        for _ in range(100):
            if endless.closed:
                return
            await asyncio.sleep(0.02)

    asyncio.run(read_one())
    assert endless.closed


def test_an_answer_is_the_same_by_either_way(answerer: DoubleAnswerer) -> None:
    _, events = streamed("/api/v1/ask/stream", {"question": FACT.question})
    done = events[-1][1]
    assert {**done, "id": "x"} == FACT.to_json()
