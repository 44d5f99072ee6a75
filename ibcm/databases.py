"""IBCM_DATABASE_URL -> Django's database settings."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ibcm.domain.errors import ConfigurationError

EXAMPLE = "postgresql://user:password@host:5432/ibcm"


def database(url: str, sqlite: Path) -> dict[str, Any]:
    """PostgreSQL by URL (its query is handed to the driver, such as `?sslmode=require`), else SQLite in that file.

    SQLite: WAL lets readers go on beside a writer; IMMEDIATE takes the write lock when a transaction begins, because a
    reader that turns writer fails at once instead of waiting. What is deleted is overwritten: terms that say how long
    something may be kept are about the file, too. A cache of some size (KiB) keeps the upper pages of the indexes at
    hand, for a large home's keys are met in no order.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sqlite,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 60,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
                    "PRAGMA secure_delete=ON; PRAGMA cache_size=-65536;"
                ),
            },
        }
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ConfigurationError(f"IBCM_DATABASE_URL has a bad port: write it as {EXAMPLE}") from None
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgresql", "postgres") or not name:
        raise ConfigurationError(f"IBCM_DATABASE_URL is not understood: write it as {EXAMPLE}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
