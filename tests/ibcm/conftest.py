"""The answerer and the ledger are doubles wherever a test asks for `answerer`."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

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


@pytest.fixture
def live_address(transactional_db: None) -> Iterator[str]:
    """The product served as in real life, by uvicorn on a free port of this machine."""
    place = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config("ibcm.asgi:application", lifespan="off", ws="none", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{place.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    place.close()
