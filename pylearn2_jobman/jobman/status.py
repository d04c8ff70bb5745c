"""The seven statuses a job can have, with the numbers LISA's databases hold."""

__all__ = ["FAILED", "Status"]

from enum import IntEnum
from typing import Self

from pylearn2_jobman.errors import UsageError, suggest


class Status(IntEnum):
    """Where a job stands; the value is what the ``status`` column holds."""

    CANCELED = -1
    START = 0
    RUNNING = 1
    DONE = 2
    ERR_START = 3
    ERR_SYNC = 4
    ERR_RUN = 5

    @classmethod
    def parse(cls, text: str | int) -> Self:
        """Return the status that a user named by its name (any case) or its number.

        Raises
        ------
        UsageError
            If there is no such status; the message lists those there are.
        """
        try:
            return cls(int(text))
        except ValueError:
            pass
        try:
            return cls[str(text).strip().upper()]
        except KeyError:
            names = [status.name for status in cls]
            raise UsageError(
                f"no status {text!r}{suggest(str(text).upper(), names)} "
                f"(statuses: {', '.join(f'{s.name} or {s.value}' for s in cls)})"
            ) from None


# What a job is that ended with an error.
FAILED = (Status.ERR_START, Status.ERR_SYNC, Status.ERR_RUN)
