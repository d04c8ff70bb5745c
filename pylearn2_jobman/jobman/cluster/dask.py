"""Workers as the tasks of a Dask cluster: Kubernetes, clouds, ssh, or processes here.

A task occupies one slot (a thread) of a Dask worker and starts a `jobman sql` there. Dask places
the tasks, and starts them again where a machine is lost; jobs and results pass only through the
table.
"""

__all__ = ["Dask", "distributed", "run_workers", "work"]

import contextlib
import signal
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cluster.engine import Engine
from pylearn2_jobman.jobman.cluster.request import Request, Say, gravest

_POLL_SECONDS = 1.0
_RETRIES = 10
_UNREACHABLE = 3  # the worker's exit code


@dataclass(frozen=True)
class Dask(Engine):
    """Workers on the Dask cluster with a scheduler at an address, or on one of this machine.

    Attributes
    ----------
    address
        ``tcp://host:8786``, or ``local``.
    """

    address: str

    place: ClassVar = "the Dask cluster"
    choice: ClassVar = {
        "metavar": "ADDRESS|local",
        "help": "As tasks of the Dask cluster with this scheduler (tcp://host:8786), or of one "
        "here.",
    }

    @property
    def is_one_host(self) -> bool:
        """Whether all workers will be on this machine."""
        return self.address == "local"

    def launch(self, request: Request, say: Say) -> int:
        """Run workers until all have left."""
        if not self.is_one_host:
            return run_workers(request, self.address, say)
        # Processes, a slot for every worker.
        with distributed().LocalCluster(
            n_workers=request.workers, threads_per_worker=1, dashboard_address=None,
            host="127.0.0.1",
        ) as cluster:  # fmt: skip
            return run_workers(request, cluster, say)


def run_workers(request: Request, cluster: Any, say: Say) -> int:
    """Run workers on a Dask cluster and wait until all have left.

    An interruption (Ctrl-C, SIGTERM) asks them to stop, and waits for that.

    Parameters
    ----------
    request
        Workers; those for which there is no slot yet wait for one.
    cluster
        A cluster object, or the address of a scheduler: ``tcp://host:8786``.
    say
        Called with a message when a worker leaves.

    Returns
    -------
    int
        The gravest of their exit codes.

    Raises
    ------
    UsageError
        If there is no scheduler at this address.
    """
    library = distributed()
    try:
        client = library.Client(cluster)
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {cluster}: {error}") from None
    with client:
        name = f"jobman-{uuid.uuid4().hex}"
        stop = library.Event(name, client=client)
        futures = client.map(
            work,
            range(request.workers),
            process=request.command.process("--with-parent"),
            directory=str(request.command.directory),
            stop=name,
            key=[f"{name}-{number}" for number in range(request.workers)],
            pure=False,
            retries=_RETRIES,
        )
        return gravest(_wait(library.as_completed(futures), stop, say))


def _wait(futures: Any, stop: Any, say: Say) -> list[int]:
    """Return the workers' exit codes; an interruption sets the event that asks them to stop."""
    codes = []
    with _interruptible():
        while True:
            try:
                for future in futures:
                    codes.append(_exit_code(future, say))
            except KeyboardInterrupt:
                say("asking the workers to stop")
                stop.set()
            else:
                return codes


def _exit_code(future: Any, say: Say) -> int:
    """Return the exit code of a worker; one that was lost counts as if out of the table's reach."""
    if future.status != "finished":
        say(f"a worker was lost: {future.exception() or future.status}")
        return _UNREACHABLE
    where, code = future.result()
    say(f"a worker on {where} left with exit code {code}")
    return int(code)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM interrupt as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def work(number: int, *, process: list[str], directory: str, stop: str) -> tuple[str, int]:
    """Be a task: run a worker in a process of its own until it leaves.

    Parameters
    ----------
    number
        Which of the workers this is.
    process
        The command to execute.
    directory
        Where.
    stop
        The name of the Dask event that asks it to stop.

    Returns
    -------
    str
        The Dask worker's address.
    int
        The exit code.

    Raises
    ------
    ConnectionError
        If the table could not be reached from here: Dask tries again, perhaps elsewhere.
    """
    library = distributed()
    event = library.Event(stop)
    address: str = library.get_worker().address
    asked = False
    # In a session of its own: a terminal's Ctrl-C would reach it twice.
    with subprocess.Popen(process, cwd=directory, start_new_session=True) as worker:  # noqa: S603
        while True:
            try:
                code = worker.wait(_POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if not asked and event.is_set():
                    asked = True
                    worker.terminate()
    if code == _UNREACHABLE:
        raise ConnectionError(f"worker {number} on {address} could not reach the table")
    return address, code


def distributed() -> Any:
    """Import Dask's library."""
    try:
        import distributed
    except ImportError:
        raise UsageError(
            "--dask and --ssh need Dask: pip install 'pylearn2_jobman[cluster]'"
        ) from None
    return distributed
