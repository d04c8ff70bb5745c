"""Fixtures that tests of several modules use: where a job table can be."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from postgres import Server, missing
from required import require

# The same examples every time, however long one takes on a machine that others use too.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steady")

# A suite that runs in the background ignores Ctrl-C, and a terminal's end; what it starts does not.
for _signal, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, _handler)

# The models of the tests are so small that threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# These would stand for arguments that tests leave out.
for _name in ("JOBMAN_DB", "JOBMAN_EXPROOT"):
    os.environ.pop(_name, None)

# What takes longest begins first, so that no process of a run is left with it at the end.
_LONGEST = {"integration", "running"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.relative_to(here).parts[0] not in _LONGEST)


def _server() -> Iterator[Server]:
    require("PostgreSQL", missing())
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A private PostgreSQL server; without one the test is skipped, and in CI it fails."""
    yield from _server()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that the test may stop; without one as `postgres_server`."""
    yield from _server()


@pytest.fixture(scope="session")
def _shared_database(postgres_server: Server) -> str:
    postgres_server.create_database("shared")
    return "shared"


@pytest.fixture
def postgres_database(postgres_server: Server, _shared_database: str) -> Iterator[str]:
    """The name of a database with nothing in it."""
    yield _shared_database
    postgres_server.empty_database(_shared_database)


@pytest.fixture
def postgres_url(postgres_server: Server, postgres_database: str) -> str:
    """The address of a table that does not exist yet, in an empty PostgreSQL database."""
    return f"{postgres_server.url(postgres_database)}?table=t_"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a table that does not exist yet, in an SQLite file."""
    return f"sqlite:///{tmp_path}/jobs.db?table=t_"


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def table_url(request: pytest.FixtureRequest) -> str:
    """The address of a new table, on each kind of database in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url
