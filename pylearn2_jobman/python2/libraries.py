"""What libraries called their things in Python 2's last years, for modules of that time alone.

Such a module's ``import numpy`` gives NumPy as it is, with the names that it had then: the library
itself is left as it is, and so is what other modules see of it.
"""

__all__ = ["import_"]

import builtins
import functools
import importlib
import inspect
import math
import string
import time
from collections import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple


def import_(
    name: str,
    globals: Mapping[str, Any] | None = None,
    locals: Mapping[str, Any] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    """Import a module as ``__import__`` does; one of the libraries with the names of then."""
    if level == 0 and name in _GONE:
        importlib.import_module(name.partition(".")[0])
    else:
        module = builtins.__import__(name, globals, locals, fromlist or (), level)
        if level != 0:
            return module
    asked = name if fromlist else name.partition(".")[0]
    return _library(asked) if asked in _KNOWN else module


class _Library(ModuleType):
    """A module, with names that it has no more."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__dict__.update(_NAMES[name]() if name in _NAMES else {})

    def __getattr__(self, attribute: str) -> Any:
        full = f"{self.__name__}.{attribute}"
        if full in _KNOWN:
            return _library(full)
        return getattr(importlib.import_module(self.__name__), attribute)


@functools.cache
def _library(name: str) -> ModuleType:
    if name in _GONE:
        module = ModuleType(name)
        module.__dict__.update(_GONE[name]())
        return module
    return _Library(name)


def _numpy() -> dict[str, Any]:
    import numpy as np

    class Cast(dict[Any, Callable[[Any], Any]]):
        def __missing__(self, dtype: Any) -> Callable[[Any], Any]:
            return functools.partial(np.asarray, dtype=np.dtype(dtype))

    def fromstring(text: Any, dtype: Any = float, count: int = -1, sep: str = "") -> Any:
        if sep:
            return np.fromstring(text, dtype=dtype, count=count, sep=sep)
        data = text.encode("latin-1") if isinstance(text, str) else text
        return np.frombuffer(data, dtype=dtype, count=count).copy()

    def linspace(start: Any, stop: Any, num: Any = 50, *args: Any, **kwargs: Any) -> Any:
        return np.linspace(start, stop, int(num), *args, **kwargs)  # it may have been a float

    def ragged(make: Callable[..., Any]) -> Callable[..., Any]:
        """Let rows of different lengths become an array of objects."""

        @functools.wraps(make)
        def made(values: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return make(values, *args, **kwargs)
            except ValueError as error:
                if args or kwargs or "inhomogeneous" not in str(error):
                    raise
                return make(values, dtype=object)

        return made

    exceptions = ("AxisError", "ComplexWarning", "VisibleDeprecationWarning")
    return {
        **{name: getattr(np.exceptions, name) for name in exceptions},
        "Inf": np.inf,
        "NINF": -np.inf,
        "NaN": np.nan,
        "PINF": np.inf,
        "alltrue": np.all,
        "array": ragged(np.array),
        "asarray": ragged(np.asarray),
        "asscalar": lambda array: array.item(),
        "bool": bool,
        "cast": Cast(),
        "complex": complex,
        "complex_": np.complex128,
        "cumproduct": np.cumprod,
        "float": float,
        "float_": np.float64,
        "fromstring": fromstring,
        "in1d": np.isin,
        "infty": np.inf,
        "int": int,
        "linspace": linspace,
        "long": int,
        "mat": np.asmatrix,
        "object": object,
        "product": np.prod,
        "rank": np.ndim,
        "round_": np.round,
        "row_stack": np.vstack,
        "sometrue": np.any,
        "str": str,
        "string_": np.bytes_,
        "typeDict": np.sctypeDict,
        "unicode": str,
        "unicode_": np.str_,
    }


def _yaml() -> dict[str, Any]:
    import yaml

    def load(stream: Any, Loader: Any = yaml.FullLoader) -> Any:
        return yaml.load(stream, Loader)  # noqa: S506 - the loader that PyYAML recommends

    return {"load": load}


class _ArgSpec(NamedTuple):
    args: list[str]
    varargs: str | None
    keywords: str | None
    defaults: tuple[Any, ...] | None


def _getargspec(function: Any) -> _ArgSpec:
    # Python 2 told of bound methods' `self` too, and of none but functions.
    return _ArgSpec(*inspect.getfullargspec(function)[:4])


def _string() -> dict[str, Any]:
    methods = ("count", "find", "lower", "replace", "split", "strip", "upper", "zfill")
    return {
        "atof": float,
        "atoi": int,
        "join": lambda words, sep=" ": sep.join(words),
        "letters": string.ascii_letters,
        "lowercase": string.ascii_lowercase,
        "uppercase": string.ascii_uppercase,
        **{name: getattr(str, name) for name in methods},
    }


def _linalg() -> dict[str, Any]:
    import scipy.linalg  # type: ignore[import-untyped]

    def solve(a: Any, b: Any, sym_pos: bool = False, **kwargs: Any) -> Any:
        kind = {"assume_a": "pos"} if sym_pos else {}
        return scipy.linalg.solve(a, b, **kind, **kwargs)

    return {"solve": solve}


class _Folds:
    """scikit-learn's cross-validation of then: pairs of indices, of so many examples."""

    def __init__(self, number: int, labels: Any, folds: Any) -> None:
        self._number, self._labels, self._folds = number, labels, folds

    def __len__(self) -> int:
        return int(self._folds.get_n_splits())

    def __iter__(self) -> Iterator[Any]:
        import numpy as np

        return iter(self._folds.split(np.zeros((self._number, 1)), self._labels))


def _share(size: Any, number: int) -> int:
    return math.ceil(size * number) if isinstance(size, float) else int(size)


def _cross_validation() -> dict[str, Any]:
    from sklearn import model_selection

    class KFold(_Folds):
        def __init__(
            self, n: int, n_folds: int = 3, shuffle: bool = False, random_state: Any = None
        ) -> None:
            seed = random_state if shuffle else None
            folds = model_selection.KFold(n_folds, shuffle=shuffle, random_state=seed)
            super().__init__(n, None, folds)
            self.n, self.n_folds = n, n_folds

    class StratifiedKFold(_Folds):
        def __init__(
            self, y: Any, n_folds: int = 3, shuffle: bool = False, random_state: Any = None
        ) -> None:
            seed = random_state if shuffle else None
            folds = model_selection.StratifiedKFold(n_folds, shuffle=shuffle, random_state=seed)
            super().__init__(len(y), y, folds)
            self.y, self.n, self.n_folds = y, len(y), n_folds

    class ShuffleSplit(_Folds):
        def __init__(self, n: int, n_iter: int = 10, test_size: Any = 0.1, **kwargs: Any) -> None:
            folds = model_selection.ShuffleSplit(n_iter, test_size=test_size, **kwargs)
            super().__init__(n, None, folds)
            self.n, self.n_iter, self.n_test = n, n_iter, _share(test_size, n)

    class StratifiedShuffleSplit(_Folds):
        def __init__(self, y: Any, n_iter: int = 10, test_size: Any = 0.1, **kwargs: Any) -> None:
            folds = model_selection.StratifiedShuffleSplit(n_iter, test_size=test_size, **kwargs)
            super().__init__(len(y), y, folds)
            self.y, self.n, self.n_iter, self.n_test = y, len(y), n_iter, _share(test_size, len(y))

    return {
        "KFold": KFold,
        "ShuffleSplit": ShuffleSplit,
        "StratifiedKFold": StratifiedKFold,
        "StratifiedShuffleSplit": StratifiedShuffleSplit,
        "train_test_split": model_selection.train_test_split,
    }


_NAMES: dict[str, Callable[[], dict[str, Any]]] = {
    "collections": lambda: {name: getattr(abc, name) for name in abc.__all__},
    "inspect": lambda: {"getargspec": _getargspec},
    "numpy": _numpy,
    "scipy.linalg": _linalg,
    "string": _string,
    "time": lambda: {"clock": time.process_time},
    "yaml": _yaml,
}
# Modules that are no more.
_GONE: dict[str, Callable[[], dict[str, Any]]] = {"sklearn.cross_validation": _cross_validation}
_KNOWN = {name for full in (*_NAMES, *_GONE) for name in (full, full.partition(".")[0])}
