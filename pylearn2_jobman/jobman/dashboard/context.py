"""What the parts of the page share: the table, the options, and which keys the jobs have."""

__all__ = ["PAUSED", "PageContext", "Settings"]

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from dash import Output

from pylearn2_jobman.jobman.dashboard import ids
from pylearn2_jobman.jobman.dashboard.profile import Profile
from pylearn2_jobman.jobman.query.keys import ID
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable

# A callback that waits for the clock stops it meanwhile: of two calls under way Dash forgets the
# first, and if a call takes longer than the clock, none would ever be answered.
PAUSED = [(Output(ids.TICK, "disabled"), True, False)]

_PROFILE_SECONDS = 20.0
_PROFILE_JOBS = 500


@dataclass(frozen=True)
class Settings:
    """The options of ``jobman dashboard``.

    Attributes
    ----------
    exproot
        Where the workers store the jobs' files, a directory or ``ssh://host:path``; None: unknown.
    host, token
        See `pylearn2_jobman.jobman.dashboard.security.Access`.
    allow_actions
        Whether the page may change jobs.
    refresh_seconds
        How often the page asks for changes.
    """

    exproot: Path | str | None = None
    host: str = "127.0.0.1"
    token: str | None = None
    allow_actions: bool = False
    refresh_seconds: float = 2.0


@dataclass
class PageContext:
    """One table and its page's options, for the functions that make a part of the page."""

    table: JobTable
    settings: Settings
    _profile: Profile | None = None
    _profiled_at: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def profile(self) -> Profile:
        """Return which keys jobs have, as it was at most some seconds ago."""
        with self._turn:
            if self._profile is None or time.monotonic() > self._profiled_at + _PROFILE_SECONDS:
                # The latest jobs are like those to come; those that are done have results.
                latest, done = (
                    self.table.columns(
                        status=status, order_by=ID, descending=True, limit=_PROFILE_JOBS
                    )
                    for status in (None, Status.DONE)
                )
                self._profile = Profile.of(self.table.keys(), latest, done)
                self._profiled_at = time.monotonic()
            return self._profile
