"""`Channel`: what an experiment talks to while it runs, and the worker at its other end."""

__all__ = ["Channel", "EmptyChannel", "NoWorker", "WorkerLink"]

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from pylearn2_jobman import reports
from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.bookkeeping import flatten_running
from pylearn2_jobman.jobman.status import Status


class WorkerLink(Protocol):
    """The worker, as an experiment's channel sees it."""

    def save(self, flat: dict[str, Any]) -> None:
        """Store a flat state and the files of the working directory."""

    def report(self, text: str) -> None:
        """Show how far the experiment is."""

    def request(self) -> str | None:
        """Return ``'stop'`` once the experiment has to stop, ``'finish-up'`` once enough is known.

        Otherwise None.
        """


class NoWorker:
    """The link of an experiment that no worker looks after."""

    def save(self, flat: dict[str, Any]) -> None:
        """Do nothing."""

    def report(self, text: str) -> None:
        """Do nothing."""

    def request(self) -> str | None:
        """Return None: nobody asks for anything."""
        return None


class Channel:
    """The second argument of an experiment: ``def experiment(state, channel)``.

    An experiment that can be stopped asks ``channel.switch()`` now and then::

        def experiment(state, channel):
            while state.step < state.n_steps:
                advance(state)
                if channel.switch() in ("stop", "finish-up"):
                    channel.save()
                    return channel.INCOMPLETE
            return channel.COMPLETE

    One whose work is not in its state gives `checkpoint` what it needs to go on, and has that back
    from `restored`.

    Returning a status, ``channel.ERR_RUN`` or ``channel.CANCELED``, gives the job that status.

    Parameters
    ----------
    state
        The job's state, the same object that the experiment gets.
    link
        The worker.
    finish_up_after_seconds
        When, from now, `switch` begins to answer ``'finish-up'``.
    save_every_seconds
        How often `switch` answers ``'save'``.
    workdir
        The working directory.
    remote
        Where the job's files are kept: a directory, or ``ssh://host:directory``.
    open_table
        Opens the job's table.
    free_slots
        See below.

    Attributes
    ----------
    path
        The working directory; not there without one.
    remote_path, host
        The directory where the job's files are kept, and the machine that has it (empty: this one);
        not there when no worker looks after the experiment.
    free_slots
        How many of the worker's concurrent jobs have nothing else to do, this one included.
    pruned
        Whether `switch` answers ``'finish-up'`` because the worker has seen enough: what the
        experiment has by now is its result.
    """

    path: str
    remote_path: str
    host: str
    free_slots: int = 1
    pruned: bool = False

    COMPLETE = None
    INCOMPLETE = True

    START = Status.START
    RUNNING = Status.RUNNING
    DONE = Status.DONE
    ERR_START = Status.ERR_START
    ERR_SYNC = Status.ERR_SYNC
    ERR_RUN = Status.ERR_RUN
    CANCELED = Status.CANCELED

    def __init__(
        self,
        state: Mapping[str, Any],
        link: WorkerLink | None = None,
        *,
        finish_up_after_seconds: float | None = None,
        save_every_seconds: float | None = None,
        workdir: Path | None = None,
        remote: str | None = None,
        open_table: Callable[[], Any] | None = None,
        free_slots: int = 1,
    ) -> None:
        self.state = state
        if workdir is not None:
            self.path = str(workdir.resolve())
        if remote is not None:
            address = remote.removeprefix("ssh://")
            self.host, self.remote_path = (
                ("", remote) if address == remote else address.split(":", 1)
            )
        self._link = link or NoWorker()
        self._open_table = open_table
        self.free_slots = free_slots
        job = state.get("jobman")
        self._experiment = str(job.get("experiment", "")) if isinstance(job, Mapping) else ""
        self._file: Any = None
        now = time.monotonic()
        self._finish_up_at = (
            None if finish_up_after_seconds is None else now + finish_up_after_seconds
        )
        self._save_every_seconds = save_every_seconds
        self._saved_at = now

    def switch(self, message: str | None = None) -> str | None:
        """Return what the experiment should do now.

        Parameters
        ----------
        message
            A word on how far the experiment is; the worker's display shows it.

        Returns
        -------
        str or None
            ``'stop'``: save what is needed to go on later, and return `INCOMPLETE`.
            ``'finish-up'``: there is little time left; come to an end, or do as for ``'stop'``.
            ``'save'``: a good moment for `save`.
            None: go on.
        """
        reports.flush()
        if message is not None:
            self._link.report(str(message))
        request = self._link.request()
        if request is not None:
            self.pruned = self.pruned or request == "finish-up"
            return request
        now = time.monotonic()
        if self._finish_up_at is not None and now >= self._finish_up_at:
            return "finish-up"
        if (
            self._save_every_seconds is not None
            and now >= self._saved_at + self._save_every_seconds
        ):
            self._saved_at = now
            return "save"
        return None

    def table(self) -> Any:
        """Open the table that the job is in: for a search's own job, which proposes others.

        Raises
        ------
        UsageError
            If this is no such job.
        TableUnreachableError
            If the database does not answer.
        """
        if self._open_table is None:
            raise UsageError("only a search's own job, run by a worker, gets at its table")
        return self._open_table()

    def report(self, /, **values: Any) -> None:
        """Record how far the experiment is: see `pylearn2_jobman.report`, which does the same."""
        reports.report(**values)

    def checkpoint(self, state: Mapping[str, Any]) -> None:
        """Keep what is needed to go on from here, and `save`.

        The file is whole or the one before stays, and the next attempt finds it on any machine. It
        is removed when the experiment returns `COMPLETE`.

        Parameters
        ----------
        state
            Numbers, strings, bytes, tensors, arrays, random generators; lists, tuples and
            dictionaries of such, as ``state_dict()`` returns them. Anything else: what
            ``pickle.dumps`` makes of it.

        Raises
        ------
        CheckpointError
            If there is anything else in it, naming where.
        UsageError
            If PyTorch, which writes the file, is not installed.
        """
        self._checkpoints().save(state, {})
        self.save()

    def restored(self) -> Any:
        """Return what `checkpoint` was given last, in this attempt or one before; None if nothing.

        Raises
        ------
        CheckpointError
            If it is damaged, and so is the one before; or it is another experiment's.
        """
        found = self._checkpoints().load()
        if found is not None:
            reports.go_on()
        return found

    def _checkpoints(self) -> Any:
        if self._file is None:
            from importlib import import_module, util

            if util.find_spec("torch") is None:
                raise UsageError(
                    "checkpoints are written by PyTorch: pip install 'pylearn2_jobman[torch]'"
                )
            # By its name: it belongs to the learning half, which this one does not know.
            room = import_module("pylearn2_jobman.running.checkpoint")
            self._file = room.CheckpointFile(
                Path(getattr(self, "path", ".")),
                self._experiment,
                what="experiment",
                same_versions=False,
                not_before=float(os.environ.get("JOBMAN_RESTART", 0)),
                how_to_restart="begin anew with --restart",
            )
        return self._file

    def forget_checkpoint(self) -> None:
        """Remove what `checkpoint` has kept: there is nothing left to go on with."""
        if self._file is not None:
            self._file.remove()

    def save(self) -> None:
        """Store the state and the files of the working directory, as they are now.

        Raises
        ------
        NotStorableError
            If the state holds a value that no database can hold.
        """
        reports.flush()
        self._link.save(flatten_running(self.state))
        self._saved_at = time.monotonic()

    def save_and_switch(self) -> str | None:
        """`save`, then return what `switch` answers."""
        self.save()
        return self.switch()

    def __call__(self, message: str | None = None) -> str | None:
        """Do as `switch`; experiments written for LISA's jobman call the channel itself too."""
        return self.switch(message)


class EmptyChannel(Channel):
    """A channel without a job: ``experiment(state, EmptyChannel())`` tries an experiment."""

    def __init__(self) -> None:
        super().__init__({})
