"""The process that one job runs in, and its messages to the worker."""

__all__ = ["End", "JobRequest", "Message", "Save", "main"]

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pylearn2_jobman.jobman.endings import How
from pylearn2_jobman.jobman.files import workdir
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


# The messages of a child. The worker answers a Save with "saved", and sends "stop" at any time.


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


def main(connection: Connection, job: JobRequest) -> None:
    """Run one experiment in its working directory and report the outcome."""
    os.setsid()  # Ctrl-C on the worker's terminal is the worker's business
    _leave_fork_server()
    worker = _Worker(connection)
    signal.signal(signal.SIGTERM, worker.on_signal)
    # What the experiment forks is ended by it, as what it spawns is: a pool waits for that.
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    for number in (signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    os.environ.update(job.environment)
    try:
        _redirect(job.workdir)
        os.chdir(job.workdir)
        lock = workdir.lock(job.workdir)
    except OSError as error:
        problem = f"the working directory {job.workdir} cannot be used: {error}"
        connection.send(End(Outcome(How.NOT_BEGUN, dict(job.state), problem)))
        return
    worker.listen()
    process = os.getpid()
    outcome = execute(
        job.state,
        job.workdir,
        worker,
        finish_up_after_seconds=job.finish_up_after_seconds,
        save_every_seconds=job.save_every_seconds,
        remote=job.remote,
    )
    if os.getpid() != process:  # a process that the experiment forked, which came back here too
        os._exit(0 if outcome.error is None else 1)
    # Before anything that may fail: whatever happens to this process now, the result is known.
    worker.send(End(outcome))
    record(job.workdir, outcome.state)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    lock.close()


class _Worker:
    """The worker, as seen from the child."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._saved = threading.Event()
        self._stop = False

    def listen(self) -> None:
        os.register_at_fork(after_in_child=self._forked)
        threading.Thread(target=self._listen, daemon=True, name="jobman-worker").start()

    def _forked(self) -> None:
        """Let go of what a thread held that a forked process does not have."""
        self._sending = threading.Lock()

    def on_signal(self, number: int, frame: object) -> None:
        self._stop = True

    def request(self) -> str | None:
        return "stop" if self._stop else None

    def send(self, message: End | Message | Save) -> None:
        """Send a message as one piece, whatever other threads send."""
        with self._sending:
            self._connection.send(message)

    def report(self, text: str) -> None:
        self.send(Message(text))

    def save(self, flat: dict[str, Any]) -> None:
        self._saved.clear()
        self.send(Save(flat))
        self._saved.wait()

    def _listen(self) -> None:
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                # The worker is gone. Its claim runs out and the job is given to another, so this
                # process must not continue; what was saved stays in the working directory.
                os.killpg(os.getpgrp(), signal.SIGKILL)
            if message == "stop":
                self._stop = True
            elif message == "saved":
                self._saved.set()


def _leave_fork_server() -> None:
    """Let go of the pipes to multiprocessing's helper processes, which live as long as these.

    A daemon that the experiment leaves behind would otherwise keep them, and with them the worker's
    standard output, open. An experiment that uses multiprocessing gets helpers of its own.
    """
    for helper, pipe in (
        (getattr(resource_tracker, "_resource_tracker", None), "_fd"),
        (getattr(forkserver, "_forkserver", None), "_forkserver_alive_fd"),
    ):
        descriptor = getattr(helper, pipe, None)
        if isinstance(descriptor, int):
            os.close(descriptor)
            setattr(helper, pipe, None)


def _redirect(directory: Path) -> None:
    """Append this process's standard output and error, C code's too, to files."""
    sys.stdout.flush()
    sys.stderr.flush()
    for number, name in ((1, "stdout"), (2, "stderr")):
        _replace(number, str(directory / name), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    _replace(0, os.devnull, os.O_RDONLY)
    sys.stdout = io.TextIOWrapper(
        io.FileIO(1, "w", closefd=False), encoding="utf-8", errors="replace", line_buffering=True
    )
    sys.stderr = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )


def _replace(number: int, path: str, flags: int) -> None:
    """Let a file descriptor stand for a file from now on."""
    descriptor = os.open(path, flags, 0o666)
    os.dup2(descriptor, number)
    os.close(descriptor)
