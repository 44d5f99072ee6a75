"""Bundled sources are taken in once, and again when what they are made of has changed."""

import threading
from collections.abc import Callable, Iterator

import pytest

from ibcm import bundled, wiring
from ibcm.jobs.models import Job


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Which sources were taken in; `broken` fails."""
    names: list[str] = []

    def take(slug: str, say: Callable[[str], None], *, stopping: threading.Event) -> Job:
        names.append(slug)
        failed = slug == "broken"
        return Job(
            state=Job.State.FAILED if failed else Job.State.DONE, error="no data" if failed else "", result={"read": 1}
        )

    monkeypatch.setattr(bundled, "_taken_in", take)
    monkeypatch.setattr(bundled, "_slugs", lambda: ["one", "two"])
    (wiring.home().path / bundled.NAME).unlink(missing_ok=True)
    yield names
    (wiring.home().path / bundled.NAME).unlink(missing_ok=True)


def _bring() -> list[str]:
    return bundled.bring_up_to_date(lambda line: None, stopping=threading.Event())


def test_once_is_enough(taken: list[str]) -> None:
    assert not bundled.filled_before()
    assert (_bring(), _bring()) == ([], [])
    assert taken == ["one", "two"]
    assert bundled.filled_before()


def test_a_change_takes_them_in_again(taken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _bring()
    monkeypatch.setattr(bundled, "_stamp", lambda: "of a new version")
    _bring()
    assert taken == ["one", "two", "one", "two"]


def test_what_fails_is_said_and_tried_again(taken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "_slugs", lambda: ["one", "broken", "two"])
    (problem,) = _bring()
    assert problem == "broken could not be taken in (no data): `manage.py ingest broken` tries it again"
    _bring()
    assert taken == ["one", "broken", "two", "broken"]
    assert not bundled.filled_before()


def test_a_damaged_note_only_repeats_the_work(taken: list[str]) -> None:
    _bring()
    (wiring.home().path / bundled.NAME).write_text("{")
    _bring()
    assert taken == ["one", "two", "one", "two"]


def test_the_stamp_is_of_content_alone() -> None:
    assert bundled._stamp() == bundled._stamp()
