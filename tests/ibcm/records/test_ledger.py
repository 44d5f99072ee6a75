"""Django's ledger against the contract, on SQLite always and on PostgreSQL where one answers."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from ibcm.records.ledger import DjangoLedger
from tests.contracts.ledger_contract import LedgerContract
from tests.postgres import as_default, new_database


class TestOnSqlite(LedgerContract):
    @pytest.fixture
    def ledger(self, db: None) -> DjangoLedger:
        return DjangoLedger()


@pytest.fixture(scope="module")
def postgres(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with new_database() as url, django_db_blocker.unblock(), as_default(url):
        yield


@pytest.mark.servers
class TestOnPostgres(LedgerContract):
    @pytest.fixture
    def ledger(self, postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[DjangoLedger]:
        with django_db_blocker.unblock(), transaction.atomic():
            yield DjangoLedger()
            transaction.set_rollback(True)
