"""Experiments as YAML templates plus hyper-parameters, scheduled through a database.

Importing this package also makes ``import jobman`` and ``import pylearn2`` work (see
`pylearn2_jobman.naming.aliases`). It imports nothing heavy: what a name needs is imported when the
name is first used.
"""

from typing import TYPE_CHECKING, Any

from pylearn2_jobman.naming import aliases as _aliases
from pylearn2_jobman.version import __version__ as __version__

if TYPE_CHECKING:
    from pylearn2_jobman.experiment import results_extractor as results_extractor
    from pylearn2_jobman.experiment import train_experiment as train_experiment
    from pylearn2_jobman.jobman.state import DD as DD
    from pylearn2_jobman.jobman.state import expand as expand
    from pylearn2_jobman.jobman.state import flatten as flatten
    from pylearn2_jobman.jobman.table import JobTable as JobTable
    from pylearn2_jobman.jobman.table import open_table as open_table
    from pylearn2_jobman.rendering import render as render
    from pylearn2_jobman.rendering import ydict as ydict
    from pylearn2_jobman.reports import report as report

_HOMES = {
    "DD": "jobman.state",
    "JobTable": "jobman.table",
    "expand": "jobman.state",
    "flatten": "jobman.state",
    "open_table": "jobman.table",
    "render": "rendering",
    "report": "reports",
    "results_extractor": "experiment",
    "train_experiment": "experiment",
    "ydict": "rendering",
}

__all__ = sorted(["__version__", *_HOMES])

_aliases.install()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
