"""The errors that the package raises on purpose, one tree under one root.

::

    JobmanError
    ├── UsageError                (ValueError)        a wrong command line, parameter or address
    │   └── UnknownKeyError                           a key that no job of a table has
    ├── NameResolutionError       (ImportError)       a dotted name that leads nowhere
    │   └── NameNotAllowedError                       a name outside JOBMAN_ALLOW
    ├── PathNotAllowedError       (PermissionError)   a path where a job may not read or write
    ├── TemplateError             (ValueError)        a yaml_template that cannot be rendered
    ├── ConfigError               (ValueError)        YAML text that cannot be loaded
    ├── CheckpointError           (ValueError)        a checkpoint that cannot be gone on from
    ├── MissingKeyError           (KeyError, AttributeError)  a state has no such key
    ├── NotStorableError          (TypeError)         a value that no database column can hold
    ├── PermanentFileError        (OSError)           files that can never be copied as they are
    ├── WorkerDiskError           (OSError)           no working directory can be made
    └── TableError
        ├── TableUnreachableError (ConnectionError)   the database does not answer
        ├── ClaimLostError                            another worker holds the job now
        ├── JobClaimedError                           a worker runs the job that is to be changed
        ├── UnknownJobError       (KeyError)          no job has this id
        └── UnreadableJobError    (ValueError)        a job holds what cannot be read back

What each means and what to do is in ``docs/reference/errors.rst``.

The user's own exceptions are never wrapped: they stay on top, and what we know about where they
came from is added to them with ``add_note``.
"""

__all__ = [
    "CheckpointError",
    "ClaimLostError",
    "ConfigError",
    "JobClaimedError",
    "JobmanError",
    "MissingKeyError",
    "NameNotAllowedError",
    "NameResolutionError",
    "NotCheckedWarning",
    "NotComputedWarning",
    "NotStorableError",
    "OldNameWarning",
    "PathNotAllowedError",
    "PermanentFileError",
    "Python2Warning",
    "RenderWarning",
    "TableError",
    "TableUnreachableError",
    "TemplateError",
    "UnknownJobError",
    "UnknownKeyError",
    "UnreadableJobError",
    "UnusedKeyWarning",
    "UsageError",
    "WorkerDiskError",
    "suggest",
]

import difflib
from collections.abc import Iterable


class JobmanError(Exception):
    """Something went wrong in pylearn2_jobman."""

    def __init__(self, message: str | None = None) -> None:
        # A leaf's docstring is its default message.
        super().__init__(message if message is not None else type(self).__doc__)

    def __str__(self) -> str:
        return str(self.args[0])


class UsageError(JobmanError, ValueError):
    """The command line, a parameter or an address is not understood."""


class UnknownKeyError(UsageError):
    """No job of the table has this key."""

    def __init__(self, message: str | None = None, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class NameResolutionError(JobmanError, ImportError):
    """A dotted name leads to nothing that can be imported."""


class NameNotAllowedError(NameResolutionError):
    """A name is outside what JOBMAN_ALLOW permits."""


class PathNotAllowedError(JobmanError, PermissionError):
    """A job may not read or write there where JOBMAN_ALLOW is set."""


class TemplateError(JobmanError, ValueError):
    """The YAML template cannot be rendered with these hyper-parameters."""


class ConfigError(JobmanError, ValueError):
    """The YAML text cannot be turned into objects."""


class CheckpointError(JobmanError, ValueError):
    """Training cannot be gone on with from its checkpoint."""


class MissingKeyError(JobmanError, KeyError, AttributeError):
    """A state has no such key."""


class NotStorableError(JobmanError, TypeError):
    """A value cannot be held by a database."""


class PermanentFileError(JobmanError, OSError):
    """Files cannot be copied, and trying again will not help."""


class WorkerDiskError(JobmanError, OSError):
    """No working directory can be made, so that no job can be run here."""


class TableError(JobmanError):
    """The job table refused an operation."""


class TableUnreachableError(TableError, ConnectionError):
    """The database of the job table does not answer."""


class ClaimLostError(TableError):
    """The job is no longer claimed by this worker."""


class JobClaimedError(TableError):
    """The job is run by a worker: only this worker changes its keys."""


class UnknownJobError(TableError, KeyError):
    """There is no job with this id in the table."""


class UnreadableJobError(TableError, ValueError):
    """A job in the table holds something that cannot be read back."""


class NotCheckedWarning(UserWarning):
    """Part of a job could not be checked where it was scheduled."""


class NotComputedWarning(UserWarning):
    """A value looks like a computation, which ``key=value`` does not do and ``key:=value`` does."""


class OldNameWarning(UserWarning):
    """A name from pylearn2's history was used; the message says what it is called now."""


class Python2Warning(UserWarning):
    """A source of Python 2 was imported; the message names it."""


class RenderWarning(UserWarning):
    """A template was rendered, but perhaps not as its author meant."""


class UnusedKeyWarning(RenderWarning):
    """A job has a hyper-parameter, or another key, that its experiment does not use."""


def suggest(name: str, choices: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest of ``choices``, or an empty string."""
    near = difflib.get_close_matches(name, list(choices), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
