"""The fork server: a process that has the heavy imports done, and forks a child for every job.

A child is this process once more, and ends as every Python program does: at the end of its main
module. Those of multiprocessing's fork server end in the middle of it, without ``atexit`` and with
what open files have not written lost, and multiprocessing is not in them as it is in a script.

Nothing here may start a thread or wake a GPU: a child would find either in pieces.
"""

__all__ = ["STATUS", "main"]

import contextlib
import gc
import importlib
import os
import pickle
import random
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from pylearn2_jobman.jobman.worker import child, teardown

STATUS = struct.Struct("q")  # first a child's pid, or -errno if there is none; then its exit code

# A batch system signals every process of a job. The worker decides about a signal and asks the
# children to stop; this process must stay, or they could not be waited for.
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


def main(control: int, modules: Sequence[str]) -> None:
    """Serve until the worker is gone; in each child, run the job.

    Parameters
    ----------
    control
        The descriptor of the worker's socket. Each request has two more: that of the connection to
        the child, and of the pipe that is told its `STATUS`.
    modules
        What to import first.
    """
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _IGNORED}
    numbers = _RandomNumbers()
    for module in modules:
        importlib.import_module(module)
    teardown.leave_out()
    numbers.note()
    # What has been imported is shared with every child; the collector would only make copies of it.
    gc.collect()
    gc.freeze()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # what is left there would be printed by every child
            stream.flush()
    connection = _serve(socket.socket(fileno=control))
    if connection is not None:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        numbers.begin()
        child.main(connection)


class _RandomNumbers:
    """The streams of random numbers that a process has, which no two jobs are to share.

    What a preloaded module has done to one, it is to have done in the job.
    """

    def __init__(self) -> None:
        self._streams: list[tuple[Callable[[], Any], Callable[[Any], Any], Callable[[], Any]]] = [
            (random.getstate, random.setstate, random.seed),
            (numpy.random.get_state, numpy.random.set_state, numpy.random.seed),
        ]
        self._first = [pickle.dumps(state()) for state, _, _ in self._streams]
        self._noted = self._first

    def note(self) -> None:
        """Note the streams as they are once all is imported."""
        self._noted = [pickle.dumps(state()) for state, _, _ in self._streams]

    def begin(self) -> None:
        """Make them those of a process that has imported the same."""
        for first, noted, (_, set_state, seed) in zip(
            self._first, self._noted, self._streams, strict=True
        ):
            if noted == first:
                seed()
            else:
                set_state(pickle.loads(noted))  # noqa: S301


def _serve(control: socket.socket) -> int | None:
    """Serve; return the descriptor of the connection in a child, and None once all is over."""
    statuses: dict[int, int] = {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    control.sendall(b"ready")
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _reap(statuses)
        if control.fileno() not in ready:
            continue
        try:
            request, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        except ConnectionError:
            request = b""
        if not request:
            _end(statuses)
            return None
        connection, status = descriptors
        try:
            pid = os.fork()
        except OSError as error:  # too many processes, too little memory
            pid = -(error.errno or 1)
        if pid == 0:
            os.setsid()  # Ctrl-C on the worker's terminal is the worker's business
            for descriptor in (control.detach(), woken, wake, status, *statuses.values()):
                os.close(descriptor)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return connection
        os.close(connection)
        _tell(status, pid)
        if pid > 0:
            statuses[pid] = status
        else:
            os.close(status)


def _reap(statuses: dict[int, int]) -> None:
    """Tell the worker of the children that have ended."""
    while statuses:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        told = statuses.pop(pid)
        _tell(told, os.waitstatus_to_exitcode(status))
        os.close(told)


def _tell(status: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # the worker does not want to know any more
        os.write(status, STATUS.pack(number))


def _end(pids: dict[int, int]) -> None:
    """End the children of a worker that is gone.

    Its claims run out and the jobs are given to others, so these must not continue; what was saved
    stays in the working directories.
    """
    for pid in pids:
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)
