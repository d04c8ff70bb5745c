"""Looking after a job's process: its messages, asking it to stop, and why it died."""

__all__ = ["run_in_child"]

import contextlib
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from pylearn2_jobman.jobman.channel import WorkerLink
from pylearn2_jobman.jobman.tracebacks import tail
from pylearn2_jobman.jobman.worker import child
from pylearn2_jobman.jobman.worker.execution import Outcome
from pylearn2_jobman.jobman.worker.processes import start_child

_POLL_SECONDS = 0.2
_LEAVING_SECONDS = 5.0  # how long a child may live on after its experiment has ended


def run_in_child(
    job: child.JobRequest,
    link: WorkerLink,
    *,
    tend: Callable[[], None],
    kill: Callable[[], bool],
    grace_seconds: float,
) -> tuple[Outcome | None, str | None]:
    """Run an experiment in a process of its own and wait for its end.

    Parameters
    ----------
    job
        The job.
    link
        Gets what the experiment saves, while that waits, and its reports; is asked several times a
        second whether the experiment has to stop.
    tend
        Called as often, to look after the claim.
    kill
        Asked as often whether the experiment has to end at once.
    grace_seconds
        How long it may take once it has been asked to stop.

    Returns
    -------
    Outcome or None
        How the experiment ended; None if its process died, or was ended here.
    str or None
        Why there is no outcome.
    """
    try:
        process, connection = start_child(job)
    except (EOFError, OSError) as error:  # too many processes, too little memory
        return None, f"no process could be started for it: {error or type(error).__name__}"
    with connection:
        outcome, ended_here = _attend(
            process, connection, link, tend=tend, kill=kill, grace_seconds=grace_seconds
        )
        process.join(_LEAVING_SECONDS)
    _kill_group(process)  # what the experiment may have left running
    process.join()
    death = None
    if outcome is None:
        death = _death(process.exitcode or 0, ended_here, job.workdir)
    process.close()
    return outcome, death


def _attend(
    process: ForkServerProcess,
    connection: Connection,
    link: WorkerLink,
    *,
    tend: Callable[[], None],
    kill: Callable[[], bool],
    grace_seconds: float,
) -> tuple[Outcome | None, bool]:
    """Serve a child; return its outcome, or None and whether it was ended here."""
    asked_at: float | None = None
    while True:
        ready = wait([connection, process.sentinel], timeout=_POLL_SECONDS)
        if connection in ready:
            try:
                message = connection.recv()
            except Exception:  # it ended, or what it sent cannot be read
                return None, False
            match message:
                case child.End(outcome=outcome):
                    return outcome, False
                case child.Message(text=text):
                    link.report(text)
                case child.Save(state=state):
                    link.save(state)
                    with contextlib.suppress(OSError):
                        connection.send("saved")
        elif ready:
            return None, False
        tend()
        now = time.monotonic()
        if asked_at is None and link.request() is not None:
            asked_at = now
            with contextlib.suppress(OSError):
                connection.send("stop")
        if kill() or (asked_at is not None and now >= asked_at + grace_seconds):
            _kill_group(process)
            return None, True


def _death(exit_code: int, ended_here: bool, workdir: Path) -> str:
    """Return why a child died, for ``jobman.error``."""
    if ended_here:
        how = "was asked to stop and did not in time"
    elif exit_code < 0:
        name = signal.Signals(-exit_code).name
        how = f"was killed by {name}"
        if name == "SIGKILL":
            how += ", as the kernel does when memory runs out"
    else:
        how = f"ended with exit code {exit_code} before the experiment returned"
    with contextlib.suppress(OSError):
        stderr = (workdir / "stderr").read_text(encoding="utf-8", errors="replace")
        if stderr.strip():
            return f"the job's process {how}; its last words:\n{tail(stderr)}"
    return f"the job's process {how}"


def _kill_group(process: ForkServerProcess) -> None:
    """Kill a child, if it still lives, and what it started in its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.kill()  # should it have been too young to lead a group
