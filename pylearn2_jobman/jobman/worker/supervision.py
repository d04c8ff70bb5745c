"""Looking after a job's process: its messages, asking it to stop, and why it died."""

__all__ = ["Death", "run_in_child"]

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

from pylearn2_jobman.jobman.channel import WorkerLink
from pylearn2_jobman.jobman.endings import LAST_WORDS, How
from pylearn2_jobman.jobman.tracebacks import tail
from pylearn2_jobman.jobman.worker import child
from pylearn2_jobman.jobman.worker.execution import Outcome
from pylearn2_jobman.jobman.worker.processes import ForkServer, JobProcess
from pylearn2_jobman.whole_file import read_file

_POLL_SECONDS = 0.2
_LAST_BYTES = 2**16  # of stderr

# Nothing sends these to a job but a person, the kernel, or a batch system: to lose its process to
# them is not the experiment's fault.
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@dataclass(frozen=True)
class Death:
    """How a job's process ended that did not end by itself: DIED or KILLED, and in words."""

    how: How
    text: str


def run_in_child(
    server: ForkServer,
    job: child.JobRequest,
    link: WorkerLink,
    *,
    tend: Callable[[int], None],
    kill: Callable[[], bool],
    grace_seconds: float,
) -> tuple[Outcome | None, Death | None]:
    """Run an experiment in a process of its own and wait for the end of both.

    Parameters
    ----------
    server
        Where the process comes from.
    job
        The job.
    link
        Gets what the experiment saves, while that waits, and its reports; is asked several times a
        second whether the experiment has to stop.
    tend
        Called as often with the number of the process, to look after the claim and what it shows.
    kill
        Asked as often whether the experiment has to end at once.
    grace_seconds
        How long it may take once it has been asked to stop, and its process once it has ended.

    Returns
    -------
    Outcome or None
        How the experiment ended; None if its process did not say, or was ended here before.
    Death or None
        Why there is no outcome; or, if there is one, why its process was ended here.
    """
    try:
        process = server.start(job)
    except OSError as error:  # too many processes, too little memory
        return None, Death(How.DIED, f"no process could be started for it: {error}")
    with process:
        outcome, ended_here = _attend(
            process, link, tend=tend, kill=kill, grace_seconds=grace_seconds
        )
        process.kill()  # what the experiment may have left running
    if outcome is not None:
        late = f"its process lived on after the experiment: killed (--grace {grace_seconds:g})"
        return outcome, Death(How.DIED, late) if ended_here else None
    return None, _death(process.exit_code, ended_here, job.workdir)


def _attend(
    process: JobProcess,
    link: WorkerLink,
    *,
    tend: Callable[[int], None],
    kill: Callable[[], bool],
    grace_seconds: float,
) -> tuple[Outcome | None, bool]:
    """Serve a child until its end; return its outcome, and whether it was ended here."""
    outcome: Outcome | None = None
    end_by: float | None = None
    ended_here = enough = False
    connections = [process.connection]  # until nothing more is to be heard
    while True:
        ready = wait([*connections, *process.sentinel], timeout=_POLL_SECONDS)
        if process.connection in ready:
            try:
                message = process.connection.recv()
            except Exception:  # it ended, the experiment has closed it, or wrote something there
                connections = []
                continue
            match message:
                case child.End():
                    outcome = message.outcome
                    end_by = time.monotonic() + grace_seconds
                case child.Message(text=text):
                    link.report(text)
                case child.Save(state=state):
                    link.save(state)
                    with contextlib.suppress(OSError):
                        process.connection.send("saved")
        elif process.has_ended():
            return outcome, ended_here
        tend(process.pid)
        now = time.monotonic()
        asked = link.request() if end_by is None else None
        if asked == "finish-up" and connections and not enough:
            enough = True  # in its own time
            with contextlib.suppress(OSError):
                process.connection.send(asked)
        elif asked == "stop":
            end_by = now + grace_seconds
            _ask_to_stop(process, bool(connections))
        if not ended_here and (kill() or (end_by is not None and now >= end_by)):
            process.kill_session()
            ended_here = True


def _ask_to_stop(process: JobProcess, is_connected: bool) -> None:
    """Ask by a message, or else by the signal that any program understands."""
    if is_connected:
        with contextlib.suppress(OSError):
            process.connection.send("stop")
            return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process.pid, signal.SIGTERM)


def _death(exit_code: int | None, ended_here: bool, workdir: Path) -> Death:
    """Return why a child died, for ``jobman.error``."""
    kind = How.DIED
    if ended_here:
        how = "was asked to stop and did not in time"
    elif exit_code is None:  # the fork server, which alone could tell, has ended too
        kind, how = How.KILLED, "ended before the experiment returned, as did the fork server"
    elif exit_code < 0:
        name = _signal_name(-exit_code)
        how = f"was killed by {name}"
        if name == "SIGKILL":
            how += ", as the kernel does when memory runs out"
        if -exit_code in _FROM_OUTSIDE:
            kind = How.KILLED
    else:
        how = f"ended with exit code {exit_code} before the experiment returned"
    text = f"the job's process {how}"
    with contextlib.suppress(OSError):
        stderr = read_file(workdir / "stderr", _LAST_BYTES).decode(errors="replace")
        if stderr.strip():
            text += f"{LAST_WORDS}{tail(stderr)}"
    return Death(kind, text)


def _signal_name(number: int) -> str:
    """Return a signal's name; the system has more of them than there are names."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
