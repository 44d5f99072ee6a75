"""The answerer and the ledger are doubles wherever a test asks for `answerer`."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from ibcm import wiring
from tests.ibcm.answering import DoubleAnswerer, DoubleLedger

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium")


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


@pytest.fixture
def page(live_address: str) -> Iterator["Page"]:
    """A real browser. Any breach of the content policy is an error on its console, and fails."""
    sync_playwright = pytest.importorskip("playwright.sync_api", reason="no playwright").sync_playwright
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened: Page = browser.new_page(base_url=live_address)
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on(
            "request", lambda request: complaints.append(request.url) if _foreign(request, live_address) else None
        )
        yield opened
        browser.close()
        assert complaints == []


def _foreign(request: Any, address: str) -> bool:
    return not request.url.startswith((address, "data:"))
