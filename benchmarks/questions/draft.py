"""A question before it is put into words: what is asked, about what, and the right answer."""

from dataclasses import dataclass, field
from typing import Any, Literal

AnswerType = Literal["number", "string", "list", "bool"]


@dataclass(frozen=True, slots=True)
class Named:
    """A thing by its name, with its area where the name alone is not enough."""

    name: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class StopName:
    name: str
    mode: str


@dataclass(frozen=True, slots=True)
class RouteName:
    name: str
    mode: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter: `kind` names its fragment, `values` fill the fragment's slots."""

    kind: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Many:
    """Things of a category under conditions, in the plural unless `one`."""

    category: str
    conditions: tuple[Condition, ...] = ()
    one: bool = False
    before: tuple[str, str] = ("", "")
    """Words (English, Hindi) before the noun that no record knows."""
    after: tuple[str, str] = ("", "")
    noun: tuple[str, str, str] | None = None
    """(singular, plural, Hindi) in place of the category's own words."""


@dataclass(frozen=True, slots=True)
class Attribute:
    key: str


@dataclass(frozen=True, slots=True)
class Distance:
    metres: float


@dataclass(frozen=True, slots=True)
class Superlative:
    by: str


@dataclass(frozen=True, slots=True)
class Vehicle:
    mode: str
    form: str


@dataclass(frozen=True, slots=True)
class Either:
    """The same words in English and in Hindi."""

    en: str
    hi: str = ""


Slot = Named | StopName | RouteName | Many | Attribute | Distance | Superlative | Vehicle | Either | str | int


@dataclass(slots=True)
class Draft:
    kind: str
    """The public kind, by which results are grouped."""
    template: str
    """Key of its phrasings."""
    slots: dict[str, Slot]
    city: str
    """Empty: the question is about no city."""
    answer: Any
    answer_type: AnswerType
    aliases: list[Any] = field(default_factory=list)
    """Other right answers, each of the shape of `answer`."""
    gold: list[str] = field(default_factory=list)
    answerable: bool = True
    tolerance: float | None = None
    """Absolute, in the answer's unit."""
    ordered: bool = False
    total: int | None = None
    """How many entities a list has, when names repeat."""
    names: dict[str, list[str]] = field(default_factory=dict)
    """Other names of list members that are right too."""
    by_citation: bool = False
    """Right when a record of `gold` is cited, whatever the words."""
    in_text: bool = False
    """The name may stand in the text alone: questions about prose have no bare value."""


def unanswerable(kind: str, template: str, slots: dict[str, Slot], city: str, **more: Any) -> Draft:
    """A draft whose only right answer is an abstention."""
    return Draft(kind, template, slots, city, None, "string", answerable=False, **more)
