"""The worker's side of the fork server, and the processes of jobs that come from it."""

__all__ = ["ForkServer", "JobProcess"]

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.worker.child import JobRequest
from pylearn2_jobman.jobman.worker.server import STATUS


class ForkServer:
    """A process with the heavy imports done, from which each job gets its own in milliseconds.

    Parameters
    ----------
    preload
        Modules to import there, besides those that every experiment needs.
    environment
        Of the jobs.

    Raises
    ------
    UsageError
        If a module to preload is not there or cannot be imported, or the server cannot start.
    """

    def __init__(
        self, preload: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        for module in preload:
            try:
                found = find_spec(module)
            except ImportError:
                found = None
            except ValueError:  # imported here already, without a spec
                continue
            if found is None:
                raise UsageError(f"--import: there is no module {module!r}")
        self._modules = ["pylearn2_jobman.experiment", *preload]
        self._environment = environment
        # Of now, whatever becomes of them: a server that has died is started again.
        self._path = [entry or str(os.getcwd()) for entry in sys.path]  # noqa: PTH109
        self._directory = os.getcwd()  # noqa: PTH109
        self._lock = threading.Lock()
        try:
            self._server, self._control = self._start()
        except OSError as error:
            problem = "cannot be imported; its own message stands above"
            raise UsageError(
                f"--import: {', '.join(preload)} {problem}"
                if preload and isinstance(error, ConnectionError)
                else f"no process for the experiments can be started: {error}"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and what it has forked."""
        self._control.close()
        self._server.wait()

    def start(self, job: JobRequest) -> "JobProcess":
        """Start a job's process.

        Raises
        ------
        OSError
            If that could not be done: too many processes, too little memory.
        """
        server = self._server
        try:
            return self._fork(job)
        except OSError as error:
            with self._lock:
                if self._server is server:  # and no other thread has started another since
                    if not isinstance(error, ConnectionError):
                        raise
                    self._control.close()
                    server.wait()
                    self._server, self._control = self._start()
            return self._fork(job)

    def _fork(self, job: JobRequest) -> "JobProcess":
        ours, theirs = socket.socketpair()
        status, told = os.pipe()
        try:
            socket.send_fds(self._control, [b"j"], [theirs.fileno(), told])
        except OSError:
            ours.close()
            os.close(status)
            raise
        finally:
            theirs.close()
            os.close(told)
        process = JobProcess(Connection(ours.detach()), status)
        with contextlib.suppress(OSError):  # it has ended already, of which its status will tell
            process.connection.send(job)
        return process

    def _start(self) -> "tuple[subprocess.Popen[bytes], socket.socket]":
        ours, theirs = socket.socketpair()
        command = (
            f"import sys; sys.path[:] = {self._path!r}; "
            "from pylearn2_jobman.jobman.worker.server import main; "
            f"main({theirs.fileno()}, {self._modules!r})"
        )
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        with theirs:
            server = subprocess.Popen(  # noqa: S603
                [sys.executable, *flags, "-c", command],
                stdin=subprocess.DEVNULL,
                cwd=self._directory,
                env=self._environment,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        if not ours.recv(8):
            ours.close()
            raise ConnectionError(f"the fork server ended with exit code {server.wait()}")
        return server, ours


class JobProcess:
    """The process of one job.

    Attributes
    ----------
    pid
        Its number, and that of its process group and session.
    connection
        What the worker hears and says; see `pylearn2_jobman.jobman.worker.child`.
    exit_code
        Once it has ended: its exit code, or minus the number of the signal that killed it. None if
        nobody can know, for the fork server ended before it.
    """

    def __init__(self, connection: Connection, status: int) -> None:
        self.connection = connection
        self.exit_code: int | None = None
        self._status: int | None = status
        pid = self._told()
        if pid is None or pid < 0:
            self.close()
            if pid is None:
                raise ConnectionError("the fork server has ended")
            raise OSError(-pid, os.strerror(-pid))
        self.pid = pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it."""
        self.connection.close()
        if self._status is not None:
            os.close(self._status)
            self._status = None

    @property
    def sentinel(self) -> list[int]:
        """What becomes ready when it ends, if anything does."""
        return [] if self._status is None else [self._status]

    def has_ended(self) -> bool:
        """Return whether it has ended."""
        if self.exit_code is None and self._status is not None:
            if not select.select([self._status], [], [], 0)[0]:
                return False
            self.exit_code = self._told()
        return self.exit_code is not None or not self._lives()

    def kill(self) -> None:
        """Kill it, if it still lives, and what it started in its session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.exit_code is None:  # it may have been too young to lead a group
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)

    def kill_session(self) -> None:
        """Kill it, and all of its session: also what has a process group of its own there."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                _state, _parent, _group, session, *_ = stat.read_text().rpartition(")")[2].split()
                if int(session) == self.pid:
                    os.kill(int(stat.parent.name), signal.SIGKILL)
        self.kill()

    def _told(self) -> int | None:
        """Return the next number that the fork server tells; None if it has ended."""
        assert self._status is not None
        told = os.read(self._status, STATUS.size)
        if told:
            number: int = STATUS.unpack(told)[0]
            return number
        os.close(self._status)
        self._status = None
        return None

    def _lives(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # it has become somebody else
            return True
        return True
