"""What the store does about failures, without an engine."""

import time

import pytest
from neo4j.exceptions import AuthError, IncompleteCommit, Neo4jError
from neo4j.exceptions import ServiceUnavailable as Unavailable

from graph.store import bolt
from graph.store.bolt import BoltGraphStore
from graph.store.failures import engine_error, worth_retrying
from ibcm.domain.errors import EngineError
from ibcm.domain.graph import Query

ONE = Query("one", "RETURN 1 AS one", {"text": "x" * 500, "rows": [{"id": "p1", "properties": {}}] * 3})


def _error(code: str, message: str = "no") -> Neo4jError:
    """As the driver makes it from the server's answer."""
    return Neo4jError._hydrate_neo4j(code=code, message=message)  # type: ignore[no-any-return,no-untyped-call,unused-ignore]  # the driver's own way


def test_conflicts_of_both_engines_are_tried_again() -> None:
    assert worth_retrying(_error("Neo.ClientError.Schema.ConstraintValidationFailed"))
    assert worth_retrying(Unavailable("gone"))
    assert worth_retrying(IncompleteCommit("gone while committing"))
    assert worth_retrying(_error("Neo.TransientError.General.Busy"))
    assert not worth_retrying(AuthError("wrong"))
    assert not worth_retrying(ValueError("ours"))
    assert not worth_retrying(EngineError("ours"))


def test_an_error_is_one_sentence_with_what_was_asked() -> None:
    error = engine_error(ONE, Unavailable("refused"), uri="bolt://h:1", hint="out of memory")
    assert str(error) == (
        "no graph answers at bolt://h:1: is it running? (one(text=500 characters, rows=3 rows from id 'p1'): refused). "
        "The engine's log says: out of memory"
    )
    assert error.transient


def test_an_error_says_nothing_that_a_source_or_an_asker_said() -> None:
    asked = Query("two", "RETURN 1", {"ids": ["e1"], "names": ["secret"], "facts": [{"phone": "secret"}], "limit": 5})
    told = str(engine_error(asked, Unavailable("refused"), uri="bolt://h:1"))
    assert "two(ids=1 rows from 'e1', names=1 rows from 6 characters, facts=1 rows from 1 fields, limit=5)" in told


def test_a_full_disk_of_the_engine_is_said() -> None:
    error = _error("Neo.ClientError.Transaction.TransactionNotFound", "Transaction error on commit")
    shown = engine_error(ONE, error, uri="bolt://h:1", hint="java.io.IOException: No space left on device")
    assert str(shown).startswith("the disk of the graph is full: free some space and repeat.")


@pytest.mark.loopback
def test_nobody_at_the_address_is_said_after_some_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bolt, "READ_PATIENCE", 0.3)
    store = BoltGraphStore(lambda: "bolt://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"no graph answers at bolt://127\.0\.0\.1:9"):
        store.read(Query("one", "RETURN 1 AS one"))
    assert 0.2 < time.monotonic() - start < 5
    store.close()


def test_a_wrong_address_is_said() -> None:
    with pytest.raises(EngineError, match="'http://x' is no address of a graph"):
        BoltGraphStore("http://x").read(Query("one", "RETURN 1 AS one"))


def test_a_closed_store_says_so() -> None:
    store = BoltGraphStore("bolt://127.0.0.1:9")
    store.close()
    store.close()
    with pytest.raises(EngineError, match="closed"):
        store.read(Query("one", "RETURN 1 AS one"))


def test_an_engine_that_is_gone_for_good_speaks_for_itself() -> None:
    def gone() -> str:
        raise EngineError("the graph engine has been stopped")

    with pytest.raises(EngineError, match="has been stopped"):
        BoltGraphStore(gone).read(Query("one", "RETURN 1 AS one"))
