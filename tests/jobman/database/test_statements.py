"""The SQL that is sent is the one that can be read in tests/data/sql."""

import pytest
from sql_statements import FILES, URLS, golden

AGAIN = "look at the difference; if it is meant: python tests/sql_statements.py"


@pytest.mark.parametrize("name", URLS)
def test_every_statement_is_the_recorded_one(name: str) -> None:
    assert golden(URLS[name]) == (FILES / f"{name}.sql").read_text(encoding="utf-8"), AGAIN


def test_a_connection_changes_none_of_them(table_url: str) -> None:
    url = table_url.replace("table=t_", "table=mlp_")
    name = "sqlite" if url.startswith("sqlite") else "postgresql"
    recorded = (FILES / f"{name}.sql").read_text(encoding="utf-8")
    assert golden(url, connect=True) == recorded, AGAIN
