"""Queries: which keys of which jobs, in which order. Part of the language that `where` describes.

::

    select hyper_parameters.*, results.valid_nll
    where jobman.status = DONE and results.valid_nll < 0.1
    order by results.valid_nll, jobman.id desc
    limit 10 offset 20

Every part may be left out, but not their order changed. ``*`` stands for any characters of a key.
"""

__all__ = ["Query", "parse_query"]

import re
from dataclasses import dataclass

from sqlalchemy.sql.expression import ColumnElement

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.query.selection import SortKey
from pylearn2_jobman.jobman.query.tokens import Tokens
from pylearn2_jobman.jobman.query.where import take_condition

_COUNT = re.compile("[0-9]{1,18}")  # what a database takes
_MOST_SORT_KEYS = 20

_HINT = (
    "A query is like: select hyper_parameters.lr, results.* where results.valid_nll < 0.1 "
    "order by results.valid_nll desc limit 10"
)


@dataclass(frozen=True)
class Query:
    """Which keys of which jobs, in which order."""

    patterns: list[str] | None
    """The keys, or patterns of them; None: all."""
    tests: list[ColumnElement[bool]]
    compared: set[str]
    """The keys in the condition."""
    sort_keys: list[SortKey]
    limit: int | None
    offset: int


def parse_query(text: str, schema: Schema) -> Query:
    """Parse a query, its condition into SQL with bound values.

    Raises
    ------
    UsageError
        Saying where the text is not understood and what was expected there.
    """
    tokens = Tokens(text, "the query", _HINT)
    patterns = _keys(tokens) if tokens.take_word("select") else None
    tests = [take_condition(tokens, schema)] if tokens.take_word("where") else []
    sort_keys = []
    if tokens.take_word("order"):
        tokens.expect("by")
        sort_keys = [_sort_key(tokens)]
        while tokens.take_mark(","):
            if len(sort_keys) == _MOST_SORT_KEYS:
                raise UsageError(f"the query sorts by more than {_MOST_SORT_KEYS} keys")
            sort_keys.append(_sort_key(tokens))
    limit = _number(tokens) if tokens.take_word("limit") else None
    offset = _number(tokens) if tokens.take_word("offset") else 0
    left = tokens.peek()
    if left is not None:
        raise tokens.error(
            left.position,
            f"expected 'where', 'order by', 'limit', 'offset' or the end, found {left.text!r}",
        )
    return Query(
        None if patterns == ["*"] else patterns, tests, tokens.compared, sort_keys, limit, offset
    )


def _keys(tokens: Tokens) -> list[str]:
    keys = [tokens.key()]
    while tokens.take_mark(","):
        keys.append(tokens.key())
    return keys


def _sort_key(tokens: Tokens) -> SortKey:
    key = tokens.key()
    return SortKey(key, descending=tokens.take_word("asc", "desc") == "desc")


def _number(tokens: Tokens) -> int:
    token = tokens.take("a number")
    if token.kind != "word" or not _COUNT.fullmatch(token.text):
        raise tokens.error(token.position, f"expected a number, found {token.text!r}")
    return int(token.text)
