"""What pylearn2 had in order to run on Python 2 and 3."""

__all__ = ["OrderedDict", "first_key", "first_value"]

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any


def first_key(obj: Mapping[Any, Any]) -> Any:
    """Return a dictionary's first key."""
    return next(iter(obj))


def first_value(obj: Mapping[Any, Any]) -> Any:
    """Return a dictionary's first value."""
    return next(iter(obj.values()))
