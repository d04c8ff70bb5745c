"""PyYAML's two scanners: the fast one, libyaml's, and its own, which takes more.

libyaml refuses ``{key:[1, 2]}`` and ``{key:{a: 1}}``, which people wrote, and which pylearn2 read
with PyYAML's own scanner. So what the first one refuses is given to the second one.
"""

__all__ = ["FAST", "TOLERANT", "with_either"]

from collections.abc import Callable
from typing import Any, TypeVar

import yaml

FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TOLERANT: Any = yaml.SafeLoader

_Read = TypeVar("_Read")


def with_either(read: Callable[[Any], _Read], fast: Any = FAST, tolerant: Any = TOLERANT) -> _Read:
    """Return what ``read`` makes of a text with the fast loader, or else with the tolerant one.

    Parameters
    ----------
    read
        Called with a loader.
    fast, tolerant
        The loaders.

    Raises
    ------
    yaml.YAMLError
        The fast one's, if both refuse the text.
    """
    try:
        return read(fast)
    except yaml.MarkedYAMLError as error:
        try:
            return read(tolerant)
        except (yaml.YAMLError, RecursionError):
            raise error from None
