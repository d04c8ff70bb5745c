"""The ids of the components that several modules use; an id that one alone uses stands there."""

__all__ = [
    "BEAT",
    "CONDITION",
    "DIRECTION",
    "GRID",
    "LIVE",
    "OPENED",
    "RESULT",
    "TICK",
    "URL",
    "VERSION",
    "WHERE",
]

URL = "url"
"""The address in the browser's bar: ``/job/12`` opens a job, ``/`` closes it."""

TICK = "tick"
"""The clock: a ``dcc.Interval``."""
VERSION = "version"
"""A store: the version of the table that the page shows; another one when a job has changed."""
BEAT = "beat"
"""A store: the number of the last tick at which the table could be read."""
LIVE = "live"
"""The state of the connection to the table, in the page's head."""

GRID = "grid"
"""The table of jobs."""
WHERE = "where"
"""The line above the table, for a condition."""
CONDITION = "condition"
"""A store: the condition that this line and the columns' filters make together; None: every job."""

RESULT = "result"
"""The choice of the result that counts."""
DIRECTION = "direction"
"""The choice whether its ``lowest`` or its ``highest`` value is the best."""

OPENED = "opened"
"""A store: the job that is open in the sheet, its tab, channel and version, whether it runs, and
whether it has just been opened; None: none is."""
