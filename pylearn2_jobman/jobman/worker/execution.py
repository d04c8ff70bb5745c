"""Running one experiment, here and now, in the working directory: the innermost step of a job."""

__all__ = ["Outcome", "execute"]

import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import JobmanError, NotStorableError, UsageError
from pylearn2_jobman.jobman.channel import Channel
from pylearn2_jobman.jobman.parameters.conf import write_conf
from pylearn2_jobman.jobman.state import DD, expand, flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.tracebacks import tail, user_traceback
from pylearn2_jobman.jobman.worker import provenance
from pylearn2_jobman.naming import names


@dataclass(frozen=True)
class Outcome:
    """How an experiment ended.

    Attributes
    ----------
    status
        DONE, ERR_START (it could not be imported), ERR_RUN, or START: it returned INCOMPLETE.
    state
        The flat state afterwards.
    error
        The error, for ``jobman.error``; None if there was none.
    """

    status: Status
    state: dict[str, Any]
    error: str | None = None


def execute(
    flat: Mapping[str, Any],
    workdir: Path,
    *,
    store: Callable[[dict[str, Any]], None] = lambda flat: None,
    request: Callable[[], str | None] = lambda: None,
    message: Callable[[str], None] = lambda text: None,
    finish_up_after_seconds: float | None = None,
    save_every_seconds: float | None = None,
) -> Outcome:
    """Run the experiment that ``jobman.experiment`` names and return how it ended.

    ``orig.conf`` in the working directory keeps the state of the first start, ``current.conf`` the
    present one. An exception of the experiment is printed to stderr, never raised.

    Parameters
    ----------
    flat
        The job's flat state.
    workdir
        The working directory, which is the current one.
    store
        Called with the flat state by ``channel.save()``, after ``current.conf`` is written.
    request, message, finish_up_after_seconds, save_every_seconds
        See `Channel`.
    """
    state: DD = expand(flat)
    jobman: DD = state.setdefault("jobman", DD())
    jobman.pop("error", None)
    jobman.status = int(Status.RUNNING)
    jobman.start_time = time.time()
    # What the experiment logs is part of what it prints; one that configures logging is left alone.
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
    if not (workdir / "orig.conf").exists():
        write_conf(workdir / "orig.conf", flatten(state))

    def save(flat: dict[str, Any]) -> None:
        _write_current(workdir, flat)
        store(flat)

    channel = Channel(
        state,
        save=save,
        request=request,
        message=message,
        finish_up_after_seconds=finish_up_after_seconds,
        save_every_seconds=save_every_seconds,
    )
    notes: dict[str, Any] = {}
    status, error = _call(jobman.experiment, state, channel, notes)
    after, problem = _storable(state)
    after |= notes
    after |= provenance.after_run()
    if problem is not None and error is None:
        status, error = Status.ERR_RUN, problem
    if error is not None:
        print(error, file=sys.stderr)
        after["jobman.error"] = tail(error)
    end_time = time.time()
    after["jobman.status"] = int(status)
    after["jobman.end_time"] = end_time
    after["jobman.run_time"] = end_time - jobman.start_time
    _write_current(workdir, after)
    return Outcome(status, after, after.get("jobman.error"))


def _call(
    experiment: str, state: DD, channel: Channel, notes: dict[str, Any]
) -> tuple[Status, str | None]:
    """Import and call the experiment; return the status it leads to and the error."""
    try:
        function = names.resolve(experiment)
    except JobmanError as error:
        return Status.ERR_START, str(error)
    except BaseException as error:
        return Status.ERR_START, user_traceback(error)
    notes |= provenance.before_run(function)
    try:
        returned = function(state, channel)
    except SystemExit as error:
        return Status.ERR_RUN, f"{user_traceback(error)}\n(the experiment called sys.exit)"
    except BaseException as error:
        return Status.ERR_RUN, user_traceback(error)
    print(f"The experiment returned value is {returned}")
    if returned is channel.INCOMPLETE:
        return Status.START, None
    if returned is not channel.COMPLETE:
        print(
            "an experiment returns channel.COMPLETE or channel.INCOMPLETE; "
            f"{returned!r} is taken as COMPLETE (results belong into the state)",
            file=sys.stderr,
        )
    return Status.DONE, None


def _storable(state: DD) -> tuple[dict[str, Any], str | None]:
    """Return the flat state without what cannot be stored, and the problem if there was one."""
    try:
        return flatten(state), None
    except (NotStorableError, UsageError) as error:
        problem = str(error)
    kept: dict[str, Any] = {}

    def keep(prefix: str, node: Mapping[Any, Any]) -> None:
        for key, value in node.items():
            try:
                part = flatten({f"{prefix}{key}": value})
            except (NotStorableError, UsageError):
                if isinstance(value, Mapping):
                    keep(f"{prefix}{key}.", value)
            else:
                kept.update({k: v for k, v in part.items() if k not in kept})

    keep("", state)
    return kept, problem


def _write_current(workdir: Path, flat: Mapping[str, Any]) -> None:
    workdir.mkdir(parents=True, exist_ok=True)  # an experiment may have deleted it
    write_conf(workdir / "current.conf", flat)
