"""Every SQL statement of a job table, by name, in a form that a person can read.

``python tests/sql_statements.py`` writes them anew into ``tests/data/sql``, a file a database.
"""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.schema import CreateIndex, CreateTable

from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import BulkInsert, Statement
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.query.select import parse_query
from pylearn2_jobman.jobman.query.selection import RowFilter
from pylearn2_jobman.jobman.query.view import ViewName, create_view_sql
from pylearn2_jobman.jobman.query.where import parse_condition
from pylearn2_jobman.jobman.table.copying import _CopySide
from pylearn2_jobman.jobman.table.job_table import JobTable

FILES = Path(__file__).parent / "data" / "sql"
URLS = {"sqlite": "sqlite:///jobs.db?table=mlp_", "postgresql": "postgres://host/lab?table=mlp_"}

CONDITIONS = [
    "nll < 0.1",
    "nhid = 50",
    "act != tanh",
    "nhid in (50, 'many', None)",
    "act like 'tan%'",
    "nll is null",
    "not nll < 0.1 or act = tanh and nhid > 50",
    "jobman.status = DONE",
    "jobman.claimed > '2026-05-01 12:00'",
]
ORDERS = ["nll", "jobman.id desc"]
HEADER = """\
-- The statements that the job table 'mlp_' sends to {name}: before each, the class that holds it
-- (in jobman/database, query or table) and its attribute; after it, the values that are always
-- bound. SQLAlchemy composed them. After a change of it or of ours, this writes them anew:
--     python tests/sql_statements.py
-- Some that run once are not here: what begins a transaction or sets up a connection
-- (transactions.py), the lock while tables are made (schema.py), the ids set aside for a copy
-- (copying.py).
"""

_CLAUSE = re.compile(
    r" (?=(?:FROM|WHERE|SET|VALUES|SELECT|RETURNING|ORDER BY|GROUP BY|HAVING|LIMIT|OFFSET"
    r"|FOR UPDATE|LEFT OUTER JOIN|AND|OR)[ ;])"
)


class RecordingDatabase(Database):
    """A database that is never connected to, and remembers what was compiled for it."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self.compiled: list[Statement] = []

    def statement(self, *arguments: Any) -> Statement:
        self.compiled.append(super().statement(*arguments))
        return self.compiled[-1]


def golden(url: str, *, connect: bool = False) -> str:
    """Return the text of the file for a database.

    Parameters
    ----------
    url
        The address of a table.
    connect
        Whether to make the table there first. SQLAlchemy then knows the server's version.
    """
    address = Address.parse(url)
    database, schema = RecordingDatabase(address), Schema(address.table)
    if connect:
        schema.ensure(database.engine, create=True)
    table = JobTable(database, schema)
    found = dict(_held_by([*vars(table).values(), _CopySide(url)]))
    unnamed = {one.sql for one in database.compiled} - {one.sql for one in found.values()}
    assert not unnamed, f"statements that no attribute holds: {unnamed}"
    found |= dict(_composed(table, schema))
    texts = {name: _readable(statement) for name, statement in found.items()}
    texts |= dict(_definitions(database, schema))
    parts = [f"-- {name}\n{texts[name]}\n" for name in sorted(texts, key=_class)]
    return "\n".join([HEADER.format(name=database.engine.dialect.name), *parts])


def _class(name: str) -> str:
    return name.partition(".")[0]


def _held_by(owners: list[object]) -> Iterator[tuple[str, Statement | BulkInsert]]:
    for owner in owners:
        for attribute, statement in vars(owner).items():
            if isinstance(statement, Statement | BulkInsert):
                name = f"{type(owner).__name__}.{attribute.lstrip('_')}".lstrip("_")
                yield name, statement


def _composed(table: JobTable, schema: Schema) -> Iterator[tuple[str, Statement]]:
    """Yield statements that are put together from a user's words."""
    claims, reading = table._claims, table._reading
    yield "Claims.take", claims._take_statement(None)
    yield "Claims.take, where nll < 0.1", claims._take_statement("nll < 0.1")
    every = RowFilter([], {})
    unhashed = table._insertion._unhashed({"act": "tanh", "nhid": 50, "sizes": [1, 2]})
    yield "Insertion.unhashed, of act = tanh, nhid = 50 and a list", unhashed
    yield "Reading.page", reading._page(every)
    some = reading.filter(ids=[1, 2], status=["DONE", "ERR_RUN"])
    yield "Reading.page, of ids and statuses", reading._page(some)
    for order in ORDERS:
        sort_keys = parse_query(f"order by {order}", schema).sort_keys
        yield f"Reading.sorted, by {order}", reading._sorted(every, sort_keys, 10, 20)
    for text in CONDITIONS:
        where = RowFilter([parse_condition(text, schema)], {})
        yield f"Reading.count, where {text}", reading._count(where)


def _definitions(database: Database, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield the SQL that makes tables, indexes and a view, which has its own line breaks."""
    dialect = database.engine.dialect
    elements: dict[Any, Any] = {}
    for table in (schema.trial, schema.keyval):
        elements[table] = CreateTable(table, if_not_exists=True)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            elements[index] = CreateIndex(index, if_not_exists=True)
    for made, element in elements.items():
        lines = str(element.compile(dialect=dialect)).strip().expandtabs(4).splitlines()
        yield f"Schema.{made.name}", "\n".join(line.rstrip() for line in lines) + ";"
    pairs = [("act", "s"), ("nhid", "b"), ("nhid", "i")]
    view = create_view_sql(
        ViewName(None, "mlp_view"), schema, pairs, dialect, readable=False, keys=None
    )
    yield "View.create", f"{view};"


def _readable(statement: Statement | BulkInsert) -> str:
    """Return a statement with its clauses on lines of their own, subqueries indented."""
    sql = " ".join(statement.sql.split())
    # A space within quotes is no place to begin a line, nor is an AND between WHEN and THEN.
    sql = re.sub("'[^']*'", lambda quote: quote[0].replace(" ", "\0"), sql)
    sql = re.sub("WHEN .*? THEN", lambda when: when[0].replace(" AND ", "\0AND\0"), sql)
    lines: list[str] = []
    depth = 0
    for clause in _CLAUSE.split(f"{sql};"):
        indent = "    " * depth
        lines += textwrap.wrap(
            clause, 100, initial_indent=indent, subsequent_indent=f"{indent}    ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        depth += clause.count("(") - clause.count(")")
    if isinstance(statement, Statement) and statement.constants:
        bound = ", ".join(f"{name} = {value!r}" for name, value in statement.constants.items())
        lines += textwrap.wrap(bound, 100, initial_indent="-- ", subsequent_indent="-- ")
    return "\n".join(lines).replace("\0", " ")


if __name__ == "__main__":
    for name, url in URLS.items():
        (FILES / f"{name}.sql").write_text(golden(url), encoding="utf-8")
