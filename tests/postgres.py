"""A PostgreSQL database of a test's own, and Django's default connection pointed at it."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest


@contextmanager
def new_database() -> Iterator[str]:
    """The address of a new, empty database; it is dropped at the end. Skips where no server is named."""
    server = os.environ.get("IBCM_TEST_POSTGRES_URL")
    if not server:
        pytest.skip("IBCM_TEST_POSTGRES_URL names no PostgreSQL server")
    import psycopg

    name = f"ibcm_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def as_default(url: str) -> Iterator[None]:
    """In this thread, Django's default connection is this migrated database."""
    from django.core.management import call_command
    from django.db import connections
    from django.db.utils import load_backend

    from ibcm.databases import database

    before = connections["default"]
    settings = {**before.settings_dict, **database(url, Path())}
    connections["default"] = mine = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, alias="default")
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        mine.close()
        connections["default"] = before
