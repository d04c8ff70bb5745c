"""``theano.compat``: what let Theano run on Python 2 and 3; six stood inside it."""

__all__ = ["PY3", "OrderedDict", "exc_message", "get_unbound_function", "six"]

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import six
from six.moves import cPickle as pickle  # noqa: N813

PY3 = True
DefaultOrderedDict = defaultdict


def exc_message(error: BaseException) -> Any:
    """Return what an exception says."""
    return error.args[0] if error.args else str(error)


def get_unbound_function(method: Any) -> Callable[..., Any]:
    """Return the function behind a method."""
    function: Callable[..., Any] = getattr(method, "__func__", method)
    return function


def cmp(a: Any, b: Any) -> int:
    """Return -1, 0 or 1, as Python 2's ``cmp`` did."""
    return int(a > b) - int(a < b)


def render_string(string: str, values: Any) -> str:
    """Return a text with values in place of ``%(name)s``."""
    text: str = string % values
    return text
