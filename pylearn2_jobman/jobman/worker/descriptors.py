"""Descriptors that the experiment does not see, and what is said over them."""

__all__ = ["Descriptor", "Words", "kept_streams"]

import contextlib
import fcntl
import resource
import sys
from collections.abc import Iterator

# Taken now: an experiment may put something else in their places.
from os import close, dup2, fstat, write

_HIGHEST = 1000


class Descriptor:
    """A duplicate of a descriptor, out of the way of the experiment's.

    An experiment that closes all descriptors, as daemons do, closes it too. What has the number
    then is the experiment's, and is left alone.

    Raises
    ------
    OSError
        If there is nothing to duplicate.
    """

    def __init__(self, number: int) -> None:
        limit = min(_HIGHEST, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        self.number = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, max(limit - 16, 3))
        self._file = _file(self.number)

    def is_open(self) -> bool:
        """Return whether it stands for what it stood for at first."""
        try:
            return _file(self.number) == self._file
        except OSError:
            return False

    def close(self) -> None:
        """Close it, unless the experiment has."""
        if self.is_open():
            close(self.number)


def _file(number: int) -> tuple[int, int]:
    status = fstat(number)
    return status.st_dev, status.st_ino


class Words:
    """What this package has to say in a job's output, whatever becomes of the streams.

    Parameters
    ----------
    number
        1 or 2, whose file is written to, for as long as the experiment leaves it open.
    """

    def __init__(self, number: int) -> None:
        self._stream = "stdout" if number == 1 else "stderr"
        self._descriptor: Descriptor | None = None
        with contextlib.suppress(OSError):  # there is no such stream
            self._descriptor = Descriptor(number)

    def say(self, text: str | None) -> None:
        """Write a line, if there is something to say, after what the experiment has printed."""
        if text is None or self._descriptor is None:
            return
        with contextlib.suppress(Exception):
            getattr(sys, self._stream).flush()
        with contextlib.suppress(OSError):  # a full disk
            left = f"{text}\n".encode(errors="backslashreplace")
            while left and self._descriptor.is_open():
                left = left[write(self._descriptor.number, left) :]

    def close(self) -> None:
        """Say no more."""
        if self._descriptor is not None:
            self._descriptor.close()


@contextlib.contextmanager
def kept_streams() -> Iterator[None]:
    """Put standard output and error back at the end of the ``with`` block."""
    streams, kept = (sys.stdout, sys.stderr), {}
    for number in (1, 2):
        with contextlib.suppress(OSError):  # there is no such stream
            kept[number] = Descriptor(number)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        sys.stdout, sys.stderr = streams
        for number, descriptor in kept.items():
            if descriptor.is_open():
                dup2(descriptor.number, number)
                descriptor.close()
