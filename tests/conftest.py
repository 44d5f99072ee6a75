"""For every test: no network. Marks that need the loopback address open that alone."""

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MAY_TALK = ("engine", "neo4j", "servers", "browser", "loopback")

# No example fails for the time that it takes: what else the machine does is not the product's fault.
settings.register_profile("ibcm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ibcm")


@pytest.fixture(autouse=True)
def _network(request: pytest.FixtureRequest) -> None:
    """Unmarked tests may open no socket at all (Unix pairs, which asyncio needs, apart)."""
    if any(request.node.get_closest_marker(mark) for mark in MAY_TALK):
        enable_socket()
        socket_allow_hosts([*LOOPBACK, *_servers()], allow_unix_socket=True)
    else:
        disable_socket(allow_unix_socket=True)


def _servers() -> list[str]:
    """Hosts of the servers that the environment names for tests."""
    import os
    from urllib.parse import urlsplit

    names = ("NEO4J_URI", "POSTGRES_URL", "REDIS_URL", "QDRANT_URL")
    hosts = (urlsplit(os.environ.get(f"IBCM_TEST_{name}", "")).hostname for name in names)
    return [host for host in hosts if host]
