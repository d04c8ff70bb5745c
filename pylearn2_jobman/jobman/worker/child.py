"""The process that one job runs in, and its messages to the worker."""

__all__ = ["End", "JobRequest", "Message", "Save", "main"]

import os
import select
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pylearn2_jobman import signals
from pylearn2_jobman.jobman.bookkeeping import EXPERIMENT
from pylearn2_jobman.jobman.endings import How
from pylearn2_jobman.jobman.files import workdir
from pylearn2_jobman.jobman.files.tree import make_way
from pylearn2_jobman.jobman.worker.descriptors import Descriptor
from pylearn2_jobman.jobman.worker.execution import Outcome, execute, record


@dataclass(frozen=True)
class JobRequest:
    """The job that a child runs."""

    state: Mapping[str, Any]
    workdir: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    finish_up_after_seconds: float | None = None
    save_every_seconds: float | None = None
    remote: str | None = None
    table: str | None = None
    free_slots: int = 1


# The messages of a child. The worker answers a Save with "saved", and sends "stop" or
# "finish-up" at any time.


@dataclass(frozen=True)
class Save:
    """The experiment called ``channel.save()`` and waits."""

    state: dict[str, Any]


@dataclass(frozen=True)
class Message:
    """The experiment reported how far it is."""

    text: str


@dataclass(frozen=True)
class End:
    """The experiment ended."""

    outcome: Outcome


def main(connection: int) -> None:
    """Run one experiment in its working directory and report the outcome.

    What comes after this is the end of an ordinary Python program: threads are waited for,
    ``atexit`` functions run, open files are written.

    Parameters
    ----------
    connection
        The descriptor of the connection to the worker, whose first message is a `JobRequest`.
    """
    worker = _Worker(connection)
    job = worker.job()
    os.environ.update(job.environment)
    sys.argv[:] = [str(job.state.get(EXPERIMENT))]
    try:
        _redirect(job.workdir)
        os.chdir(job.workdir)
        workdir.lock(job.workdir)
    except OSError as error:
        problem = f"the working directory {job.workdir} cannot be used: {error}"
        worker.end(Outcome(How.NOT_BEGUN, dict(job.state), problem))
        return
    # A batch system sends these to all processes of the worker, which decides about the others.
    signals.install(
        {
            signal.SIGTERM: worker.on_signal,
            signal.SIGUSR1: signals.on_nothing,
            signal.SIGUSR2: signals.on_nothing,
        }
    )

    def conclude(outcome: Outcome) -> None:
        # Before anything that may fail: whatever happens to this process now, the result is known.
        worker.end(outcome)
        record(job.workdir, outcome.state)

    execute(
        job.state,
        job.workdir,
        worker,
        finish_up_after_seconds=job.finish_up_after_seconds,
        save_every_seconds=job.save_every_seconds,
        remote=job.remote,
        table=job.table,
        free_slots=job.free_slots,
        conclude=conclude,
    )


class _Worker:
    """The worker, as seen from the child.

    It is heard when the experiment asks the channel. No thread listens: a script has none but its
    own. Should the worker die, the fork server ends this process.
    """

    def __init__(self, connection: int) -> None:
        self._line: Descriptor | None = Descriptor(connection)
        os.close(connection)
        self._connection = Connection(self._line.number)
        self._talking = threading.RLock()
        self._asked: str | None = None
        os.register_at_fork(after_in_child=self._hang_up)

    def job(self) -> JobRequest:
        """Return the job to run."""
        job: JobRequest = self._connection.recv()
        return job

    def on_signal(self, number: int, frame: object) -> None:
        """Take a signal for what the worker says over the connection."""
        self._asked = "stop"

    def request(self) -> str | None:
        """Return "stop" or "finish-up" once the worker has said so, or a signal has come."""
        with self._talking:
            while self._asked != "stop" and self._is_there() and self._has_spoken():
                self._hear()
        return self._asked

    def report(self, text: str) -> None:
        """Tell how far the experiment is."""
        self._send(Message(text))

    def save(self, flat: dict[str, Any]) -> None:
        """Let a state be stored, and wait for that."""
        with self._talking:
            if self._send(Save(flat)):
                while self._is_there() and self._hear() != "saved":
                    pass

    def end(self, outcome: Outcome) -> None:
        """Tell how the experiment ended."""
        self._send(End(outcome))

    def _send(self, message: End | Message | Save) -> bool:
        """Send a message as one piece, whatever other threads send; return whether that worked."""
        with self._talking:
            if not self._is_there():
                return False
            try:
                self._connection.send(message)
            except OSError:  # it is gone
                return False
        return True

    def _hear(self) -> object:
        try:
            message = self._connection.recv()
        except (EOFError, OSError):
            # The worker is gone. Its claim runs out and the job is given to another, so this
            # process must not continue; what was saved stays in the working directory.
            os.killpg(os.getpgrp(), signal.SIGKILL)
        if self._asked != "stop" and message in ("stop", "finish-up"):
            self._asked = message
        return message

    def _has_spoken(self) -> bool:
        return bool(select.select([self._connection], [], [], 0)[0])

    def _is_there(self) -> bool:
        """Return whether there still is a connection: the experiment may have closed it."""
        if self._line is not None and not self._line.is_open():
            self._line = None
        return self._line is not None

    def _hang_up(self) -> None:
        """Make an ordinary process of one that the experiment has forked: it does not report."""
        self._talking = threading.RLock()
        if self._is_there():
            self._connection.close()
            self._line = None


def _redirect(directory: Path) -> None:
    """Append this process's standard output and error, C code's too, to files."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    for number, name in ((1, "stdout"), (2, "stderr")):
        path = directory / name
        if path.is_symlink() or not path.is_file():  # whoever put that there means no file of ours
            make_way(path)
        descriptor = os.open(path, flags, 0o666)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout = sys.__stdout__ = _stream(1, "replace")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, "backslashreplace")  # type: ignore[misc]


def _stream(number: int, errors: str) -> TextIOWrapper:
    return open(number, "w", encoding="utf-8", errors=errors, buffering=1, closefd=False)
