"""The job table's contract, on both databases."""

import pytest
from table_contract import TableContract


class TestSQLite(TableContract):
    @pytest.fixture
    def url(self, sqlite_url: str) -> str:
        return sqlite_url


@pytest.mark.postgresql
class TestPostgreSQL(TableContract):
    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url
