"""Running one experiment, here and now, in the working directory: the innermost step of a job."""

__all__ = ["Outcome", "execute", "record", "recorded"]

import contextlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from os import getpid
from pathlib import Path
from time import monotonic, time  # now: an experiment may put something else in their place
from typing import Any

from pylearn2_jobman import reports
from pylearn2_jobman.errors import JobmanError, NotStorableError, TableError, UsageError
from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.jobman.bookkeeping import (
    END_TIME,
    ERROR,
    EXPERIMENT,
    RUN_TIME,
    START_TIME,
    STATUS,
    expand_running,
    flatten_running,
    merge,
)
from pylearn2_jobman.jobman.channel import Channel, NoWorker, WorkerLink
from pylearn2_jobman.jobman.endings import How
from pylearn2_jobman.jobman.parameters.conf import read_conf, write_conf
from pylearn2_jobman.jobman.state import DD, flatten
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.jobman.tracebacks import tail, user_traceback
from pylearn2_jobman.jobman.worker import provenance
from pylearn2_jobman.jobman.worker.descriptors import Words
from pylearn2_jobman.jobman.worker.logs import unconfigured_to_stdout
from pylearn2_jobman.model_file import making
from pylearn2_jobman.naming import names
from pylearn2_jobman.signals import undisturbed

# How an experiment ended, by the status that it returned or that current.conf has then.
_ENDS: dict[object, How] = {
    Status.START: How.INCOMPLETE,
    Status.DONE: How.COMPLETE,
    Status.CANCELED: How.CANCELLED,
    Status.ERR_START: How.NOT_BEGUN,
    Status.ERR_SYNC: How.NOT_STORED,
    Status.ERR_RUN: How.RAISED,
}


@dataclass(frozen=True)
class Outcome:
    """How an experiment ended.

    Attributes
    ----------
    how
        COMPLETE, INCOMPLETE, CANCELLED, RAISED, WRONG, or NOT_BEGUN: it could not be imported.
    state
        The flat state afterwards.
    error
        The error, for ``jobman.error``; None if there was none.
    """

    how: How
    state: dict[str, Any]
    error: str | None = None

    @property
    def status(self) -> Status:
        """The status that this leads to by itself."""
        return self.how.status


def execute(
    flat: Mapping[str, Any],
    workdir: Path,
    link: WorkerLink | None = None,
    *,
    finish_up_after_seconds: float | None = None,
    save_every_seconds: float | None = None,
    remote: str | None = None,
    table: str | None = None,
    free_slots: int = 1,
    conclude: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:
    """Run the experiment that ``jobman.experiment`` names and return how it ended.

    ``orig.conf`` in the working directory keeps the state of the first start, ``current.conf`` that
    of the last save; `record` writes the end there. What the experiment raises is printed to
    stderr, never raised; what cannot be printed or written does not change how it ended. Only in
    a process that the experiment has forked, and that comes back here too, does it go on upwards.

    Parameters
    ----------
    flat
        The job's flat state.
    workdir
        The working directory, which is the current one.
    link
        The worker.
    finish_up_after_seconds, save_every_seconds, remote, free_slots
        See `Channel`.
    table
        The address of the job's table.
    conclude
        Called with what is returned while none of the experiment's signal handlers can interfere.
    """
    began, began_on_clock = time(), monotonic()
    flat = {key: value for key, value in flat.items() if key != ERROR}
    flat |= {STATUS: int(Status.RUNNING), START_TIME: began}
    state = expand_running(flat)
    with contextlib.ExitStack() as stack:
        output, errors = (stack.enter_context(contextlib.closing(Words(n))) for n in (1, 2))
        stack.enter_context(unconfigured_to_stdout())
        stack.enter_context(making(job=remote and "/".join(remote.split("/")[-3:])))
        stack.enter_context(reports.reporting(workdir))
        if not (workdir / "orig.conf").exists():
            # For its reader alone: no job waits until the disk has it.
            errors.say(_written(workdir / "orig.conf", flat, flush=False))
        channel = Channel(
            state,
            _Recording(link or NoWorker(), workdir, flat, errors),
            finish_up_after_seconds=finish_up_after_seconds,
            save_every_seconds=save_every_seconds,
            workdir=workdir,
            remote=remote,
            open_table=None if table is None else partial(_open_table, table),
            free_slots=free_slots,
        )
        notes: dict[str, Any] = {}
        how, error = _call(flat.get(EXPERIMENT), state, channel, notes, stack, output, errors)
        reports.flush()
        after, problem = _storable(state)
        if problem is not None and error is None:
            how, error = How.WRONG, problem
        errors.say(error)
        run_time = monotonic() - began_on_clock  # whatever is done to the clock meanwhile
        notes |= {STATUS: int(how.status), END_TIME: time(), RUN_TIME: run_time}
        if error is not None:
            error = notes[ERROR] = tail(error)
        outcome = Outcome(how, merge(after, flat) | provenance.after_run() | notes, error)
        conclude(outcome)
    return outcome


def record(workdir: Path, flat: Mapping[str, Any]) -> str | None:
    """Write a state to ``current.conf``; return the problem if that could not be done."""
    try:
        workdir.mkdir(parents=True, exist_ok=True)  # an experiment may have deleted it
    except OSError as error:
        return f"the working directory {workdir} cannot be made: {error}"
    return _written(workdir / "current.conf", flat)


def recorded(workdir: Path, began_before: object) -> Outcome | None:
    """Return how an experiment ended by ``current.conf``, if it has ended.

    Parameters
    ----------
    workdir
        The working directory.
    began_before
        When the attempt before began, which may have left its ``current.conf``.
    """
    with contextlib.suppress(UsageError):
        flat = read_conf(workdir / "current.conf")
        how = _ENDS.get(flat.get(STATUS))
        if how is not None and flat.get(START_TIME) != began_before:
            return Outcome(how, flat, flat.get(ERROR))
    return None


def _open_table(address: str) -> Any:
    from pylearn2_jobman.jobman.table import open_table  # which few experiments need

    return open_table(address, create=False)


class _Recording:
    """The worker, with every state that is saved written to the working directory first."""

    def __init__(
        self, link: WorkerLink, workdir: Path, flat: Mapping[str, Any], errors: Words
    ) -> None:
        self.report, self.request = link.report, link.request
        self._save = link.save
        self._workdir = workdir
        self._flat = flat
        self._errors = errors

    def save(self, flat: dict[str, Any]) -> None:
        flat = merge(flat, self._flat)
        self._errors.say(record(self._workdir, flat))
        self._save(flat)


def _call(
    experiment: object,
    state: DD,
    channel: Channel,
    notes: dict[str, Any],
    stack: contextlib.ExitStack,
    output: Words,
    errors: Words,
) -> tuple[How, str | None]:
    """Import and call the experiment; return how it ended and what went wrong.

    From its end until the stack is closed, its signal handlers are put aside.
    """
    if experiment is None:
        return How.NOT_BEGUN, f"the job has no {EXPERIMENT}: there is nothing to run"
    process = getpid()
    try:
        function = names.resolve(str(experiment), Use.RUN)
    except JobmanError as error:
        return How.NOT_BEGUN, str(error)
    except BaseException as error:
        if getpid() != process:
            raise _end_of_fork(error) from None
        return How.NOT_BEGUN, user_traceback(error)
    notes |= provenance.before_run(function)
    try:
        try:
            returned = function(state, channel)
        finally:
            stack.enter_context(undisturbed())
    except BaseException as error:
        if getpid() != process:
            raise _end_of_fork(error) from None
        return _raised(error)
    if getpid() != process:
        sys.exit()
    shown = _shown(returned)
    output.say(f"The experiment returned value is {shown}")
    if returned is channel.COMPLETE:
        with contextlib.suppress(OSError):
            channel.forget_checkpoint()
        return How.COMPLETE, None
    if returned is channel.INCOMPLETE:
        return How.INCOMPLETE, None
    how = _ENDS.get(returned) if isinstance(returned, Status) else None
    if how is None:
        return How.WRONG, (
            f"the experiment returned {shown}: it has to return channel.COMPLETE (None), "
            "channel.INCOMPLETE (True) or a status such as channel.ERR_RUN; results belong into "
            "the state"
        )
    failed = how.status in FAILED
    return how, f"the experiment returned channel.{returned.name}" if failed else None


def _end_of_fork(error: BaseException) -> BaseException:
    """Return what ends a process that the experiment has forked; an error is shown, as its own."""
    if not isinstance(error, Exception):
        return error
    sys.excepthook(type(error), error, error.__traceback__)
    return SystemExit(1)


def _raised(error: BaseException) -> tuple[How, str]:
    """Return how an experiment ended that raised an error, and the error for its reader."""
    if sys.excepthook is not sys.__excepthook__:  # as a script's error would be shown
        with contextlib.suppress(BaseException):
            sys.excepthook(type(error), error, error.__traceback__)
    text = user_traceback(error)
    if isinstance(error, SystemExit):
        text += "\n(the experiment called sys.exit)"
    # A signal to all processes of a worker that is stopping interrupts the experiment too.
    if isinstance(error, KeyboardInterrupt):
        return How.DIED, text
    return How.WRONG if _stays(error) else How.RAISED, text


def _stays(error: BaseException) -> bool:
    """Return whether an error does not pass by waiting: one in the YAML, in a name, in a value."""
    ours = isinstance(error, JobmanError) and not isinstance(error, TableError)
    return ours or isinstance(error, ImportError | NameError | SyntaxError)


def _shown(returned: object) -> str:
    try:
        return repr(returned)
    except BaseException:  # sys.exit() in there, too, comes too late
        return f"a {type(returned).__qualname__}"


def _storable(state: DD) -> tuple[dict[str, Any], str | None]:
    """Return the flat state without what cannot be stored, and the problem if there was one."""
    try:
        return flatten_running(state), None
    except (NotStorableError, UsageError) as error:
        problem = str(error)
    except BaseException as error:  # the experiment's own objects raised it
        problem = f"the state cannot be stored: {user_traceback(error)}"
    kept: dict[str, Any] = {}

    def keep(prefix: str, node: Mapping[Any, Any], above: tuple[int, ...] = ()) -> None:
        above = (*above, id(node))
        for key, value in list(node.items()):
            try:
                part = flatten({f"{prefix}{key}": value})
            except BaseException:
                if isinstance(value, Mapping) and id(value) not in above:
                    keep(f"{prefix}{key}.", value, above)
            else:
                kept.update({k: v for k, v in part.items() if k not in kept})

    keep("", state)
    return kept, problem


def _written(path: Path, flat: Mapping[str, Any], *, flush: bool = True) -> str | None:
    """Write a state to a file; return the problem if that could not be done."""
    try:
        write_conf(path, flat, flush=flush)
    except (OSError, ValueError) as error:
        return f"{path} could not be written: {error}"
    return None
