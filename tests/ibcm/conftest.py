"""The answerer and the ledger are doubles wherever a test asks for `answerer`."""

from collections.abc import Iterator

import pytest

from ibcm import wiring
from tests.ibcm.answering import DoubleAnswerer, DoubleLedger


@pytest.fixture
def ledger() -> Iterator[DoubleLedger]:
    double = DoubleLedger()
    wiring.replace("ledger", double)
    yield double
    wiring.close_all()


@pytest.fixture
def answerer(ledger: DoubleLedger) -> Iterator[DoubleAnswerer]:
    double = DoubleAnswerer()
    wiring.replace("answerer", double)
    yield double
    wiring.close_all()
