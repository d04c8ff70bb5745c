"""Workers as processes of this machine: the cluster's way of working, without a cluster."""

__all__ = ["Local"]

import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import ClassVar

from pylearn2_jobman.jobman.cluster.engine import Engine
from pylearn2_jobman.jobman.cluster.request import Request, Say, gravest
from pylearn2_jobman.signals import handled

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Local(Engine):
    """Workers on this machine."""

    place: ClassVar = "this machine"
    choice: ClassVar = {"is_flag": True, "help": "As processes here."}

    @property
    def is_one_host(self) -> bool:
        """Whether all workers will be on this machine."""
        return True

    def launch(self, request: Request, say: Say) -> int:
        """Start workers and wait until all have left; signals are passed on to them."""
        received: list[int] = []

        def note(number: int, _frame: FrameType | None) -> None:
            received.append(number)

        with handled(dict.fromkeys(_PASSED_ON, note)):
            return gravest(_wait(_start(request), received, say))


def _start(request: Request) -> list[subprocess.Popen[bytes]]:
    # In sessions of their own: a terminal's Ctrl-C would reach them twice.
    command = request.command.process("--with-parent")
    return [
        subprocess.Popen(command, cwd=request.command.directory, start_new_session=True)  # noqa: S603
        for _ in range(request.workers)
    ]


def _wait(processes: list[subprocess.Popen[bytes]], received: list[int], say: Say) -> Iterator[int]:
    """Yield the workers' exit codes, passing on the signals that come in meanwhile."""
    left = list(processes)
    while left:
        time.sleep(_POLL_SECONDS)
        numbers, received[:] = list(received), []
        for process in list(left):
            for number in numbers:
                process.send_signal(number)
            if (code := process.poll()) is not None:
                left.remove(process)
                say(f"worker {process.pid} left with exit code {code} ({len(left)} are left)")
                yield code
