"""The job table's contract, on both databases."""

from pathlib import Path

import pytest
from table_contract import TableContract

from pylearn2_jobman.jobman.table import open_table


class TestSQLite(TableContract):
    @pytest.fixture
    def url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_the_present_directory_may_change_while_it_is_open(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with open_table("sqlite:///here.db?table=t") as table:
            table.insert({"a": 1})
            monkeypatch.chdir("/")
            assert table.get(1).state["a"] == 1


@pytest.mark.postgresql
class TestPostgreSQL(TableContract):
    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url
