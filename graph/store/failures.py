"""What the driver's errors mean: worth another attempt or not, and one sentence for a person."""

from neo4j.exceptions import (
    AuthError,
    ConstraintError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
)

from ibcm.domain.errors import EngineError
from ibcm.domain.graph import Query

_SHOWN = 60
"""Characters of a parameter that an error shows: enough to find the row."""
NAMING = frozenset(["id", "ids", "label", "cells", "routes", "stops", "scopes"])
"""Parameters whose texts are ours. Any other may be what a source says or a person asks: errors are logged, and what
is logged is not purged."""

_CONFLICTS = (
    "Neo.ClientError.Schema.ConstraintValidationFailed",
    "Neo.ClientError.Transaction.TransactionNotFound",
    "Neo.ClientError.Statement.EntityNotFound",
)
"""How engines report that two transactions met, besides the transient errors that the driver knows: the first two are
the embedded engine's, the third is Neo4j's for a node that went between being found and being joined to."""

_VAGUE = ("Error executing", "Transaction error", "server log")
"""Messages of the embedded engine that leave the cause to its log."""


class TargetGoneError(Exception):
    """Another transaction removed a bare target between our finding it and our joining to it."""


def worth_retrying(error: BaseException) -> bool:
    """Whether the same transaction may pass when it is sent again."""
    # ServiceUnavailable covers a connection that broke during a commit, which the driver leaves to its callers.
    if isinstance(error, ConstraintError | ServiceUnavailable | OSError | TargetGoneError):
        return True
    if isinstance(error, Neo4jError):
        return error.is_retryable() or error.code in _CONFLICTS
    return isinstance(error, DriverError) and error.is_retryable()


def engine_error(query: Query, error: Exception, *, uri: str, hint: str = "") -> EngineError:
    """The error as callers see it. `hint` is the engine's last log line, where there is one."""
    asked = f"{query.name}({_shown(query)})"
    told = isinstance(error, Neo4jError) and not any(words in str(error) for words in _VAGUE)
    because = f". The engine's log says: {hint}" if hint and not told else ""
    if isinstance(error, AuthError):
        return EngineError(f"the graph at {uri} refuses this user and password: check them. ({asked})")
    if isinstance(error, ServiceUnavailable | OSError):
        return EngineError(f"no graph answers at {uri}: is it running? ({asked}: {error}){because}", transient=True)
    if "No space left" in f"{error} {hint}":
        return EngineError(f"the disk of the graph is full: free some space and repeat. ({asked})", transient=True)
    code = getattr(error, "code", None) or type(error).__name__
    if "TimedOut" in code or "Timeout" in code:
        return EngineError(f"the graph took too long over {asked} and was stopped: ask for less.{because}")
    message = getattr(error, "message", None) or str(error)
    return EngineError(f"the graph failed at {asked}: {code}: {message}{because}", transient=worth_retrying(error))


def _shown(query: Query) -> str:
    return ", ".join(f"{name}={_short(value, told=name in NAMING)}" for name, value in query.parameters.items())


def _short(value: object, *, told: bool = False) -> str:
    """The value in a few characters; of a text that names nothing of ours, how long it is."""
    if isinstance(value, list | tuple):
        return f"{len(value)} rows" + (f" from {_short(value[0], told=told)}" if value else "")
    if isinstance(value, dict):
        return f"id {_short(value['id'], told=True)}" if "id" in value else f"{len(value)} fields"
    if isinstance(value, str) and not told:
        return f"{len(value)} characters"
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
