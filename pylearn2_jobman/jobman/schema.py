"""The two tables of a job table, column by column the original's, and their creation."""

__all__ = ["Schema"]

import logging
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import CreateIndex, CreateTable

from pylearn2_jobman.errors import UsageError, suggest

_logger = logging.getLogger(__name__)


class Schema:
    """The trial and keyval tables of one job table, as SQLAlchemy describes them.

    Attributes
    ----------
    trial
        One row a job: ``create`` when it was inserted, ``read`` when it was last claimed, ``write``
        its last heartbeat (all UTC, by the database's clock), status, priority and hash.
    keyval
        One row a key of a job's state.
    additions
        The indexes that the original did not have: the queue's order, and the hash.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        metadata = sa.MetaData()
        self.trial = sa.Table(
            f"{table}trial",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("create", sa.DateTime),
            sa.Column("write", sa.DateTime),
            sa.Column("read", sa.DateTime),
            sa.Column("status", sa.Integer),
            sa.Column("priority", sa.Float(53)),
            sa.Column("hash", sa.BigInteger),
        )
        self.keyval = sa.Table(
            f"{table}keyval",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("dict_id", sa.Integer, sa.ForeignKey(self.trial.c.id)),
            sa.Column("name", sa.String(128), nullable=False),
            sa.Column("type", sa.String(1)),
            sa.Column("ival", sa.BigInteger),
            sa.Column("fval", sa.Float(53)),
            sa.Column("sval", sa.Text),
            sa.Column("bval", sa.LargeBinary),
        )
        self._original = [
            sa.Index(f"ix_{table}keyval_name", self.keyval.c.name),
            sa.Index(f"ix_{table}keyval_dict_id", self.keyval.c.dict_id),
        ]
        trial = self.trial.c
        self.additions = [
            sa.Index(f"ix_{table}trial_queue", trial.status, trial.priority.desc(), trial.id),
            sa.Index(f"ix_{table}trial_hash", trial.hash),
        ]

    def ensure(self, engine: Engine, *, create: bool) -> None:
        """Make the tables and indexes that are missing; any number of processes may do so at once.

        An index that this user may not add to somebody else's table is left out with a notice.

        Raises
        ------
        UsageError
            If the tables do not exist and are not to be made.
        """
        present = self._present(engine)
        names = {self.trial.name, self.keyval.name}
        if not names <= present.keys():
            if not create:
                raise UsageError(self._unknown(engine, present.keys()))
            with engine.begin() as connection:
                self._lock(connection)
                for table in (self.trial, self.keyval):
                    connection.execute(CreateTable(table, if_not_exists=True))
                for index in [*self._original, *self.additions]:
                    connection.execute(CreateIndex(index, if_not_exists=True))
            return
        indexes = present[self.trial.name]
        missing = [index for index in self.additions if index.name not in indexes]
        if missing:
            self._add_indexes(engine, missing)

    def _add_indexes(self, engine: Engine, missing: list[sa.Index]) -> None:
        try:
            with engine.begin() as connection:
                self._lock(connection)
                for index in missing:
                    connection.execute(CreateIndex(index, if_not_exists=True))
        except sa.exc.DBAPIError as error:
            _logger.warning(
                "table %r has no index for its queue, and this user may not add one (%s): "
                "claiming from many jobs will be slow until its owner opens it once",
                self.table,
                str(error.orig).strip().splitlines()[0],
            )

    def _lock(self, connection: Connection) -> None:
        # IF NOT EXISTS alone still fails in PostgreSQL when two create at the same instant.
        if connection.dialect.name == "postgresql":
            connection.execute(
                sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(self.trial.name)))
            )

    def _present(self, engine: Engine) -> dict[str, set[str]]:
        """Return the trial and keyval tables of the database with the names of their indexes."""
        inspector = sa.inspect(engine)
        present: dict[str, set[str]] = {}
        for name in inspector.get_table_names():
            wanted = name == self.trial.name
            indexes = inspector.get_indexes(name) if wanted else []
            present[name] = {str(index["name"]) for index in indexes}
        return present

    def _unknown(self, engine: Engine, present: Any) -> str:
        tables = sorted(
            name.removesuffix("trial")
            for name in present
            if name.endswith("trial") and f"{name.removesuffix('trial')}keyval" in present
        )
        known = f" (job tables there: {', '.join(tables)})" if tables else " (it has no job table)"
        return (
            f"no job table {self.table!r}{suggest(self.table, tables)} in "
            f"{engine.url.render_as_string(hide_password=True)}{known}"
        )
