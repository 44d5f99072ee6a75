"""The invented city, once for the whole run, in an engine of its own: other suites wipe the shared one."""

from collections.abc import Iterator

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from graph.store.embedded import EmbeddedEngine
from retrieval.catalogue import Catalogue, build
from tests.engines import NO_PINGS
from tests.retrieval.city import records, scope
from tests.retrieval.fake_graph import fake_graph
from tests.retrieval.town import Town, build_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Only for tests marked `engine`. Whoever adds records gives them names that no other test asks for."""
    enable_socket()  # the last test may have been one without network
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    with EmbeddedEngine(tmp_path_factory.mktemp("engine"), heap="256m", watch=NO_PINGS) as engine:
        graph = engine.store()
        graph.prepare()
        made = build_town(graph, tmp_path_factory.mktemp("index") / "city")
        yield made
        enable_socket()
        made.close()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """What the city knows, without an engine."""
    return build(fake_graph(records()), scope(), revision=1)
