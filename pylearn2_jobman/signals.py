"""Signal handlers: ours, which what is forked does not have, and an experiment's, put aside."""

__all__ = ["handled", "install", "kept_handlers", "on_nothing", "undisturbed"]

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_Handlers = Mapping[signal.Signals, Callable[[int, Any], None]]

_installed: dict[int, tuple[Any, Any]] = {}  # the handler, and what forked processes have
_blocked = threading.local()


def install(handlers: _Handlers) -> None:
    """Handle signals in this process, and not in those that it forks.

    A signal that reaches a forked process in its first moment waits until it is as it should be.
    """
    for number, handler in handlers.items():
        before = signal.signal(number, handler)
        ours, theirs = _installed.get(number, (None, None))
        _installed[number] = handler, theirs if before == ours else before


@contextlib.contextmanager
def handled(handlers: _Handlers) -> Iterator[None]:
    """Handle signals inside the ``with`` block, and not in what is forked there."""
    installed = dict(_installed)
    before = {number: signal.getsignal(number) for number in handlers}
    install(handlers)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _installed.clear()
        _installed.update(installed)


@contextlib.contextmanager
def kept_handlers() -> Iterator[None]:
    """Put handlers back at the end of the ``with`` block, and end an alarm that was set there."""
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)


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


def _block() -> None:
    _blocked.before = signal.pthread_sigmask(signal.SIG_BLOCK, _installed)


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _blocked.before)


def _forget() -> None:
    for number, (handler, before) in _installed.items():
        if signal.getsignal(number) == handler:
            signal.signal(number, before)
    _installed.clear()
    _unblock()


os.register_at_fork(before=_block, after_in_parent=_unblock, after_in_child=_forget)
