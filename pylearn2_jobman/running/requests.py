"""`Requests`: to stop after a signal and to save now and then, without a worker."""

__all__ = ["Requests"]

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pylearn2_jobman.signals import handled


class Requests:
    """Asks to stop after SIGTERM, SIGUSR2 or Ctrl-C, and to save now and then.

    Parameters
    ----------
    save_every_seconds
        How often to save; 0: never.

    Attributes
    ----------
    signal : signal.Signals or None
        The signal that came.
    """

    def __init__(self, save_every_seconds: float) -> None:
        self.signal: signal.Signals | None = None
        self._save_every_seconds = save_every_seconds
        self._saved_at = time.monotonic()

    def switch(self, text: str | None = None) -> str | None:
        """Return 'stop', 'save' or None, as a job's channel does."""
        if self.signal is not None:
            return "stop"
        every = self._save_every_seconds
        if not every or time.monotonic() < self._saved_at + every:
            return None
        self._saved_at = time.monotonic()
        return "save"

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Note signals inside the ``with`` block."""
        numbers = (signal.SIGTERM, signal.SIGUSR2, signal.SIGINT)
        with handled(dict.fromkeys(numbers, self._note)):
            yield

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal is None:
            self.signal = signal.Signals(number)
        elif number == signal.SIGINT:  # a second one means it
            raise KeyboardInterrupt
        else:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
