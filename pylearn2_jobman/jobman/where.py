"""The small language that selects jobs by their keys, turned into SQL with bound values.

::

    results.valid_nll < 0.1 and hyper_parameters.nhid in (50, 100)
    jobman.experiment = mylab.train and hyper_parameters.init != None

Comparisons ``= == != <> < <= > >=``, ``in (...)`` and ``not in (...)`` between a key and Python
literals, joined by ``and``. Text needs quotes only where it holds spaces, commas, parentheses or
looks like something else. A job without the key never matches. As in Python, 1 equals 1.0 and
differs from '1', and NaN is neither less nor more than anything.
"""

__all__ = ["conditions", "sort_keys"]

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import ColumnElement

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.codec import encode
from pylearn2_jobman.jobman.schema import Schema
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import parse_literal

_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUAL = {"=", "=="}
_UNEQUAL = {"!=", "<>"}

_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<quoted>{_QUOTED})
    | (?P<operator>==|!=|<>|<=|>=|=|<|>)
    | (?P<mark>[(),\[\]{{}}:])
    | (?P<word>[^\s=<>!(),\[\]{{}}:'"]+)
    )""",
    re.VERBOSE,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


def conditions(text: str, schema: Schema) -> list[ColumnElement[bool]]:
    """Return the SQL conditions on a row of the trial table that a selection stands for.

    Raises
    ------
    UsageError
        Saying where the text is not understood and what was expected there.
    """
    parser = _Parser(text, schema)
    found = [parser.comparison()]
    while not parser.at_end():
        parser.expect_word("and")
        found.append(parser.comparison())
    return found


def sort_keys(key: str, schema: Schema, *, descending: bool) -> list[ColumnElement[Any]]:
    """Return the terms of ORDER BY that sort jobs by a key: numbers, then text, then the rest."""
    column = _trial_column(key, schema)
    if column is not None:
        return [column.desc() if descending else column.asc(), schema.trial.c.id]
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
    return [*(term.nulls_last() for term in terms), schema.trial.c.id]


def _trial_column(key: str, schema: Schema) -> ColumnElement[Any] | None:
    """Return the trial table's column for a key that has one, which is the one that counts."""
    columns: dict[str, ColumnElement[Any]] = {
        "jobman.id": schema.trial.c.id,
        "jobman.status": schema.trial.c.status,
        "jobman.sql.priority": schema.trial.c.priority,
    }
    return columns.get(key)


def _comparable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    # PostgreSQL holds NaN and takes it for the largest number; SQLite stores it as NULL.
    return sa.func.nullif(column, sa.literal_column("'NaN'"))


class _Parser:
    def __init__(self, text: str, schema: Schema) -> None:
        self._text = text
        self._schema = schema
        self._tokens: list[_Token] = []
        self._next = 0
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                start = position + len(text[position:]) - len(text[position:].lstrip())
                raise self._error(start, "a quote that is not closed, or a lone '!'")
            kind = str(match.lastgroup)
            self._tokens.append(_Token(kind, match[kind], match.start(kind)))
            position = match.end()

    def at_end(self) -> bool:
        return self._next == len(self._tokens)

    def expect_word(self, word: str) -> None:
        token = self._take(repr(word))
        if token.kind != "word" or token.text.lower() != word:
            raise self._error(token.position, f"expected {word!r}, found {token.text!r}")

    def comparison(self) -> ColumnElement[bool]:
        token = self._take("a key")
        if token.kind not in ("word", "quoted"):
            raise self._error(token.position, f"expected a key, found {token.text!r}")
        key = parse_literal(token.text) if token.kind == "quoted" else token.text
        token = self._take("a comparison (= != < <= > >= in)")
        if token.kind == "operator":
            if token.text in _ORDER:
                return self._ordered(key, token, self._value())
            equal = self._equal(key, [self._value()])
            return equal if token.text in _EQUAL else self._differs(key, equal)
        negated = token.kind == "word" and token.text.lower() == "not"
        if negated:
            self.expect_word("in")
        elif token.kind != "word" or token.text.lower() != "in":
            raise self._error(
                token.position, f"expected a comparison (= != < <= > >= in), found {token.text!r}"
            )
        equal = self._equal(key, self._list())
        return self._differs(key, equal) if negated else equal

    def _list(self) -> list[Any]:
        opening = self._take("'('")
        if opening.text not in ("(", "["):
            raise self._error(opening.position, f"expected '(', found {opening.text!r}")
        closing = _CLOSING[opening.text]
        values: list[Any] = []
        while self._peek() != closing:
            values.append(self._value())
            if self._peek() == ",":
                self._next += 1
            elif self._peek() != closing:
                where = self._take(f"',' or {closing!r}")
                raise self._error(where.position, f"expected ',' or {closing!r}")
        self._next += 1
        return values

    def _value(self) -> Any:
        token = self._take("a value")
        if token.kind == "operator":
            raise self._error(token.position, f"expected a value, found {token.text!r}")
        if token.kind == "mark":
            if token.text not in _CLOSING:
                raise self._error(token.position, f"expected a value, found {token.text!r}")
            return self._container(token)
        try:
            return parse_literal(token.text)
        except ValueError:
            return token.text

    def _container(self, opening: _Token) -> Any:
        """Return the list, tuple or dictionary that begins at a bracket."""
        open_brackets = [_CLOSING[opening.text]]
        end = opening
        while open_brackets:
            end = self._take(repr(open_brackets[-1]))
            if end.kind == "mark" and end.text in _CLOSING:
                open_brackets.append(_CLOSING[end.text])
            elif end.kind == "mark" and end.text == open_brackets[-1]:
                open_brackets.pop()
        literal = self._text[opening.position : end.position + 1]
        try:
            return parse_literal(literal)
        except ValueError:
            raise self._error(opening.position, f"{literal} is not a Python literal") from None

    def _peek(self) -> str | None:
        return None if self.at_end() else self._tokens[self._next].text

    def _take(self, expected: str) -> _Token:
        if self.at_end():
            raise self._error(len(self._text), f"expected {expected}")
        self._next += 1
        return self._tokens[self._next - 1]

    def _error(self, position: int, what: str) -> UsageError:
        return UsageError(
            f"the selection is not understood at column {position + 1}: {what}\n"
            f"  {self._text}\n  {' ' * position}^\n"
            "It is made of comparisons like results.valid_nll < 0.1 or "
            "hyper_parameters.nhid in (50, 100), joined by 'and'."
        )

    def _row(self, key: str, *tests: ColumnElement[bool]) -> ColumnElement[bool]:
        """Return the condition that the job has a row of this key that passes the tests."""
        keyval = self._schema.keyval.c
        return sa.exists(
            sa.select(sa.literal_column("1"))
            .where(keyval.dict_id == self._schema.trial.c.id, keyval.name == key, *tests)
            .correlate(self._schema.trial)
        )

    def _ordered(self, key: str, token: _Token, value: Any) -> ColumnElement[bool]:
        compare = _ORDER[token.text]
        keyval = self._schema.keyval.c
        column = _trial_column(key, self._schema)
        if column is not None:
            return sa.and_(compare(column, _column_value(key, value)))
        if isinstance(value, str):
            return self._row(key, compare(keyval.sval, value))
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(token.position, f"{value!r} has no order: compare it with = or !=")
        real = sa.literal(float(value), sa.Float(53))
        integer = sa.literal(value, sa.BigInteger) if _is_bigint(value) else real
        return self._row(
            key, sa.or_(compare(keyval.ival, integer), compare(_comparable(keyval.fval), real))
        )

    def _equal(self, key: str, values: list[Any]) -> ColumnElement[bool]:
        column = _trial_column(key, self._schema)
        if column is not None:
            return sa.and_(column.in_([_column_value(key, value) for value in values]))
        keyval = self._schema.keyval.c
        held: dict[Any, list[Any]] = {c: [] for c in (keyval.ival, keyval.fval, keyval.sval)}
        held[keyval.bval] = []
        for value in values:
            letter, ival, fval, sval, bval = encode(value)
            if letter == "i":
                held[keyval.ival].append(ival)
                held[keyval.fval].append(float(ival or 0))
            elif letter == "f" and fval == fval:  # nothing equals NaN
                held[keyval.fval].append(fval)
                if value.is_integer() and _is_bigint(int(value)):
                    held[keyval.ival].append(int(value))
            elif letter == "s":
                held[keyval.sval].append(sval)
            elif letter == "b":
                held[keyval.bval].append(bval)
                if isinstance(value, bool):  # which the original stored as the integer
                    held[keyval.ival].append(int(value))
        return self._row(
            key, sa.or_(sa.false(), *(column.in_(found) for column, found in held.items() if found))
        )

    def _differs(self, key: str, equal: ColumnElement[bool]) -> ColumnElement[bool]:
        if _trial_column(key, self._schema) is not None:
            return sa.not_(equal)
        return sa.and_(self._row(key), sa.not_(equal))


def _is_bigint(value: float) -> bool:
    return isinstance(value, int) and _SMALLEST <= value <= _LARGEST


def _column_value(key: str, value: Any) -> Any:
    if key == "jobman.status":
        return int(Status.parse(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{key} is a number, and {value!r} is not")
    return value
