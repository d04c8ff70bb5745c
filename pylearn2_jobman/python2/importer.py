"""Imports modules that do not parse as Python 3, and those that are Python 2's beyond doubt."""

__all__ = ["Python2Finder", "install"]

import hashlib
import importlib.util
import marshal
import os
import sys
import sysconfig
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from pylearn2_jobman.errors import Python2Warning, UsageError
from pylearn2_jobman.version import __version__
from pylearn2_jobman.whole_file import whole_file

_OWN = Path(__file__).parents[1]
# What is installed is made for this Python, or is not to be touched.
_KINDS = ("stdlib", "platstdlib", "purelib", "platlib")
_INSTALLED = (str(_OWN), *(sysconfig.get_path(kind) for kind in _KINDS))
# Packages whose modules mean what Python 2 meant also where they parse: the real pylearn2.
_PYTHON2_PACKAGES = {"pylearn2"}
_PYTHON2_PLACES: set[str] = set()  # where they were found


def install() -> None:
    """Convert modules of Python 2 in this process; doing it twice changes nothing."""
    if any(isinstance(finder, Python2Finder) for finder in sys.meta_path):
        return
    # In the place of the finder that it asks, so that those before it stay before it.
    place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
    sys.meta_path.insert(place, Python2Finder())


class Python2Finder:
    """Finds what `importlib.machinery.PathFinder` finds, and loads people's own modules."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a module's specification, or None."""
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return spec
        file = spec.loader.path
        if fullname in _PYTHON2_PACKAGES:
            _PYTHON2_PLACES.add(f"{Path(file).parent}{os.sep}")
        sure = file.startswith(tuple(_PYTHON2_PLACES))
        if sure or not file.startswith(_INSTALLED):
            spec.loader = _Loader(fullname, file, sure=sure)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, *, sure: bool) -> None:
        super().__init__(fullname, path)
        self._sure = sure
        self._is_python2 = sure

    def get_code(self, fullname: str) -> CodeType | None:
        """Return a module's code; of Python 2's, from a cache of their own."""
        if self._sure:
            return self._python2_code()
        try:
            return super().get_code(fullname)
        except SyntaxError as error:
            try:
                code = self._python2_code()
            except UsageError:
                raise error from None
            self._is_python2 = True
            warnings.warn(
                f"{self.path} is a Python 2 source: it was converted as it was imported "
                "(`jobman convert` prints what it became)",
                Python2Warning,
                stacklevel=3,
            )
            return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code, if it is Python 2's with what was built in then."""
        code = self.get_code(module.__name__)
        assert code is not None
        if self._is_python2:
            from pylearn2_jobman.python2 import builtins

            module.__dict__["__builtins__"] = builtins.for_module()
        exec(code, module.__dict__)  # noqa: S102 - this is how a module is loaded

    def _python2_code(self) -> CodeType:
        data = self.get_data(self.path)
        stamp = hashlib.sha256(f"{__version__} {sys.version}".encode() + data).digest()
        cache = Path(importlib.util.cache_from_source(self.path, optimization="python2"))
        with suppress(OSError, EOFError, ValueError, TypeError):
            cached = cache.read_bytes()
            if cached.startswith(stamp):
                code: CodeType = marshal.loads(cached[len(stamp) :])  # noqa: S302 - as for any .pyc
                return code
        from pylearn2_jobman.python2.convert import converted, decoded

        text = converted(decoded(data), self.path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of "\d" and the like, which Python 2 took
            code = compile(text, self.path, "exec", dont_inherit=True)
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                cache.parent.mkdir(exist_ok=True)
                with whole_file(cache) as file:
                    file.write(stamp + marshal.dumps(code))
        return code
