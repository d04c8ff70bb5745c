"""Addresses of job tables as people write them."""

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.database.address import Address


@pytest.mark.parametrize(
    ("text", "backend", "database", "table"),
    [
        ("sqlite:///jobs.db?table=mlp", "sqlite", "jobs.db", "mlp"),
        ("sqlite:////abs/olute/jobs.db?table=mlp", "sqlite", "jobs.db", "mlp"),
        ("postgres://user:pw@host:5433/lab?table=mlp", "postgresql", "lab", "mlp"),
        ("postgresql://host/lab?table=mlp", "postgresql", "lab", "mlp"),
        ("postgres://user:pw@host:5433/lab/mlp", "postgresql", "lab", "mlp"),
        ("postgresql://host/lab/mlp?sslmode=require", "postgresql", "lab", "mlp"),
        ("postgresql+psycopg://host/lab?table=mlp&sslmode=require", "postgresql", "lab", "mlp"),
    ],
)
def test_an_address_names_database_and_table(
    text: str, backend: str, database: str, table: str
) -> None:
    address = Address.parse(text)
    assert address.url.get_backend_name() == backend
    assert (address.database, address.table) == (database, table)
    assert "table" not in address.url.query


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jobs.db", "'jobs.db' is not the address of a job table; one looks like sqlite:///"),
        ("sqlite:///jobs.db", r"names no table: add \?table=NAME"),
        ("sqlite:///jobs.db?tabel=mlp", "names no table; did you mean 'tabel'"),
        ("sqlite:///jobs.db?table=", "names no table"),
        ("sqlite:///?table=mlp", "names no database that other processes can open"),
        ("sqlite:///:memory:?table=mlp", "names no database that other processes can open"),
        ("postgres://host/?table=mlp", "names no database"),
        ("postgers://host/lab?table=mlp", "no database 'postgers'; did you mean 'postgres'"),
        ("mysql://host/lab?table=mlp", "no database 'mysql' in"),
        ("postgres://host:port/lab?table=mlp", "malformed"),
        (f"sqlite:///jobs.db?table={'t' * 256}", "at most 255 bytes of printable characters"),
        (f"postgres://host/lab?table={'t' * 58}", "at most 57 bytes of printable characters"),
        (f"postgres://host/lab?table={'é' * 29}", "at most 57 bytes of printable characters"),
        ("sqlite:///jobs.db?table=a%0Ab", "not usable"),
        ("sqlite:///jobs.db?table=../../x", r"'\.\./\.\./x' .* is not usable: .* no '/'"),
        ("sqlite:///jobs.db?table=a/b", "not usable"),
        ("sqlite:///jobs.db?table=..", "not usable"),
        ("postgres://host/lab", "names no table"),
        ("postgres://host/lab/", "names no table"),
        ("postgres://host/lab/a/b", "names no table"),
        ("postgres://host/lab/mlp?table=mlp", "the database name 'lab/mlp' .* is not usable"),
        ("postgres://host/..?table=mlp", "the database name '..' .* is not usable"),
        ("postgres://host/a%2Fb?table=mlp", "the database name 'a/b' .* is not usable"),
    ],
)
def test_a_wrong_address_is_an_error_that_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Address.parse(text)


@pytest.mark.parametrize("query", ["table=mlp", "", "tabel=x"])
@pytest.mark.parametrize("scheme", ["postgres", "mysql", "postgresql+psycopg"])
@pytest.mark.parametrize("place", ["user:hush@host/lab?", "user@host/lab?password=hush&"])
def test_a_password_is_never_shown(scheme: str, query: str, place: str) -> None:
    try:
        address = Address.parse(f"{scheme}://{place}{query}")
    except UsageError as error:
        shown = str(error)
    else:
        assert address.url.password == "hush"
        shown = f"{address} {address!r}"
    assert "hush" not in shown
    assert "***" in shown


def test_a_password_may_stand_in_the_file_that_lisas_jobman_read(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Address.parse("postgres://user@host/lab/mlp").url.password is None
    (tmp_path / ".jobman_lab").write_text("hush #1\n")
    address = Address.parse("postgres://user@host/lab/mlp")
    assert address.url.password == "hush #1"
    assert "hush" not in f"{address} {address!r}"
    assert Address.parse("postgres://user:own@host/lab/mlp").url.password == "own"
