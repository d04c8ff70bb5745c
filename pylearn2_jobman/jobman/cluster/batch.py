"""The state of a worker's job in its batch system: Slurm's ``squeue``, the ``qstat`` of PBS."""

__all__ = ["standing"]

import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

_ANSWER_SECONDS = 30
# The key with the number, the batch system, the command that asks, and how the answer is read.
_SYSTEMS = (
    ("jobman.sql.slurm_job_id", "Slurm", ("squeue", "--noheader", "--format=%T", "--jobs")),
    ("jobman.sql.pbs_jobid", "PBS", ("qstat", "-f")),
)

_IS_NUMBER = re.compile(r"[A-Za-z0-9][\w.\[\]-]*")


def standing(flat: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Ask the batch system that a job's worker was started by.

    Parameters
    ----------
    flat
        The job's flat state.

    Returns
    -------
    str
        Its answer, for a person.
    bool
        Whether the worker may still be alive.

    None is returned where no batch system was noted, or its commands are not on this machine.
    """
    for key, system, command in _SYSTEMS:
        if key not in flat or shutil.which(command[0]) is None:
            continue
        number = _number(flat, key)
        if not _IS_NUMBER.fullmatch(number):  # a row may hold anything, an option or a host's name
            continue
        try:
            answer = subprocess.run(  # noqa: S603
                [*command, number], capture_output=True, text=True, timeout=_ANSWER_SECONDS,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"{system} does not answer", True
        state = _state(answer.stdout) if answer.returncode == 0 else ""
        if state:
            return f"{system} has its job {number} as {state}", True
        return f"{system} has no job {number} any more", False
    return None


def _number(flat: Mapping[str, Any], key: str) -> str:
    """Return the number to ask for: of an array's last task, Slurm's stands for the whole array."""
    array, task = (flat.get(f"jobman.sql.slurm_array_{part}_id") for part in ("job", "task"))
    if key == "jobman.sql.slurm_job_id" and array is not None and task is not None:
        return f"{array}_{task}"
    return str(flat[key])


def _state(answer: str) -> str:
    """Return the state in the answer of squeue (a word) or qstat (``job_state = R``)."""
    for line in answer.splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == "job_state":
            return value.strip()
        if not equals and line.strip() and "Job Id" not in line:
            return line.strip()
    return ""
