"""The vocabulary of the learning half: what YAML files may name, with its arguments."""

__all__ = ["Entry", "entries", "nearest", "text"]

import difflib
import heapq
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pylearn2_jobman.naming import renames
from pylearn2_jobman.naming.signatures import shown, signature

_PACKAGE = "pylearn2_jobman.pylearn2"
# Modules that no YAML file names: how the others are made, and what runs YAML files.
_INSIDE = (
    "backend",
    "channels",
    "compat",
    "config",
    "datasets.batches",
    "datasets.cache",
    "datasets.control",
    "datasets.dataset",
    "datasets.image_preprocessing",
    "datasets.labelled_images",
    "datasets.preprocessor",
    "datasets.view_converter",
    "expr",
    "gui",
    "models.deep_autoencoder",
    "models.encoders",
    "models.gibbs",
    "models.layers",
    "models.prediction",
    "models.weights_view",
    "models.model",
    "monitor",
    "monitored_dataset",
    "optimization",
    "records",
    "scripts",
    "training_algorithms.averaging",
    "training_algorithms.gradient",
    "training_algorithms.schedules",
    "training_algorithms.training_algorithm",
    "utils",
)


@dataclass(frozen=True)
class Entry:
    """A class or function that YAML files may name.

    Attributes
    ----------
    module, name
        Where it is, such as ``'pylearn2.models.mlp'``, and what it is called there.
    arguments
        What it takes, as Python writes it.
    summary
        The first line of its documentation.
    """

    module: str
    name: str
    arguments: str
    summary: str

    @property
    def path(self) -> str:
        """The name as YAML files have it."""
        return f"{self.module}.{self.name}"


def entries(pattern: str = "") -> list[Entry]:
    """Return the vocabulary by module and name; this imports all of the learning half.

    Parameters
    ----------
    pattern
        A part of the names to return, in any case.
    """
    found = []
    for module in _modules():
        public = module.__name__.removeprefix("pylearn2_jobman.")
        for name in sorted(getattr(module, "__all__", ())):
            made = getattr(module, name)
            entry = Entry(public, name, _arguments(made), _summary(made))
            if callable(made) and not renames.new_home(entry.path):
                found.append(entry)
    return [entry for entry in found if pattern.lower() in entry.path.lower()]


def text(pattern: str = "") -> str:
    """Return the vocabulary for a person to read; see `entries`."""
    lines = []
    for module, group in groupby(entries(pattern), key=lambda entry: entry.module):
        lines.append(f"{module}\n")
        lines += [f"  {e.name}({e.arguments})\n      {e.summary}\n" for e in group]
    return "".join(lines)


def nearest(path: str, number: int = 3) -> list[str]:
    """Return the names of the vocabulary that are most like one that is not in it."""
    module, _, name = path.lower().rpartition(".")

    def likeness(entry: Entry) -> float:
        # The class's own name counts most: modules are all much alike.
        return 2 * _ratio(entry.name.lower(), name) + _ratio(entry.module, module)

    return [entry.path for entry in heapq.nlargest(number, entries(), key=likeness)]


def _ratio(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a, b).ratio()


def _modules() -> Iterator[Any]:
    package = importlib.import_module(_PACKAGE)
    for info in pkgutil.walk_packages(package.__path__, f"{_PACKAGE}."):
        inner = info.name.removeprefix(f"{_PACKAGE}.")
        if not any(inner == skip or inner.startswith(f"{skip}.") for skip in _INSIDE):
            yield importlib.import_module(info.name)


def _arguments(made: Any) -> str:
    taken = signature(made)
    return "..." if taken is None else ", ".join(map(shown, taken.parameters.values()))


def _summary(made: Any) -> str:
    return (inspect.getdoc(made) or "").partition("\n")[0]
