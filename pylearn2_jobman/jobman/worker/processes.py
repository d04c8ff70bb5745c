"""Child processes from the standard library's fork server, which has the heavy imports done.

The fork server is a small process that imports the modules to preload once and then forks a child
for every job, so that a job starts in milliseconds and begins with clean memory.
"""

__all__ = ["available_cores", "limit_threads", "start_child", "start_server"]

import contextlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from multiprocessing import util
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import ModuleType

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.worker import child

_CONTEXT = multiprocessing.get_context("forkserver")
# Read when the libraries are loaded, so they must be set before the fork server starts.
_THREAD_VARIABLES = (
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)

# A socket's path may have 104 bytes (on Linux 108); 31 are multiprocessing's own part of it.
_LONGEST_TEMPORARY_DIRECTORY = 72


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit_threads(workers: int) -> None:
    """Let each of several children use its share of the cores, unless the environment says."""
    share = str(max(1, available_cores() // workers))
    for variable in _THREAD_VARIABLES:
        os.environ.setdefault(variable, share)


def start_server(preload: Sequence[str] = ()) -> None:
    """Start the fork server with modules imported in it; a no-op when it runs already.

    Raises
    ------
    UsageError
        If a module to preload is not there or cannot be imported, or the server cannot start.
    """
    for module in preload:
        try:
            found = find_spec(module)
        except ImportError:
            found = None
        except ValueError:  # imported here already, without a spec
            continue
        if found is None:
            raise UsageError(f"--import: there is no module {module!r}")
    _CONTEXT.set_forkserver_preload(
        ["pylearn2_jobman.experiment", *preload, "pylearn2_jobman.jobman.worker.server"]
    )
    _shorten_socket_path()
    probe = _CONTEXT.Process(target=_nothing)
    try:
        with _without_main():
            probe.start()
    except (EOFError, OSError) as error:
        problem = "cannot be imported; its own message stands above"
        raise UsageError(
            f"--import: {', '.join(preload)} {problem}"
            if preload
            else f"no process for the experiments can be started: {error or type(error).__name__}"
        ) from None
    probe.join()


def start_child(job: child.JobRequest) -> tuple[ForkServerProcess, Connection]:
    """Start a job's process; return it and the connection to talk to it."""
    try:
        return _start(job)
    except (EOFError, ConnectionError):  # the fork server has just died; asking starts another
        return _start(job)


def _start(job: child.JobRequest) -> tuple[ForkServerProcess, Connection]:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=child.main, args=(theirs, job), daemon=False)
    try:
        with _without_main():
            process.start()
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return process, ours


def _shorten_socket_path() -> None:
    """Let multiprocessing keep its sockets where their paths are short enough.

    The system takes about a hundred bytes; a batch system's TMPDIR alone can be longer.
    """
    if len(os.fsencode(tempfile.gettempdir())) <= _LONGEST_TEMPORARY_DIRECTORY:
        return
    given = tempfile.tempdir
    try:
        for tempfile.tempdir in ("/tmp", "/var/tmp"):  # noqa: S108
            with contextlib.suppress(OSError):
                util.get_temp_dir()  # makes a directory, and is asked again for the sockets
                return
    finally:
        tempfile.tempdir = given


def _nothing() -> None:
    """Run in a child to see that the fork server works."""


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Hide the script that runs, which multiprocessing would run again in every child."""
    real = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = real
