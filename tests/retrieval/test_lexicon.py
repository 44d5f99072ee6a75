"""The word files: what people write, what phrases say. A slip in YAML would change what questions mean."""

from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
import yaml

from retrieval.language import key_of
from retrieval.lexicon import WORDS, lexicon

PHRASES = WORDS.parent / "phrases"


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice, which YAML itself lets pass."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"twice: {sorted(str(key) for key in keys if keys.count(key) > 1)}"
        return super().construct_mapping(node, deep)


def read(name: str) -> dict[str, Any]:
    table: dict[str, Any] = yaml.load((WORDS / f"{name}.yaml").read_text(encoding="utf-8"), _Strict)  # noqa: S506 - a SafeLoader
    return table


def groups() -> Iterator[tuple[str, list[Any]]]:
    """(where, phrases that mean one thing)."""
    for concept, phrases in read("operators").items():
        yield f"operators.{concept}", phrases
    for field, entry in read("attributes").items():
        yield f"attributes.{field}", entry["words"]
    for field, table in read("values").items():
        for value, spellings in table.items():
            yield f"values.{field}.{value}", [value, *spellings]


GROUPS = dict(groups())


@pytest.mark.parametrize("where", GROUPS)
def test_phrases_are_text_that_says_something_once(where: str) -> None:
    phrases = GROUPS[where]
    assert [phrase for phrase in phrases if not isinstance(phrase, str)] == [], (
        "YAML read these as something else: quote them"
    )
    assert [phrase for phrase in phrases if not key_of(phrase)] == []
    assert sorted({phrase for phrase in phrases if phrases.count(phrase) > 1}) == []


def test_concepts_and_fields_are_names() -> None:
    for name in [*read("operators"), *read("attributes"), *read("values")]:
        assert isinstance(name, str)
        assert name.isidentifier()


def test_fillers_are_plain_words() -> None:
    for language, words in read("fillers").items():
        assert isinstance(language, str)
        assert isinstance(words, str)
    assert all(word and " " not in word for word in lexicon().fillers)


def test_every_phrase_is_found_under_its_folded_form() -> None:
    words = lexicon()
    for where, phrases in GROUPS.items():
        kind, name, *_ = where.split(".")
        for phrase in phrases:
            if kind == "operators":
                assert name in words.operators[key_of(phrase)]
            elif kind == "attributes":
                assert name in words.attributes[key_of(phrase)]
            else:
                assert name in {field for field, _ in words.values[key_of(phrase)]}


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_phrase_books_say_the_same_in_both_languages() -> None:
    english, hindi = (yaml.load((PHRASES / f"{name}.yaml").read_text("utf-8"), _Strict) for name in ("en", "hi"))  # noqa: S506
    assert english.keys() == hindi.keys()
    assert english["filters"].keys() == hindi["filters"].keys()
    for book in (english, hindi):
        texts = {name: text for name, text in book.items() if name not in ("filters", "fields")}
        assert [name for name, text in texts.items() if not isinstance(text, str) or not text.strip()] == []
        assert all(isinstance(name, str) and isinstance(text, str) and text for name, text in book["fields"].items())
    for name, text in english.items():
        if isinstance(text, str):
            assert slots(hindi[name]) <= slots(text) | {"thing", "things"}, name


def test_sentences_that_state_something_end_as_sentences() -> None:
    for language, ends in (("en", (".", ":", "?")), ("hi", ("।", ":", "?"))):
        book = yaml.safe_load((PHRASES / f"{language}.yaml").read_text("utf-8"))
        for name in (
            "lookup",
            "conflict",
            "count",
            "none",
            "list",
            "nearest_one",
            "distance",
            "serving",
            "direct",
            "raised",
        ):
            assert book[name].endswith(ends), (language, name)
