"""Signal handlers around an experiment: ours while it runs, its own put aside when it has ended."""

__all__ = ["install", "on_nothing", "undisturbed"]

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any


def install(handlers: Mapping[signal.Signals, Callable[[int, Any], None]]) -> dict[int, Any]:
    """Handle signals in this process, and not in those that it forks; return what did before."""
    before: dict[int, Any] = {n: signal.signal(n, handler) for n, handler in handlers.items()}

    def after_fork() -> None:
        for number, handler in handlers.items():
            if signal.getsignal(number) == handler:
                signal.signal(number, before[number])

    os.register_at_fork(after_in_child=after_fork)
    return before


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Put aside the handlers that an experiment has left, which may raise anything at any time."""
    handlers: dict[int, Any] = {}
    while threading.current_thread() is threading.main_thread():  # others run no handlers
        try:
            for number in signal.valid_signals():
                if number not in handlers and callable(handler := signal.getsignal(number)):
                    handlers[number] = handler
                    signal.signal(number, on_nothing)
        except BaseException:  # noqa: S112  (raised by one of them just now)
            continue
        break
    try:
        yield
    finally:
        for caught, handler in handlers.items():
            signal.signal(caught, handler)


def on_nothing(number: int, frame: object) -> None:
    """Do nothing, and be forgotten by what is executed: that a signal is ignored is inherited."""
