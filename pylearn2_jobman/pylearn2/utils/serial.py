"""Objects in files: pickles that are never half written, and clear errors for unreadable ones."""

__all__ = [
    "clone_via_serialize",
    "from_string",
    "load",
    "load_train_file",
    "preprocess",
    "publish_train_file",
    "save",
    "to_string",
]

import importlib
import io
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pylearn2_jobman.fence import arrays
from pylearn2_jobman.fence.paths import job_path, reading
from pylearn2_jobman.model_file import read_model, write_model
from pylearn2_jobman.naming.unpickler import unpickle
from pylearn2_jobman.pylearn2.utils.string_utils import preprocess


def save(
    filepath: str | os.PathLike[str],
    obj: Any,
    on_overwrite: str = "ignore",
    best: str | None = None,
) -> None:
    """Pickle ``obj`` to a file, which afterwards holds either all of it or what it held before.

    Behind the pickle stands what made it: see `pylearn2_jobman.model_file`.

    Parameters
    ----------
    filepath
        The file; missing directories are made. ``${VAR}`` and ``~`` are as in `preprocess`.
    obj
        The object to save.
    on_overwrite
        'ignore' or 'backup'. They do the same here: the old file stays whole until the new one is.
    best
        The monitoring channel because of which it is saved.

    Raises
    ------
    ValueError
        If ``on_overwrite`` is something else.
    PathNotAllowedError
        With ``JOBMAN_ALLOW``, if a job may not write there.
    """
    if on_overwrite not in ("ignore", "backup"):
        raise ValueError(f"on_overwrite is {on_overwrite!r}; it takes 'ignore' or 'backup'")
    path = Path(job_path(preprocess(os.fspath(filepath)), write=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_model(path, obj, best)


def load(filepath: str | os.PathLike[str]) -> Any:
    """Return the object in a pickle or in a file of NumPy.

    ``${VAR}`` and ``~`` in the path are as in `preprocess`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    NameNotAllowedError
        If the pickle holds something that ``JOBMAN_ALLOW`` does not allow.
    PathNotAllowedError
        With ``JOBMAN_ALLOW``, if a job may not read there.
    ValueError
        If it is not a pickle, or one of the Theano pylearn2.
    """
    path = Path(preprocess(os.fspath(filepath)))
    if path.suffix in (".npy", ".npz"):
        return arrays.load(path)
    with reading(path) as allowed:
        return read_model(Path(allowed))


def to_string(obj: Any) -> bytes:
    """Return an object's pickle."""
    return pickle.dumps(obj, protocol=pickle.HIGHEST_PROTOCOL)


def from_string(s: bytes) -> Any:
    """Return the object in a pickle; `load` says what is refused."""
    return unpickle(io.BytesIO(s))


def clone_via_serialize(obj: Any) -> Any:
    """Return a copy of an object, made by way of its pickle."""
    return from_string(to_string(obj))


def load_train_file(
    config_file_path: str | os.PathLike[str], environ: Mapping[str, str] | None = None
) -> Any:
    """Load a YAML file that describes a `Train`, and let it know its name: `publish_train_file`.

    Parameters
    ----------
    config_file_path
        The file.
    environ
        Values for ``${VAR}``, asked before the environment.

    Raises
    ------
    ConfigError, NameResolutionError
        As ``pylearn2.config.yaml_parse.load`` does.
    """
    publish_train_file(config_file_path)
    # By its name: loading stands above what is loaded, this module among it.
    yaml_parse = importlib.import_module("pylearn2_jobman.pylearn2.config.yaml_parse")
    return yaml_parse.load_path(config_file_path, environ)


def publish_train_file(config_file_path: str | os.PathLike[str]) -> None:
    """Put the parts of a YAML file's path into the environment, for ``${...}`` and for `Train`.

    ``PYLEARN2_TRAIN_FILE_FULL_STEM`` is the path without ``.yaml``, ``PYLEARN2_TRAIN_FILE_STEM``
    its last part, ``PYLEARN2_TRAIN_BASE_NAME`` the file's name, and ``PYLEARN2_TRAIN_DIR`` its
    directory with a slash behind, empty for the present one.
    """
    directory, slash, name = os.fspath(config_file_path).rpartition("/")
    stem = name.removesuffix(".yaml")
    os.environ["PYLEARN2_TRAIN_FILE_FULL_STEM"] = f"{directory}{slash}{stem}"
    os.environ["PYLEARN2_TRAIN_DIR"] = f"{directory}{slash}"
    os.environ["PYLEARN2_TRAIN_BASE_NAME"] = name
    os.environ["PYLEARN2_TRAIN_FILE_STEM"] = stem
