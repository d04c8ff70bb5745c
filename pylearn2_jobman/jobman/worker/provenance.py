"""Provenance of a run: code, versions, machine, time and memory."""

__all__ = ["after_run", "batch_ids", "before_run"]

import contextlib
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pylearn2_jobman.jobman.worker.threads import threads_used
from pylearn2_jobman.model_file import versions
from pylearn2_jobman.naming.backend import in_use

_PREFIX = "jobman.provenance."
_PACKAGE = Path(__file__).parents[2]
_GIT_SECONDS = 10
# The variables that batch systems tell a job its number by.
_BATCH_VARIABLES = (
    "SLURM_JOB_ID",
    "SLURM_ARRAY_JOB_ID",
    "SLURM_ARRAY_TASK_ID",
    "SLURMD_NODENAME",
    "PBS_JOBID",
    "PBS_ARRAYID",
    "LSB_JOBID",
    "LSB_JOBINDEX",
    "JOB_ID",
    "SGE_TASK_ID",
    "CONDOR_JOB_ID",
    "_CONDOR_JOB_AD",
)


def batch_ids() -> dict[str, str]:
    """Return the numbers that a batch system gave this process: ``jobman.sql.slurm_job_id`` etc.

    Grid Engine's plain ``JOB_ID`` counts only together with its ``SGE_ROOT``.
    """
    return {
        f"jobman.sql.{variable.strip('_').lower()}": os.environ[variable]
        for variable in _BATCH_VARIABLES
        if variable in os.environ and (variable != "JOB_ID" or "SGE_ROOT" in os.environ)
    }


def before_run(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the provenance known before the experiment begins, as flat keys."""
    found: dict[str, Any] = {"python": platform.python_version(), "pid": os.getpid()}
    found |= _git(_directory(function))
    return {_PREFIX + key: value for key, value in found.items()}


def after_run() -> dict[str, Any]:
    """Return the provenance known after it, as flat keys: versions, threads, time and memory."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    found: dict[str, Any] = {
        "cpu_seconds": sum(u.ru_utime + u.ru_stime for u in (own, children)),
        "peak_memory_mib": max(own.ru_maxrss, children.ru_maxrss) / _maxrss_per_mib(),
    }
    threads = threads_used()
    if threads is not None:
        found["threads"] = threads
    found |= {f"{name}_version": version for name, version in versions().items()}
    used = in_use()
    if used:
        found["pylearn2"] = used["backend"]
    if "pylearn2" in used:
        git = _git(Path(used["pylearn2"]))
        found |= {f"pylearn2_{key}": value for key, value in git.items()}
    gpu = _gpu()
    if gpu is not None:
        found["gpu"] = gpu
    return {_PREFIX + key: value for key, value in found.items()}


def _directory(function: Callable[..., Any]) -> Path | None:
    """Return where the experiment's source is; for our own ones, where the user works."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    file = getattr(module, "__file__", None)
    if file is None:
        return None
    if Path(file).is_relative_to(_PACKAGE):
        return Path(sys.path[0]) if sys.path and sys.path[0] else None
    return Path(file).resolve().parent


def _git(directory: Path | None) -> dict[str, Any]:
    """Return the commit of the repository around a directory, and whether it has changes."""
    if directory is None or not any((d / ".git").exists() for d in (directory, *directory.parents)):
        return {}
    status = _run_git(directory, "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    if status is None:
        return {}
    found: dict[str, Any] = {"git_dirty": False}
    for line in status.splitlines():
        if line.startswith("# branch.oid "):
            found["git_commit"] = line.removeprefix("# branch.oid ")
        elif not line.startswith("#"):
            found["git_dirty"] = True
    return found


def _run_git(directory: Path, *arguments: str) -> str | None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603
            ["git", "--no-optional-locks", *arguments],  # noqa: S607
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=True,
        )
        return done.stdout
    return None


def _gpu() -> str | None:
    """Return the name of the GPU that was used, without waking one that was not."""
    torch = sys.modules.get("torch")
    with contextlib.suppress(Exception):  # a broken driver is no reason to lose the result
        if torch is not None and torch.cuda.is_initialized():
            return str(torch.cuda.get_device_name())
    return None


def _maxrss_per_mib() -> int:
    """Return how many units of ru_maxrss make a MiB: it is in KiB, on macOS in bytes."""
    return 2**20 if sys.platform == "darwin" else 2**10
