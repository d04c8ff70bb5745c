"""The address of a job table: which database, and which table in it."""

__all__ = ["Address", "password_file", "shown"]

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.bookkeeping import as_text
from pylearn2_jobman.whole_file import read_text

if TYPE_CHECKING:
    from sqlalchemy import URL

_EXAMPLES = "sqlite:///jobs.db?table=mlp or postgres://user@host/database?table=mlp"
_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
# In bytes: PostgreSQL cuts identifiers at 63, and 'keyval' comes on top; a folder's name has 255.
_LONGEST_TABLE_NAME = {"sqlite": 255, "postgresql": 63 - len("keyval")}
_BUSY_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Address:
    """Where a job table is.

    Attributes
    ----------
    url
        SQLAlchemy's URL of the database, without the table; its ``repr`` masks the password.
    table
        The table's name, the prefix of ``<table>trial`` and ``<table>keyval``.
    """

    url: "URL"
    table: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``sqlite:///file.db?table=t`` or ``postgres://user:pw@host/db?table=t``.

        ``postgres://user:pw@host/db/t`` is an older way to write the latter.
        Other parameters of the query go to the database driver (``timeout`` in seconds for SQLite,
        ``sslmode`` and the like for PostgreSQL, where ``prepare_threshold=none`` is for pgbouncer).

        Raises
        ------
        UsageError
            Naming what is missing or unknown. The password is never part of the message.
        """
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        if as_text(text) != text:  # the shell gives bytes that are not UTF-8 so
            raise UsageError("the address of the job table holds what is not text")
        masked = re.sub(r"(://[^:/@]*):.*@", r"\1:***@", text)
        masked = re.sub(r"([?&]password=)[^&]*", r"\1***", masked)
        scheme, separator, _ = text.partition("://")
        if not separator:
            raise UsageError(
                f"{masked!r} is not the address of a job table; one looks like {_EXAMPLES}"
            )
        if scheme not in _DRIVERS:
            raise UsageError(
                f"no database {scheme!r}{suggest(scheme, _DRIVERS)} in {masked!r}: "
                f"an address looks like {_EXAMPLES}"
            )
        try:
            url = make_url(text)
        except (ArgumentError, ValueError) as error:
            raise UsageError(
                f"the address {masked!r} is malformed; one looks like {_EXAMPLES}"
            ) from error
        if scheme != "sqlite" and "table" not in url.query:
            url = _without_older_form(url)
        table = url.query.get("table")
        if not isinstance(table, str) or not table:
            near = suggest("table", url.query)
            raise UsageError(f"{masked!r} names no table{near}: add ?table=NAME ({_EXAMPLES})")
        longest = _LONGEST_TABLE_NAME["sqlite" if scheme == "sqlite" else "postgresql"]
        if len(table.encode()) > longest or not _can_be_folder(table):
            raise UsageError(
                f"the table name {table!r} in {masked!r} is not usable: "
                f"at most {longest} bytes of printable characters, no '/', no '.' in front"
            )
        if not url.database or (scheme == "sqlite" and url.database.startswith(":memory:")):
            raise UsageError(
                f"{masked!r} names no database that other processes can open; "
                f"an address looks like {_EXAMPLES}"
            )
        if scheme != "sqlite" and not _can_be_folder(url.database):
            raise UsageError(
                f"the database name {url.database!r} in {masked!r} is not usable (the files of "
                "jobs go into a folder of its name): printable characters, no '/', no '.' in front"
            )
        url = url.set(drivername=_DRIVERS[scheme])
        if isinstance(password := url.query.get("password"), str):
            url = url.set(password=password)  # where it is masked
        elif scheme != "sqlite" and not url.password:
            url = url.set(password=password_file(url.database))
        url = url.difference_update_query(["table", "password"])
        return cls(url, table)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is an SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The SQLite file."""
        return Path(self.url.database or "") if self.is_sqlite else None

    @property
    def anywhere(self) -> str:
        """The address as another process can open it, whatever directory it is in.

        It has the password.
        """
        url = self.url.update_query_dict({"table": self.table})
        if self.file is not None and not str(self.file).startswith("file:"):
            url = url.set(database=str(self.file.absolute()))
        return url.render_as_string(hide_password=False)

    @property
    def busy_timeout_seconds(self) -> float:
        """How long to wait for another process that writes to the same SQLite file."""
        return float(str(self.url.query.get("timeout", _BUSY_TIMEOUT_SECONDS)))

    @property
    def database(self) -> str:
        """The folder's name under an experiment root: the database's, or the file's, name."""
        name = self.url.database or ""
        return Path(name).name if self.is_sqlite else name

    def __str__(self) -> str:
        """Return the address as a person writes it, the password masked."""
        return shown(self.url.update_query_dict({"table": self.table}))


def shown(url: "URL") -> str:
    """Return a database's URL as a person writes it, the password masked."""
    scheme = "sqlite" if url.get_backend_name() == "sqlite" else "postgres"
    return url.set(drivername=scheme).render_as_string(hide_password=True)


def password_file(database: str | None) -> str | None:
    """Return the first line of ``~/.jobman_<database>``, if there is one.

    It is older than ``~/.pgpass``, which psql reads too.
    """
    try:
        text = read_text(Path.home() / f".jobman_{database}")
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return text.partition("\n")[0] or None


def _without_older_form(url: "URL") -> "URL":
    """Return ``postgres://host/db/table`` as ``postgres://host/db?table=table``, others as is."""
    database, _, table = (url.database or "").partition("/")
    if not database or not table or "/" in table:
        return url
    return url.set(database=database).update_query_dict({"table": table})


def _can_be_folder(name: str) -> bool:
    """Return whether a name leads to a folder right below the experiment root, and no other."""
    return name.isprintable() and "/" not in name and not name.startswith(".")
