"""A copy of the database as it was at one moment, while others write; and back. SQLite by its own backup, PostgreSQL
by its own tools, which know every type and version better than we could."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

from ibcm.domain.errors import IbcmError

SESSIONS = "django_session"
"""Not kept: whoever has a copy must not be able to go on as somebody who was signed in."""


def engine() -> str:
    """`sqlite` or `postgresql`."""
    return connection.vendor


def copy(target: Path) -> None:
    """Write the database into that file. Raises IbcmError with what to do when the tools fail."""
    if engine() == "postgresql":
        _tool("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--exclude-table-data={SESSIONS}",
              f"--file={target}", "--dbname", _address())  # fmt: skip
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copied:
        connection.connection.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")
        copied.execute(f"DELETE FROM {SESSIONS}")  # noqa: S608 - a name of ours
        copied.commit()
        copied.execute("VACUUM")  # what was deleted is not in the copy's free pages either


def put_back(source: Path) -> None:
    """Make the database what that file says, in one transaction. Raises IbcmError when it is not such a copy."""
    if engine() == "postgresql":
        connection.close()
        _tool("pg_restore", "--single-transaction", "--clean", "--if-exists", "--no-owner", "--no-acl",
              "--exit-on-error", "--dbname", _address(), str(source))  # fmt: skip
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(source)) as copied:
        try:
            (sound,) = copied.execute("PRAGMA integrity_check").fetchone()
            if sound != "ok":
                raise IbcmError(f"the backup's database is damaged ({sound}): take another copy of it")
            copied.backup(connection.connection)
        except sqlite3.DatabaseError as error:
            raise IbcmError(f"the backup's database cannot be put back: {error}") from error
    connection.close()


def _address() -> str:
    """The database for PostgreSQL's tools, the password left out: others could see it among the processes."""
    from psycopg.conninfo import make_conninfo

    said: dict[str, Any] = connection.settings_dict
    parts = {"dbname": said["NAME"], "user": said["USER"], "host": said["HOST"], "port": said["PORT"]}
    options = {name: value for name, value in said["OPTIONS"].items() if isinstance(value, str)}
    return make_conninfo(**{name: str(value) for name, value in parts.items() if value}, **options)


def _tool(name: str, *arguments: str) -> None:
    if shutil.which(name) is None:
        raise IbcmError(f"{name} is not installed: install PostgreSQL's client programs, as new as the server")
    password = connection.settings_dict["PASSWORD"]
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run([name, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip().splitlines()
        raise IbcmError(f"{name} failed: {why[0] if why else done.returncode}")
