"""Chooses phrasings, and keeps the development half apart from the held-out half."""

import random
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

Split = Literal["dev", "heldout"]
LANGUAGES = ("en", "hi", "hi-Latn")
_FILES = {"en": "en.yaml", "hi": "hi.yaml", "hi-Latn": "hinglish.yaml"}


@cache
def _loaded(name: str) -> dict[str, Any]:
    text = files("benchmarks.questions.wording").joinpath(name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def words() -> dict[str, Any]:
    """Words for categories, attributes, cities, and for what no record knows."""
    return _loaded("words.yaml")


def half(choices: list[str], split: Split) -> list[str]:
    """Every second of them; both halves of a list of one are that one."""
    mine = choices[0::2] if split == "dev" else choices[1::2]
    return mine or choices


def templates(kind: str, language: str, split: Split) -> list[str]:
    """Phrasings of `kind`; those of `kind.detail` come first and again with the kind's own."""
    held = _loaded(_FILES[language])["templates"]
    general, _, detail = kind.partition(".")
    found = half(held[general], split) if general in held else []
    special = half(held[kind], split) if detail and kind in held else []
    return [*special, *special, *found] if general == "lookup" else special or found


def languages_of(kind: str) -> list[str]:
    """The languages in which this kind can be asked."""
    return [language for language in LANGUAGES if templates(kind, language, "dev")]


def fragment(name: str, language: str, split: Split, rng: random.Random) -> str:
    """One way to say a condition. English where the language has none of its own."""
    return _pick("fragments", name, language, split, rng)


def superlative(name: str, language: str, split: Split, rng: random.Random) -> str:
    """One way to say best, cheapest and so on."""
    return _pick("superlatives", name, language, split, rng)


def vehicle(mode: str, form: str, language: str, split: Split, rng: random.Random) -> str:
    """`form` is one, many or routes."""
    held = _loaded(_FILES["hi" if language == "hi" else "en"])["vehicles"]
    return rng.choice(half(held.get(mode, held["bus"])[form], split))


def _pick(section: str, name: str, language: str, split: Split, rng: random.Random) -> str:
    held = _loaded(_FILES[language]).get(section, {})
    choices = held.get(name) or _loaded(_FILES["en"])[section][name]
    return rng.choice(half(choices, split))
