"""Signal handlers around an experiment: ours while it runs, its own put aside when it has ended."""

__all__ = ["install", "on_nothing", "undisturbed"]

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any


def install(handlers: Mapping[signal.Signals, Callable[[int, Any], None]]) -> dict[int, Any]:
    """Handle signals in this process, and not in those that it forks; return what did before.

    A signal that reaches a forked process in its first moment waits until it is as it should be.
    """
    before: dict[int, Any] = {n: signal.signal(n, handler) for n, handler in handlers.items()}
    blocked = threading.local()

    def block() -> None:
        blocked.then = signal.pthread_sigmask(signal.SIG_BLOCK, handlers)

    def unblock() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked.then)

    def forget() -> None:
        for number, handler in handlers.items():
            if signal.getsignal(number) == handler:
                signal.signal(number, before[number])
        unblock()

    os.register_at_fork(before=block, after_in_parent=unblock, after_in_child=forget)
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
