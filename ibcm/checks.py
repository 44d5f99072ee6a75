"""Numbered checks that refuse settings which cannot work together, before anything is started."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from ibcm.domain.errors import ConfigurationError


@register(Tags.compatibility)
def profile_fits(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """A cluster has several processes, so nothing in it may belong to one of them alone."""
    return cluster_problems() if settings.IBCM_PROFILE == "cluster" else laptop_problems()


def refuse_impossible_settings() -> None:
    """Raises ConfigurationError with the first problem."""
    for problem in profile_fits(None):
        raise ConfigurationError(f"{problem.msg}: {problem.hint}")


def cluster_problems() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.IBCM_NEO4J_URI:
        found.append(
            _error("E001", "the cluster profile cannot use the embedded graph", "set IBCM_NEO4J_URI=bolt://host:7687")
        )
    if not settings.IBCM_QDRANT_URL:
        found.append(
            _error(
                "E002",
                "an embedded index belongs to one process, and a cluster has several",
                "set IBCM_QDRANT_URL=http://host:6333",
            )
        )
    if settings.IBCM_BROKER_URL.startswith("memory:"):
        found.append(
            _error(
                "E003", "an in-memory broker does not reach other workers", "set IBCM_BROKER_URL=redis://host:6379/0"
            )
        )
    if not settings.IBCM_DATABASE_URL:
        found.append(
            _error(
                "E004", "SQLite cannot be shared by the machines of a cluster", "set IBCM_DATABASE_URL=postgresql://…"
            )
        )
    if not settings.IBCM_SECRET_KEY_GIVEN:
        found.append(_error("E005", "every process of a cluster must sign with the same key", "set IBCM_SECRET_KEY"))
    return found


def laptop_problems() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.IBCM_BROKER_URL.startswith("memory:"):
        found.append(
            _error(
                "E006",
                "the laptop profile runs its worker in one process with an in-memory broker",
                "unset IBCM_BROKER_URL, or set IBCM_PROFILE=cluster",
            )
        )
    return found


def _error(number: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"ibcm.{number}")
