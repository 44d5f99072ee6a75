from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from ibcm import wiring
from ibcm.chat import examples as module
from ibcm.chat.examples import Example, candidates, examples
from ibcm.domain.answers import Answer, AskRequest
from tests.ibcm.answering import FACT, UNKNOWN, DoubleAnswerer, DoubleThing

THINGS = [
    DoubleThing("e1", "Lake Park"),
    DoubleThing("e2", "Hill Park"),
    DoubleThing("e3", "Green Airport", category="airport"),
    DoubleThing("e4", "Sea Park", city="mumbai"),
    DoubleThing("e5", "Nowhere", city="atlantis"),
    DoubleThing("e6", '<script>alert("x")</script>'),
]


@dataclass
class Catalogue:
    things: dict[str, DoubleThing]
    revision: int = 1


@dataclass
class Knowing(DoubleAnswerer):
    """Answers whatever does not ask how far."""

    known: Catalogue = field(default_factory=lambda: Catalogue({thing.id: thing for thing in THINGS}))

    def catalogue(self) -> Catalogue:
        return self.known

    def ask(self, request: AskRequest) -> Answer:
        self.asked.append(request)
        return replace(UNKNOWN if "How far" in request.question else FACT, question=request.question)


@pytest.fixture
def knowing() -> Iterator[Knowing]:
    module._kept.examples, module._kept.key = [], None
    double = Knowing()
    wiring.replace("answerer", double)
    yield double
    wiring.close_all()


def test_examples_name_real_things_of_known_cities() -> None:
    made = candidates(THINGS, wiring.scope())
    text = " ".join(example.question for example in made)
    assert "Park" in text
    assert "Nowhere" not in text
    assert "<script>" not in text
    assert {example.city for example in made} == {"bangalore", "mumbai"}
    assert {example.language for example in made} == {"en", "hi"}
    assert made == candidates(THINGS, wiring.scope()), "the same things give the same examples"


def test_only_what_is_answered_is_offered_and_remembered(knowing: Knowing) -> None:
    offered = examples()
    assert 0 < len(offered) <= 6
    assert not any("How far" in example.question for example in offered)
    tried = len(knowing.asked)
    assert examples() == offered
    assert len(knowing.asked) == tried
    knowing.known.revision = 2
    examples()
    assert len(knowing.asked) > tried


def test_an_empty_home_has_no_examples(knowing: Knowing) -> None:
    knowing.known.things = {}
    assert examples() == []


def test_an_example_is_an_address() -> None:
    assert Example("Where is A & B?", "pune").query == "question=Where+is+A+%26+B%3F&city=pune"
