"""The ledger in memory keeps the contract."""

import pytest

from graph.ingest.memory import MemoryLedger
from tests.contracts.ledger_contract import LedgerContract


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> MemoryLedger:
        return MemoryLedger()


def test_claims_and_leases_run_out() -> None:
    now = [0.0]
    ledger = MemoryLedger(clock=lambda: now[0])
    assert ledger.lease("assign", owner="a", seconds=10)
    now[0] = 11.0
    assert ledger.lease("assign", owner="b", seconds=10)
