"""Standard output and error, of commands that outlast them: jobs are worth more than lines."""

__all__ = ["outlast_streams"]

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NAMES = {1: "standard output", 2: "standard error"}


def outlast_streams() -> None:
    """Let this process go on when its streams cannot be written to, or are closed already.

    A pipe nobody reads any more, a full disk, a terminal that was closed: what is printed then is
    lost, and the other stream is told so once.
    """
    closed = [number for number in (0, 1, 2) if not _is_open(number)]
    for _ in closed:  # or a database would get the number, and what is printed
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        if stream is not getattr(sys, f"__{name}__"):  # a notebook's
            continue
        raw = _Raw(number, "w", closefd=False)
        if stream is None:
            raw.give_up("it is closed")
        lasting = _Lasting(
            io.BufferedWriter(raw),
            encoding=getattr(stream, "encoding", None),
            errors="backslashreplace",
            line_buffering=True,
        )
        setattr(sys, name, lasting)


class _Lasting(io.TextIOWrapper):
    """A stream that an experiment in this process may close, and its worker goes on with."""

    def close(self) -> None:
        self.flush()


class _Raw(io.FileIO):
    """A descriptor that takes everything, and loses what it cannot write."""

    told = False

    def write(self, data: "ReadableBuffer") -> int | None:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError as error:
            self.give_up(error.strerror or str(error))
            return memoryview(data).nbytes

    def give_up(self, problem: str) -> None:
        """Say on the other stream that nothing more can be seen on this one."""
        if not self.told:
            self.told = True
            text = f"jobman: {_NAMES[self.fileno()]} cannot be written to: {problem}; jobs go on\n"
            with contextlib.suppress(OSError):
                os.write(3 - self.fileno(), text.encode())


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
