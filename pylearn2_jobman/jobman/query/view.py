"""The view of a job table: one row a job, one column a key, in one pass over the keyval table."""

__all__ = ["Column", "columns", "create_view_sql", "quoted"]

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain, count

import sqlalchemy as sa

from pylearn2_jobman.errors import TableError, UsageError, suggest
from pylearn2_jobman.jobman.database.schema import Schema

_VALUE_COLUMNS = {"i": "ival", "f": "fval", "s": "sval", "b": "bval"}

# What a view can hold at most: SQLite's default SQLITE_MAX_COLUMN, PostgreSQL's target list.
_MOST_COLUMNS = {"sqlite": 2000, "postgresql": 1600}
# PostgreSQL cuts an identifier at so many bytes; SQLite never does.
_LONGEST_NAME = {"sqlite": 10_000, "postgresql": 63}


@dataclass(frozen=True)
class Column:
    """A column of a view: the key and type letter whose values it shows, under which name."""

    key: str
    letter: str
    name: str


def columns(
    pairs: Iterable[tuple[str, str]],
    *,
    readable: bool,
    longest_name: int,
) -> list[Column]:
    """Name the columns for (key, type letter) pairs.

    The original's names lose the key's underscores, then its dots become underscores
    (``hyper_parameters.learning_rate`` is ``hyperparameters_learningrate``). Readable names keep
    the key as it is, dots included, and need quotes in a query. A name that is taken (a key has
    values of two types, or two keys differ in underscores or case only) gets the type's letter at
    its end, then a number.

    Parameters
    ----------
    pairs
        Keys and type letters, in the order in which they claim names.
    readable
        Whether to keep the keys as they are.
    longest_name
        How many bytes of a name the database keeps.
    """
    taken = {"id"}
    found = []
    for key, letter in pairs:
        base = key if readable else key.replace("_", "").replace(".", "_")
        endings = chain(["", f"_{letter}"], (f"_{letter}{number}" for number in count(2)))
        # SQLite takes names that differ in case only for the same.
        name = next(
            name
            for ending in endings
            if (name := _cut(base, longest_name - len(ending)) + ending)
            and name.casefold() not in taken
        )
        taken.add(name.casefold())
        found.append(Column(key, letter, name))
    return found


def _cut(text: str, longest: int) -> str:
    return text.encode()[:longest].decode(errors="ignore")


def create_view_sql(
    name: str,
    schema: Schema,
    pairs: Collection[tuple[str, str]],
    dialect: sa.Dialect,
    *,
    readable: bool,
    keys: Collection[str] | None,
) -> str:
    """Return the ``CREATE VIEW`` statement.

    Parameters
    ----------
    name
        The view's name.
    schema
        The job table.
    pairs
        The (key, type letter) pairs that the keyval table holds.
    dialect
        The database.
    readable
        See `columns`.
    keys
        The keys to show; all, if None.

    Raises
    ------
    UsageError
        If one of ``keys`` is a key of no job.
    TableError
        If there are more columns than the database can hold.
    """
    if keys is not None:
        known = {key for key, _ in pairs}
        for key in keys:
            if key not in known:
                raise UsageError(f"no job has the key {key!r}{suggest(key, known)}")
        pairs = [pair for pair in pairs if pair[0] in set(keys)]
    most = _MOST_COLUMNS[dialect.name]
    if len(pairs) + 1 > most:
        raise TableError(
            f"a view of all {len(pairs)} keys is wider than the {most} columns that "
            f"{dialect.name} allows: name the keys to show"
        )
    shown = columns(
        sorted(pairs, key=_order), readable=readable, longest_name=_LONGEST_NAME[dialect.name]
    )
    trial, keyval = quoted(schema.trial.name), quoted(schema.keyval.name)
    terms = [f"{trial}.id AS id"]
    for column in shown:
        value = f"k.{_VALUE_COLUMNS[column.letter]}"
        if column.letter == "b":
            value = _as_text(value, dialect)
        test = f"k.name = {_literal(column.key)} AND k.type = {_literal(column.letter)}"
        terms.append(f"max(CASE WHEN {test} THEN {value} END) AS {quoted(column.name)}")
    return (
        f"CREATE VIEW {quoted(name)} AS SELECT\n  " + ",\n  ".join(terms) + f"\nFROM {trial} "
        f"LEFT JOIN {keyval} AS k ON k.dict_id = {trial}.id\nGROUP BY {trial}.id"
    )


def _order(pair: tuple[str, str]) -> tuple[str, int]:
    key, letter = pair
    return key, "ifsb".index(letter)


def _as_text(value: str, dialect: sa.Dialect) -> str:
    # A literal reads better as text, and PostgreSQL before 18 has no max() of bytes.
    if dialect.name == "sqlite":
        return f"CAST({value} AS TEXT)"
    return f"convert_from({value}, 'UTF8')"


def quoted(name: str) -> str:
    """Return a name as an identifier in SQL that is run without parameters.

    (SQLAlchemy would double a percent sign, which psycopg then takes as it stands.)
    """
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
