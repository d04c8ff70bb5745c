"""Whether what is built now goes on with a training that has begun before."""

__all__ = ["is_resumed", "resuming"]

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_resuming: ContextVar[bool] = ContextVar("resuming", default=False)


@contextmanager
def resuming(resumed: bool) -> Iterator[None]:
    """Say so to what is built inside the ``with`` block."""
    token = _resuming.set(resumed)
    try:
        yield
    finally:
        _resuming.reset(token)


def is_resumed() -> bool:
    """Return whether the files that training writes may be its own, from before."""
    return _resuming.get()
