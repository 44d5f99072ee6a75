"""Checks a request before anything is asked of the stores. Pure: text in, AskRequest or QuestionError out."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from ibcm.chat.errors import QuestionError
from ibcm.domain.answers import AskRequest
from ibcm.domain.scope import Scope
from retrieval.answering.phrases import LANGUAGES

MAX_QUESTION = 2_000
"""Characters. Longer texts are documents, not questions."""
MAX_CONVERSATION = 100

CONVERSATION = re.compile(rf"^[A-Za-z0-9_-]{{1,{MAX_CONVERSATION}}}$")
JOINERS = "\u200c\u200d"
"""Zero-width joiners: invisible, but Indic scripts are spelt with them."""


def checked(request: AskRequest, scope: Scope, *, has_records: Callable[[str], bool] = lambda _: False) -> AskRequest:
    """The same request with a clean question and known slugs. Raises QuestionError.

    A city may be given by any of its names; one that is not configured is known when there are records of it.
    """
    return replace(
        request,
        question=clean_question(request.question),
        city=_city(request.city, scope, has_records),
        sector=_known(request.sector, "sector", scope.sectors),
        domain=_known(request.domain, "domain", scope.assistants),
        language=_language(request.language),
        conversation=_matching(
            request.conversation, "conversation", CONVERSATION, "the conversation id of an earlier answer"
        ),
        now=_zoned(request),
    )


def clean_question(text: str) -> str:
    """Without control and invisible characters, spaces squeezed. Raises QuestionError when nothing or too much is left.

    The limit is on what was sent, so that a long text is refused before it costs anything.
    """
    if len(text) > MAX_QUESTION:
        raise QuestionError(
            f"The question has {len(text):,} characters; at most {MAX_QUESTION:,} can be read. Ask a shorter question.",
            field="question",
            code="too_long",
        )
    visible = "".join(_visible(character) for character in unicodedata.normalize("NFC", text))
    squeezed = " ".join(visible.split())
    if not any(character.isalnum() for character in squeezed):
        raise QuestionError(
            "The question is empty. Write what you want to know, for example about a place in one of the cities.",
            field="question",
            code="empty",
        )
    return squeezed


def _visible(character: str) -> str:
    """A control becomes a space; invisible format characters and lone surrogates vanish: they only hide text."""
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category in {"Cf", "Cs", "Co", "Cn"} and character not in JOINERS else character


def _city(given: str | None, scope: Scope, has_records: Callable[[str], bool]) -> str | None:
    wanted = (given or "").strip().casefold()
    for city in scope.cities.values():
        if wanted in {name.casefold() for name in (*city.names.values(), *city.aliases)}:
            return city.slug
    if wanted and wanted not in scope.cities and has_records(wanted):
        return wanted
    return _known(given, "city", scope.cities)


def _known(slug: str | None, field: str, known: Mapping[str, object]) -> str | None:
    if slug is None or not slug.strip():
        return None
    wanted = slug.strip().casefold()
    if wanted in known:
        return wanted
    names = tuple(known)
    raise QuestionError(
        f"There is no {field} {_shown(slug)}. Known: {', '.join(names) or 'none yet'}.",
        field=field,
        code="unknown",
        known=names,
    )


def _language(tag: str | None) -> str | None:
    """A language that answers are written in; of a tag such as `en-IN` the language alone."""
    return _known((tag or "").strip().replace("_", "-").partition("-")[0], "language", dict.fromkeys(LANGUAGES))


def _matching(text: str | None, field: str, pattern: re.Pattern[str], what: str) -> str | None:
    if text is None or not text.strip():
        return None
    if pattern.match(text.strip()):
        return text.strip()
    raise QuestionError(f"{_shown(text)} is not {what}.", field=field)


def _zoned(request: AskRequest) -> datetime | None:
    if request.now is not None and request.now.tzinfo is None:
        raise QuestionError(
            "now has no time zone. Write it as ISO 8601 with one, such as 2026-01-31T18:30:00+05:30.", field="now"
        )
    return request.now


def _shown(text: str) -> str:
    """What was sent, short and printable, for an error message."""
    kept = "".join(character if character.isprintable() else "�" for character in text[:60])
    return f"{kept!r}" if len(text) <= 60 else f"{kept!r}…"
