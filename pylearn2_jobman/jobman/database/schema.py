"""The two tables of a job table, column by column the original's, and their creation."""

__all__ = ["Schema"]

import logging

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import CreateIndex, CreateTable, conv

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.database.address import shown

_logger = logging.getLogger(__name__)


class Schema:
    """The trial and keyval tables of one job table, as SQLAlchemy describes them.

    Attributes
    ----------
    trial
        One row a job: ``create`` when it was inserted, ``read`` when it was last claimed, ``write``
        its last heartbeat or, while it waits, before when it is not claimed (all UTC, by the
        database's clock), status, priority and hash.
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
            # So that a claimed job's heartbeats stay on its page, and out of the indexes.
            postgresql_with={"fillfactor": 80},
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
        trial, keyval = self.trial.c, self.keyval.c
        # A name that is too long for the database is shortened as SQLAlchemy did for the original.
        self._original = [
            sa.Index(conv(f"ix_{table}keyval_name"), keyval.name),
            sa.Index(conv(f"ix_{table}keyval_dict_id"), keyval.dict_id),
        ]
        self.additions = [
            sa.Index(conv(f"ix_{table}trial_queue"), trial.status, trial.priority.desc(), trial.id),
            sa.Index(conv(f"ix_{table}trial_hash"), trial.hash),
        ]

    def ensure(self, engine: Engine, *, create: bool) -> None:
        """Make the tables and indexes that are missing; any number of processes may do so at once.

        An index that this user may not add to somebody else's table is left out with a notice.

        Raises
        ------
        UsageError
            If the tables do not exist and are not to be made.
        """
        if not create:
            if not self._exists(engine):
                raise UsageError(self._unknown(engine))
            return
        if not self._missing(engine):
            return
        try:
            with engine.begin() as connection:
                self._lock(connection)
                # Looked at again under the lock: even IF NOT EXISTS would lock a table in use.
                for element in self._missing(connection):
                    connection.execute(element)
        except sa.exc.DBAPIError as error:
            if not self._exists(engine):
                raise
            _logger.warning(
                "table %r has no index for its queue, and this user may not add one (%s): "
                "claiming from many jobs will be slow until its owner opens it once",
                self.table,
                str(error.orig).strip().splitlines()[0],
            )

    def _missing(self, bind: Engine | Connection) -> list[sa.schema.ExecutableDDLElement]:
        """Return what has to be made, in order."""
        inspector = sa.inspect(bind)
        present = set(inspector.get_table_names())
        missing: list[sa.schema.ExecutableDDLElement] = []
        for table, indexes in ((self.trial, self.additions), (self.keyval, self._original)):
            if table.name not in present:
                missing += [CreateTable(table, if_not_exists=True)]
                missing += [CreateIndex(index, if_not_exists=True) for index in indexes]
                continue
            quoted = bind.dialect.identifier_preparer
            names = {quoted.quote(str(one["name"])) for one in inspector.get_indexes(table.name)}
            missing += [
                CreateIndex(index, if_not_exists=True)
                for index in indexes
                if quoted.format_index(index) not in names
            ]
        return missing

    def _exists(self, engine: Engine) -> bool:
        return {self.trial.name, self.keyval.name} <= set(sa.inspect(engine).get_table_names())

    def _lock(self, connection: Connection) -> None:
        # Without it, PostgreSQL fails when two create at the same instant.
        if connection.dialect.name == "postgresql":
            connection.execute(
                sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(self.trial.name)))
            )

    def _unknown(self, engine: Engine) -> str:
        present = set(sa.inspect(engine).get_table_names())
        tables = sorted(
            name.removesuffix("trial")
            for name in present
            if name.endswith("trial") and f"{name.removesuffix('trial')}keyval" in present
        )
        known = f" (job tables there: {', '.join(tables)})" if tables else " (it has no job table)"
        return (
            f"no job table {self.table!r}{suggest(self.table, tables)} in "
            f"{shown(engine.url)}{known}"
        )
