"""Model files: pickles that say behind their object what made it.

Whoever reads only pickles (``pickle.load``, programs of before) finds the object as ever. The words
behind it are JSON, so that they can be read where the object cannot, and by whoever does not trust
it: the versions, the YAML text and the job.
"""

__all__ = ["Origin", "making", "origin", "read_model", "versions", "write_model"]

import json
import pickle
import platform
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import JobmanError, UsageError
from pylearn2_jobman.naming.unpickler import unpickle
from pylearn2_jobman.whole_file import read_file, whole_file

LIBRARIES = (
    *("numpy", "torch", "pylearn2_jobman", "pytensor", "sklearn", "scipy"),
    *("lightgbm", "xgboost", "lightning", "pytorch_lightning"),
)
"""Those whose version decides the numbers, and whether a pickle can be read."""

_END = struct.Struct(">Q8s")  # how long the words before it are, and the mark
_MARK = b"P2JMODEL"
_LONGEST_WORDS = 16 * 2**20


@dataclass(frozen=True)
class Origin:
    """What made a model file.

    Attributes
    ----------
    versions
        Of Python and the libraries that were in use, by their names.
    yaml
        The YAML text that was trained; None outside of a training.
    job
        ``<database>/<table>/<id>``; None without a job.
    phase
        Which of the phases that the YAML text describes, from 1.
    best
        The monitoring channel that was better than ever when the file was saved; None where that
        was not the reason for saving it.
    kind
        The full name of the object's class.
    predicts
        Whether it has ``predict``, or ``forward`` as PyTorch's modules: other things that a job
        saves (datasets, preprocessors) do not.
    """

    versions: dict[str, str] = field(default_factory=dict)
    yaml: str | None = None
    job: str | None = None
    phase: int = 1
    best: str | None = None
    kind: str = ""
    predicts: bool = False

    def differences(self) -> str:
        """Return how versions differ from those that are in use here; empty if none does."""
        here = _all_versions()
        return "; ".join(
            f"{name} was {version}, and is {here[name]}"
            for name, version in self.versions.items()
            if here.get(name, version) != version
        )


_now = Origin()


@contextmanager
def making(**what: Any) -> Iterator[None]:
    """Let the files that are written inside the ``with`` block say so: see `Origin`."""
    global _now
    before, _now = _now, replace(_now, **what)
    try:
        yield
    finally:
        _now = before


def versions() -> dict[str, str]:
    """Return the versions of those `LIBRARIES` that have been imported."""
    found = {name: getattr(sys.modules.get(name), "__version__", None) for name in LIBRARIES}
    return {name: str(version) for name, version in found.items() if version is not None}


def write_model(path: Path, obj: Any, best: str | None = None) -> None:
    """Pickle an object to a file, whole or not at all, with what made it behind.

    Parameters
    ----------
    path
        The file.
    obj
        The object.
    best
        The channel because of which it is saved.
    """
    kind = f"{type(obj).__module__}.{type(obj).__qualname__}"
    predicts = any(callable(getattr(obj, name, None)) for name in ("predict", "forward"))
    what = replace(_now, versions=_all_versions(), best=best, kind=kind, predicts=predicts)
    words = json.dumps(asdict(what)).encode()
    with whole_file(path) as file:
        pickle.dump(obj, file, protocol=pickle.HIGHEST_PROTOCOL)
        file.write(words + _END.pack(len(words), _MARK))


def origin(path: Path) -> Origin | None:
    """Return what made a file; None where it does not say.

    Raises
    ------
    OSError
        If it cannot be read, or is not a file.
    """
    end = read_file(path, last=_END.size)
    if len(end) < _END.size:
        return None
    length, mark = _END.unpack(end)
    if mark != _MARK or length > _LONGEST_WORDS:
        return None
    words = read_file(path, last=length + _END.size)[:length]
    try:
        found = json.loads(words)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    known = {each.name: found[each.name] for each in fields(Origin) if each.name in found}
    what = Origin(**known)
    return what if _is_sound(what) else None


def read_model(path: Path) -> Any:
    """Return the object in a pickle, whose path no job gave.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    NameNotAllowedError
        If it holds something that ``JOBMAN_ALLOW`` does not allow.
    UsageError
        If it is not a pickle, or one of the Theano pylearn2.
    Exception
        Whatever else keeps it from being read, with a note on the versions if they differ.
    """

    def of_theano(name: str) -> Exception | None:
        if name.split(".")[0] not in ("theano", "pylearn2"):
            return None
        return UsageError(
            f"{path} was saved by the Theano version of pylearn2 (it holds a "
            f"{name}), which cannot be opened here. With that version's Python, save "
            "the numbers: numpy.savez('model.npz', *model.get_param_values()); here, build "
            "the model and give them to model.set_param_values"
        )

    try:
        with path.open("rb") as file:
            return unpickle(file, of_theano)
    except (pickle.UnpicklingError, EOFError) as error:
        raise UsageError(f"{path} is not a whole pickle: {error}") from None
    except (OSError, JobmanError):
        raise
    except Exception as error:
        what = origin(path)
        if what is not None and (differences := what.differences()):
            error.add_note(f"{path} was written with other versions: {differences}")
        raise


def _all_versions() -> dict[str, str]:
    return {"python": platform.python_version(), **versions()}


def _is_sound(what: Origin) -> bool:
    """Return whether what a file says, which anybody may have written, has the right types."""
    if not isinstance(what.versions, dict):
        return False  # type: ignore[unreachable]
    texts = (what.kind, *what.versions.values())
    maybe = (what.yaml, what.job, what.best)
    return (
        all(isinstance(text, str) for text in texts)
        and all(text is None or isinstance(text, str) for text in maybe)
        and type(what.phase) is int
        and type(what.predicts) is bool
    )
