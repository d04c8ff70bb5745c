"""Where modules of this package were before: their old names still find them.

Programs, pickles, job tables and ``JOBMAN_ALLOW`` may hold these names. The two below
``pylearn2.scripts`` are pylearn2's own, for what is no part of the learning half here.
"""

__all__ = ["former_name", "has_modules", "present_module"]

from pylearn2_jobman.naming.theano_modules import THEANO_MODULES

_PRESENT = {
    "pylearn2_jobman.aliases": "pylearn2_jobman.naming.aliases",
    "pylearn2_jobman.jobman.answer": "pylearn2_jobman.jobman.query.result",
    "pylearn2_jobman.jobman.building": "pylearn2_jobman.jobman.parameters.building",
    "pylearn2_jobman.jobman.directories": "pylearn2_jobman.jobman.files.directories",
    "pylearn2_jobman.jobman.export": "pylearn2_jobman.jobman.query.export",
    "pylearn2_jobman.jobman.params": "pylearn2_jobman.jobman.parameters.parsers",
    "pylearn2_jobman.jobman.records": "pylearn2_jobman.jobman.files.records",
    "pylearn2_jobman.jobman.schedule": "pylearn2_jobman.jobman.table.schedule",
    "pylearn2_jobman.jobman.summary": "pylearn2_jobman.jobman.query.summary",
    "pylearn2_jobman.jobman.where": "pylearn2_jobman.jobman.query.where",
    "pylearn2_jobman.names": "pylearn2_jobman.naming.names",
    "pylearn2_jobman.pylearn2.scripts.jobman.experiment": "pylearn2_jobman.experiment",
    "pylearn2_jobman.pylearn2.scripts.train": "pylearn2_jobman.running.train_command",
    "pylearn2_jobman.results": "pylearn2_jobman.values",
    "pylearn2_jobman.template": "pylearn2_jobman.rendering.template",
    "pylearn2_jobman.vocabulary": "pylearn2_jobman.naming.vocabulary",
}


def present_module(name: str) -> str | None:
    """Return the present name of a module that has moved, or None."""
    return _PRESENT.get(name) or THEANO_MODULES.get(name)


def has_modules(name: str) -> bool:
    """Return whether modules that are elsewhere now are looked for below this name."""
    name = name.removeprefix("pylearn2_jobman.")
    below = f"pylearn2_jobman.{name}."
    return any(old.startswith(below) for old in (*_PRESENT, *THEANO_MODULES))


def former_name(name: str) -> str | None:
    """Return the name that something in a module had before the module moved, or None."""
    for old, new in _PRESENT.items():
        if name.startswith(f"{new}."):
            return old + name.removeprefix(new)
    return None
