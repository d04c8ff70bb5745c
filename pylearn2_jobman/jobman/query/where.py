"""The small language that selects jobs by their keys, turned into SQL with bound values.

::

    results.valid_nll < 0.1 and hyper_parameters.nhid in (50, 100)
    jobman.status = ERR_RUN and (jobman.error like '%memory%' or not hyper_parameters.init = None)
    jobman.claimed > '2026-05-01 12:00' and results.valid_nll is null

Comparisons ``= == != <> < <= > >=``, ``in (...)``, ``not in (...)`` and ``like '...'`` between a
key and Python literals, ``is null`` and ``is not null``, joined by ``and``, ``or``, ``not`` and
parentheses. Text needs quotes only where it holds spaces, commas, parentheses or looks like
something else. A missing key is like SQL's NULL: its job matches neither a comparison nor the
opposite of one. As in Python, 1 equals 1.0 and differs from '1', and NaN is neither less nor more
than anything. ``like`` takes ``%`` for any characters, ``_`` for one (after a backslash they stand
for themselves), and small letters for large.
"""

__all__ = ["HINT", "having", "parse_condition", "sort_terms", "take_condition"]

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import ColumnElement

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.database.clock import Instant
from pylearn2_jobman.jobman.database.codec import encode
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.query.keys import (
    CLAIMED,
    CREATED,
    HASH,
    HEARTBEAT,
    STATUS,
    TRIAL_COLUMNS,
)
from pylearn2_jobman.jobman.query.tokens import MOST_COMPARISONS, Token, Tokens
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal

_ORDERINGS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUAL = {"=", "=="}
_DEEPEST = 50

_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)

HINT = (
    "It is made of comparisons like results.valid_nll < 0.1 or "
    "hyper_parameters.nhid in (50, 100), joined by 'and', 'or', 'not' and parentheses."
)
_COMPARISONS = "a comparison (= != < <= > >= in like is)"


@dataclass(frozen=True)
class _Test:
    """When a condition holds and when its opposite does: neither, for a job without the key."""

    holds: ColumnElement[bool]
    fails: ColumnElement[bool]

    def opposite(self) -> "_Test":
        return _Test(self.fails, self.holds)


def parse_condition(text: str, schema: Schema, keys: set[str] | None = None) -> ColumnElement[bool]:
    """Return the SQL condition on a row of the trial table that a text stands for.

    Parameters
    ----------
    text
        The condition.
    schema
        The table.
    keys
        Gets the keys that are compared.

    Raises
    ------
    UsageError
        Saying where the text is not understood and what was expected there.
    """
    tokens = Tokens(text, "the selection", HINT)
    found = take_condition(tokens, schema)
    if keys is not None:
        keys |= tokens.compared
    left = tokens.peek()
    if left is not None:
        raise tokens.error(left.position, f"expected 'and' or 'or', found {left.text!r}")
    return found


def having(flat: Mapping[str, Any]) -> str:
    """Return the condition that a job has these keys, with equal values where one is a scalar.

    As in Python, True equals 1. Of NaN, infinity (which the original stored as nothing) and
    containers only the key counts: whoever asks for them compares the values of the jobs found.
    """
    terms = []
    for key, value in flat.items():
        if isinstance(value, int) and value in (0, 1):
            column = key in TRIAL_COLUMNS or key == HASH  # which holds no True
            test = f"= {int(value)}" if column else f"in ({int(value)}, {bool(value)})"
        elif isinstance(value, str | int | None) or (
            isinstance(value, float) and math.isfinite(value)
        ):
            test = f"= {format_literal(value)}"
        else:
            test = "is not null"
        terms.append(f"{key!r} {test}")
    return " and ".join(terms)


def take_condition(tokens: Tokens, schema: Schema) -> ColumnElement[bool]:
    """Take a condition as far as it goes, and return the SQL it stands for."""
    return _Parser(tokens, schema).alternatives().holds


def sort_terms(key: str, schema: Schema, *, descending: bool) -> list[ColumnElement[Any]]:
    """Return the terms of ORDER BY that sort jobs by a key: numbers, then text, then the rest."""
    column = _trial_column(key, schema)
    if column is not None:
        return [(column.desc() if descending else column.asc()).nulls_last()]
    keyval = schema.keyval.c

    def value(content: ColumnElement[Any]) -> ColumnElement[Any]:
        return (
            sa.select(sa.func.max(content))
            .where(keyval.dict_id == schema.trial.c.id, keyval.name == key)
            .correlate(schema.trial)
            .scalar_subquery()
        )

    number = value(sa.func.coalesce(sa.cast(keyval.ival, sa.Float(53)), _comparable(keyval.fval)))
    text = value(keyval.sval)
    terms = [term.desc() if descending else term.asc() for term in (number, text)]
    return [term.nulls_last() for term in terms]


def _trial_column(key: str, schema: Schema) -> ColumnElement[Any] | None:
    """Return the trial table's column for a key that has one, which is the one that counts."""
    if key == HASH:
        return schema.trial.c.hash
    return schema.trial.c[TRIAL_COLUMNS[key]] if key in TRIAL_COLUMNS else None


def _comparable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    # PostgreSQL holds NaN and takes it for the largest number; SQLite stores it as NULL.
    return sa.func.nullif(column, sa.literal_column("'NaN'"))


class _Parser:
    """Takes tokens by the grammar of the module's docstring, one method a rule."""

    def __init__(self, tokens: Tokens, schema: Schema) -> None:
        self._tokens = tokens
        self._schema = schema
        self._depth = 0

    def alternatives(self) -> _Test:
        tests = [self._together()]
        while self._tokens.take_word("or"):
            tests.append(self._together())
        return _Test(
            sa.or_(*(test.holds for test in tests)), sa.and_(*(test.fails for test in tests))
        )

    def _together(self) -> _Test:
        tests = [self._term()]
        while self._tokens.take_word("and"):
            tests.append(self._term())
        return _Test(
            sa.and_(*(test.holds for test in tests)), sa.or_(*(test.fails for test in tests))
        )

    def _term(self) -> _Test:
        token = self._tokens.peek()
        negated = bool(self._tokens.take_word("not"))
        if not negated and not self._tokens.take_mark("("):
            return self._comparison()
        self._depth += 1
        if token is not None and self._depth > _DEEPEST:
            raise self._tokens.error(token.position, f"nested more than {_DEEPEST} deep")
        if negated:
            found = self._term().opposite()
        else:
            found = self.alternatives()
            self._tokens.expect(")")
        self._depth -= 1
        return found

    def _comparison(self) -> _Test:
        key = self._tokens.key()
        self._tokens.compared.add(key)
        token = self._tokens.take(_COMPARISONS)
        self._tokens.count("comparisons", token, MOST_COMPARISONS)
        if token.kind == "operator":
            if token.text in _ORDERINGS:
                return self._ordered(key, token, self._tokens.value())
            equal = self._equal(key, [self._tokens.value()])
            return equal if token.text in _EQUAL else equal.opposite()
        if token.is_word("is"):
            negated = bool(self._tokens.take_word("not"))
            self._tokens.expect("null")
            missing = self._missing(key)
            return missing.opposite() if negated else missing
        negated = token.is_word("not")
        if negated:
            token = self._tokens.take("'in' or 'like'")
        if token.is_word("in"):
            found = self._equal(key, self._tokens.values())
        elif token.is_word("like"):
            found = self._like(key, token, self._tokens.value())
        else:
            raise self._tokens.error(
                token.position, f"expected {_COMPARISONS}, found {token.text!r}"
            )
        return found.opposite() if negated else found

    def _row(self, key: str, *tests: ColumnElement[bool]) -> ColumnElement[bool]:
        """Return the condition that the job has a row of this key that passes the tests."""
        keyval = self._schema.keyval.c
        return sa.exists(
            sa.select(sa.literal_column("1"))
            .where(keyval.dict_id == self._schema.trial.c.id, keyval.name == key, *tests)
            .correlate(self._schema.trial)
        )

    def _passes(self, key: str, test: ColumnElement[bool]) -> _Test:
        row = self._row(key, test)
        return _Test(row, sa.and_(self._row(key), sa.not_(row)))

    def _missing(self, key: str) -> _Test:
        column = _trial_column(key, self._schema)
        missing = ~self._row(key) if column is None else column.is_(None)
        return _Test(missing, sa.not_(missing))

    def _like(self, key: str, token: Token, pattern: Any) -> _Test:
        if not isinstance(pattern, str) or key in TRIAL_COLUMNS:
            raise self._tokens.error(token.position, "'like' compares text with text")
        return self._passes(key, self._schema.keyval.c.sval.ilike(pattern, escape="\\"))

    def _ordered(self, key: str, token: Token, value: Any) -> _Test:
        compare = _ORDERINGS[token.text]
        keyval = self._schema.keyval.c
        column = _trial_column(key, self._schema)
        if column is not None:
            test = sa.and_(compare(column, _column_value(key, value)))
            return _Test(test, sa.not_(test))
        if isinstance(value, str):
            return self._passes(key, compare(keyval.sval, value))
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._tokens.error(
                token.position, f"{value!r} has no order: compare it with = or !="
            )
        real = sa.literal(_real(value), sa.Float(53))
        integer = sa.literal(value, sa.BigInteger) if _is_bigint(value) else real
        return self._passes(
            key, sa.or_(compare(keyval.ival, integer), compare(_comparable(keyval.fval), real))
        )

    def _equal(self, key: str, values: list[Any]) -> _Test:
        column = _trial_column(key, self._schema)
        if column is not None:
            test = sa.or_(sa.false(), *(column == _column_value(key, value) for value in values))
            return _Test(test, sa.not_(test))
        keyval = self._schema.keyval.c
        columns = (keyval.ival, keyval.fval, keyval.sval, keyval.bval)
        accepted: dict[Any, list[Any]] = {column: [] for column in columns}
        for value in values:
            letter, ival, fval, sval, bval = encode(value)
            if letter == "i":
                accepted[keyval.ival].append(ival)
                accepted[keyval.fval].append(float(ival or 0))
                if bval is not None:  # a boolean: rows of earlier versions hold its literal alone
                    accepted[keyval.bval].append(bval)
            elif letter == "f" and fval == fval:  # nothing equals NaN
                accepted[keyval.fval].append(fval)
                if value.is_integer() and _is_bigint(int(value)):
                    accepted[keyval.ival].append(int(value))
            elif letter == "s":
                accepted[keyval.sval].append(sval)
            elif letter == "b":
                accepted[keyval.bval].append(bval)
        return self._passes(
            key,
            sa.or_(sa.false(), *(column.in_(some) for column, some in accepted.items() if some)),
        )


def _is_bigint(value: float) -> bool:
    return isinstance(value, int) and _SMALLEST <= value <= _LARGEST


def _real(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond all floats
        return math.inf if value > 0 else -math.inf


def _column_value(key: str, value: Any) -> Any:
    if key == STATUS:
        return int(Status.parse(value))
    if key in (CREATED, CLAIMED, HEARTBEAT):
        return Instant(_instant(key, value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{key} is a number, and {value!r} is not")
    return value if _is_bigint(value) else _real(value)


def _instant(key: str, value: Any) -> datetime:
    """Return the time that a text stands for, in UTC, which it is in unless it says otherwise."""
    try:
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(
            f"{key} is a time, and {value!r} is not: write it as '2026-05-01 12:00' (UTC)"
        ) from None
