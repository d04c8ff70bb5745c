"""Exceptions that people's classes raise and catch by pylearn2's names."""

__all__ = ["EnvironmentVariableError", "NoDataPathError", "reraise_as"]

import sys
from typing import NoReturn


class EnvironmentVariableError(Exception):
    """An environment variable is missing, or makes no sense."""


class NoDataPathError(EnvironmentVariableError):
    """PYLEARN2_DATA_PATH is not set; set it to the directory that holds your datasets."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


def reraise_as(new_exc: BaseException | str) -> NoReturn:
    """Raise an exception in place of the one that is being handled, which becomes its cause.

    Parameters
    ----------
    new_exc
        The exception; or the message of one of the same type.
    """
    kind, cause, _ = sys.exc_info()
    if isinstance(new_exc, str):
        new_exc = (kind or RuntimeError)(new_exc)
    raise new_exc from cause
