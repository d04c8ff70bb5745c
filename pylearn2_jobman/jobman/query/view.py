"""The view of a job table: one row a job, one column a key, in one pass over the keyval table."""

__all__ = ["Column", "ViewName", "columns", "create_view_sql"]

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import chain, count
from typing import Self

import sqlalchemy as sa

from pylearn2_jobman.errors import TableError, UsageError
from pylearn2_jobman.jobman.bookkeeping import as_text
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.query.keys import unknown_key

_VALUE_COLUMNS = {"i": "ival", "f": "fval", "s": "sval", "b": "bval"}

# What a view can hold at most: SQLite's default SQLITE_MAX_COLUMN, PostgreSQL's target list.
_MOST_COLUMNS = {"sqlite": 2000, "postgresql": 1600}
# PostgreSQL cuts an identifier at so many bytes; SQLite never does.
_LONGEST_NAME = {"sqlite": 10_000, "postgresql": 63}


# An identifier as SQL has it: bare, or in quotes, in which quotes are doubled.
_PART = r'(?:[^\W\d][\w$]*|"(?:[^"]|"")+")'
_NAME = re.compile(rf"(?:({_PART})\.)?({_PART})")


@dataclass(frozen=True)
class ViewName:
    """The name of a view, as the database has it.

    Attributes
    ----------
    schema
        The schema that it is in; None for the usual one.
    name
        The name alone.
    """

    schema: str | None
    name: str

    @classmethod
    def parse(cls, text: str, dialect: sa.Dialect) -> Self:
        """Return what a text names in SQL: ``view``, ``"View"`` or ``schema.view``.

        PostgreSQL folds what is not in quotes to small letters. What is no identifier (``my view``)
        is the name as it stands.
        """
        if as_text(text) != text:
            raise UsageError(f"{text!r} is no name of a view: it is not text")
        match = _NAME.fullmatch(text)
        if match is None:
            return cls(None, text)

        def meant(part: str) -> str:
            if part.startswith('"'):
                part = part[1:-1].replace('""', '"')
            elif dialect.name == "postgresql":
                part = re.sub("[A-Z]+", lambda letters: letters[0].lower(), part)
            return _cut(part, _LONGEST_NAME[dialect.name])

        return cls(match[1] and meant(match[1]), meant(match[2]))

    def is_among(self, views: Iterable[str], dialect: sa.Dialect) -> bool:
        """Return whether it is one of these names."""
        if dialect.name == "sqlite":
            return self.name.casefold() in map(str.casefold, views)
        return self.name in views

    def __str__(self) -> str:
        return ".".join(_quoted(part) for part in (self.schema, self.name) if part is not None)


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
    same: Callable[[str], str] = str,
) -> list[Column]:
    """Name the columns for (key, type letter) pairs.

    The original's names lose the key's underscores, then its dots become underscores
    (``hyper_parameters.learning_rate`` is ``hyperparameters_learningrate``). Readable names keep
    the key as it is, dots included, and need quotes in a query. A name that is taken (a key has
    values of two types, or two keys differ in underscores only) gets the type's letter at its end,
    then, where the original made two columns of one name, a number.

    Parameters
    ----------
    pairs
        Keys and type letters, in the order in which they claim names.
    readable
        Whether to keep the keys as they are.
    longest_name
        How many bytes of a name the database keeps.
    same
        What of a name the database tells from others.
    """
    taken = {"id"}
    found = []
    for key, letter in pairs:
        base = key if readable else key.replace("_", "").replace(".", "_")
        endings = chain(["", f"_{letter}"], (f"_{letter}{number}" for number in count(2)))
        name = next(
            name
            for ending in endings
            if (name := _cut(base, longest_name - len(ending)) + ending) and same(name) not in taken
        )
        taken.add(same(name))
        found.append(Column(key, letter, name))
    return found


def _cut(text: str, longest: int) -> str:
    return text.encode()[:longest].decode(errors="ignore")


def create_view_sql(
    name: ViewName,
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
                raise unknown_key(key, known)
        pairs = [pair for pair in pairs if pair[0] in set(keys)]
    most = _MOST_COLUMNS[dialect.name]
    if len(pairs) + 1 > most:
        raise TableError(
            f"a view of all {len(pairs)} keys is wider than the {most} columns that "
            f"{dialect.name} allows: name the keys to show"
        )
    shown = columns(
        sorted(pairs, key=_order),
        readable=readable,
        longest_name=_LONGEST_NAME[dialect.name],
        # SQLite takes names that differ in case only for the same.
        same=str.casefold if dialect.name == "sqlite" else str,
    )
    trial, keyval = _quoted(schema.trial.name), _quoted(schema.keyval.name)
    terms = [f"{trial}.id AS id"]
    for column in shown:
        value = f"k.{_VALUE_COLUMNS[column.letter]}"
        if column.letter == "b":
            value = _as_text(value, dialect)
        test = f"k.name = {_literal(column.key)} AND k.type = {_literal(column.letter)}"
        terms.append(f"max(CASE WHEN {test} THEN {value} END) AS {_quoted(column.name)}")
    return (
        f"CREATE VIEW {name} AS SELECT\n  " + ",\n  ".join(terms) + f"\nFROM {trial} "
        f"LEFT JOIN {keyval} AS k ON k.dict_id = {trial}.id\n"
        f"GROUP BY {trial}.id\nORDER BY {trial}.id"
    )


def _order(pair: tuple[str, str]) -> tuple[str, int]:
    key, letter = pair
    return key, "ifsb".index(letter)


def _as_text(value: str, dialect: sa.Dialect) -> str:
    # A literal reads better as text, and PostgreSQL before 18 has no max() of bytes.
    if dialect.name == "sqlite":
        return f"CAST({value} AS TEXT)"
    return f"convert_from({value}, 'UTF8')"


def _quoted(name: str) -> str:
    """Return a name as an identifier in SQL that is run without parameters.

    (SQLAlchemy would double a percent sign, which psycopg then takes as it stands.)
    """
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
