"""Make ``import jobman``, ``import pylearn2`` and ``import theano`` find what stands for them here.

`install` puts one finder at the front of ``sys.meta_path``. ``pylearn2.models.mlp`` is then the
very module ``pylearn2_jobman.pylearn2.models.mlp``, not a copy, so that classes and pickles agree.
A real pylearn2 or Theano that can be imported wins, but for `backend`'s choice. The package index
carries another program called ``jobman``; ours is served all the same, with a warning that says so.
"""

__all__ = ["install", "install_pth", "remove_pth"]

import importlib
import importlib.abc
import importlib.util
import logging
import site
import sys
import sysconfig
import warnings
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from pylearn2_jobman.errors import NameResolutionError
from pylearn2_jobman.naming import backend, former, renames
from pylearn2_jobman.python2 import importer

log = logging.getLogger(__name__)

_ALIASES = {
    "jobman": "pylearn2_jobman.jobman",
    "pylearn2": "pylearn2_jobman.pylearn2",
    "theano": "pylearn2_jobman.theano",
}
# Packages of which a real one is taken, and what that has to be able to import.
_PROBES = {"pylearn2": "pylearn2.config.yaml_parse", "theano": "theano.tensor"}
# What runs jobs: ours also where the rest of pylearn2 is the real one.
_ALWAYS_OURS = "pylearn2.scripts.jobman"

_PTH_NAME = "pylearn2_jobman_aliases.pth"
# One line, run by every start of this Python; silent when the package has been removed.
_PTH_LINE = (
    "import importlib.util; importlib.util.find_spec('pylearn2_jobman') "
    "and __import__('pylearn2_jobman')\n"
)


def install() -> None:
    """Make the aliases importable in this process; doing it twice changes nothing."""
    if not any(isinstance(finder, _AliasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AliasFinder())
    importer.install()


def install_pth() -> str:
    """Make the aliases importable in every program of this Python environment.

    Returns
    -------
    str
        What was done, for a person to read.
    """
    path = _site_directory() / _PTH_NAME
    path.write_text(_PTH_LINE)
    return (
        f"`import jobman`, `import pylearn2` and `import theano` now work in every program of this "
        f"environment:\n"
        f"wrote the line\n    {_PTH_LINE.strip()}\nto {path}\n"
        f"`jobman aliases --remove` takes it away again."
    )


def remove_pth() -> str:
    """Undo `install_pth` and return what was done."""
    paths = [directory / _PTH_NAME for directory in _site_directories()]
    removed = [path for path in paths if path.exists()]
    for path in removed:
        path.unlink()
    if removed:
        return "\n".join(f"removed {path}" for path in removed)
    return "the aliases were not installed for this environment: nothing to remove"


def _site_directories() -> list[Path]:
    return [Path(sysconfig.get_path("purelib")), Path(site.getusersitepackages())]


def _site_directory() -> Path:
    """Return the first place for ``.pth`` files that this user may write to."""
    for directory in _site_directories():
        try:
            directory.mkdir(parents=True, exist_ok=True)
            probe = directory / f"{_PTH_NAME}.probe"
            probe.touch()
            probe.unlink()
        except OSError:
            continue
        return directory
    raise PermissionError(
        f"none of {', '.join(map(str, _site_directories()))} can be written to: "
        "use a virtual environment, or `python -m pylearn2_jobman script.py`"
    )


class _AliasFinder(importlib.abc.MetaPathFinder):
    """Finds the halves under their old names, and modules that only moved names are left of."""

    def __init__(self) -> None:
        self._with_moves = renames.modules_with_moves()
        self._judged: set[str] = set()  # packages that are tried just now

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top, _, rest = fullname.partition(".")
        if top == "pylearn2_jobman":
            if (moved := former.present_module(fullname)) is not None:
                return _spec(
                    fullname,
                    lambda: importlib.import_module(moved),
                    is_package=former.has_modules(fullname),
                )
            # `from pylearn2 import autoencoder` asks for it below the package's own name.
            if rest not in self._with_moves or PathFinder.find_spec(fullname, path):
                return None
            return _spec(fullname, lambda: importlib.import_module(rest), is_package=True)
        always_ours = fullname.startswith(_ALWAYS_OURS)
        if top not in _ALIASES or (top in self._judged and not always_ours):
            return None
        if fullname == top:
            real = self._real_package(top)
            if real is not None:
                return _spec(fullname, lambda: real, is_package=True)
        elif top in _PROBES and not always_ours and not _is_ours(sys.modules.get(top)):
            return None  # the real one was imported: its own finder knows its modules
        actual = _ALIASES[top] + fullname.removeprefix(top)
        actual = former.present_module(actual) or actual
        try:
            found = importlib.util.find_spec(actual)
        except ModuleNotFoundError:
            found = None
        if found is not None and not isinstance(found.loader, _AliasLoader):
            return _spec(
                fullname,
                lambda: importlib.import_module(actual),
                is_package=found.submodule_search_locations is not None
                or former.has_modules(fullname),
            )
        if fullname in self._with_moves:
            return _spec(
                fullname, lambda: ModuleType(fullname, "Names that moved."), is_package=True
            )
        return None

    def _real_package(self, top: str) -> ModuleType | None:
        """Return the real package if it is wanted and can be imported; warn of what is in its way.

        Raises
        ------
        ImportError
            If ``PYLEARN2_BACKEND`` wants the real pylearn2, and it cannot be had.
        """
        choice = backend.wanted() if top == "pylearn2" else None
        if choice == backend.TORCH:
            return None
        spec = self._foreign_spec(top)
        if spec is None or spec.loader is None or spec.origin is None:  # a bare directory
            if choice == backend.THEANO:
                raise ImportError(
                    "PYLEARN2_BACKEND is theano, and no checkout of the real pylearn2 is in "
                    f"PYTHONPATH; {backend.HOW_TO_CHECK_OUT}",
                    name=top,
                )
            return None
        if top == "jobman":
            warnings.warn(
                f"another package named 'jobman' is installed ({spec.origin}); "
                "here `import jobman` gives the job scheduler of pylearn2_jobman",
                stacklevel=2,
            )
            return None
        module = importlib.util.module_from_spec(spec)
        before = set(sys.modules)
        sys.modules[top] = module
        self._judged.add(top)
        try:
            spec.loader.exec_module(module)
            importlib.import_module(_PROBES[top])
        except Exception as error:
            # Typically a Python 2 checkout on PYTHONPATH, or one without Theano.
            for name in set(sys.modules) - before:
                if name == top or name.startswith(f"{top}."):
                    del sys.modules[name]
            if choice == backend.THEANO:
                error.add_note(
                    f"PYLEARN2_BACKEND is theano: the pylearn2 in {spec.origin} is wanted"
                )
                raise
            warnings.warn(
                f"the {top} in {spec.origin} cannot be imported ({type(error).__name__}: "
                f"{error}), so `import {top}` gives the one of pylearn2_jobman",
                stacklevel=2,
            )
            return None
        finally:
            self._judged.discard(top)
            # What stands there now would be taken for the module that is asked for, and its own
            # loader, which would run it again, for ours.
            sys.modules.pop(top, None)
        if top == "pylearn2":
            log.info("`import pylearn2` gives the real one, in %s", Path(spec.origin).parent)
        return module

    def _foreign_spec(self, top: str) -> ModuleSpec | None:
        for finder in sys.meta_path:
            if finder is not self and (find := getattr(finder, "find_spec", None)):
                spec: ModuleSpec | None = find(top, None)
                if spec is not None:
                    return spec
        return None


class _AliasLoader(importlib.abc.Loader):
    """Gives an existing module under another name, leaving the module itself as it is."""

    def __init__(self, fullname: str, get_module: Callable[[], ModuleType]) -> None:
        self._fullname = fullname
        self._get_module = get_module
        self._own_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = self._get_module()
        self._own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just put the alias's spec in place of the module's own.
        if self._own_spec is not None:
            module.__spec__ = self._own_spec
        if self._fullname in renames.modules_with_moves() and not hasattr(module, "__getattr__"):
            module.__getattr__ = _moved_attribute(self._fullname)  # type: ignore[method-assign]


def _spec(fullname: str, get_module: Callable[[], ModuleType], *, is_package: bool) -> ModuleSpec:
    return ModuleSpec(fullname, _AliasLoader(fullname, get_module), is_package=is_package)


def _moved_attribute(fullname: str) -> Callable[[str], Any]:
    """Return a module's ``__getattr__`` that finds names where they have moved to."""

    def find(name: str) -> Any:
        from pylearn2_jobman.naming import names

        old = f"{fullname}.{name}"
        if not name.startswith("_") and (renames.new_home(old) or renames.why_gone(old)):
            try:
                return names.find(old)
            except NameResolutionError as error:
                raise AttributeError(str(error)) from None
        raise AttributeError(f"module {fullname!r} has no attribute {name!r}")

    return find


def _is_ours(module: ModuleType | None) -> bool:
    return module is not None and module.__name__.startswith("pylearn2_jobman.")
