"""`ObjectGraph`: the state of a train object written for Theano, which cannot tell it itself."""

__all__ = ["ObjectGraph", "is_theanos"]

import importlib
import io
import logging
import pickle
import sys
import types
from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence
from typing import Any, NamedTuple

import numpy as np

from pylearn2_jobman.errors import CheckpointError, NameNotAllowedError
from pylearn2_jobman.fence.allow import allow_list
from pylearn2_jobman.running.progress import note_resumption

log = logging.getLogger(__name__)

_SCALARS = (type(None), bool, int, float, str, bytes, np.generic)
_NO_STATE = (types.ModuleType, type, types.BuiltinFunctionType, types.CodeType)
# What these packages' objects hold beside shared variables does not change.
_FOREIGN = ("numpy", "pytensor", "scipy", "logging", "pylearn2_jobman.running")


def is_theanos(phase: Any) -> bool:
    """Return whether a train object is to be saved by its graph of objects."""
    return (
        "pytensor" in sys.modules
        and isinstance(getattr(phase, "extensions", None), list)
        and hasattr(phase, "model")
    )


class _Leaf(NamedTuple):
    """A value that training may change: where it is, and what holds it.

    Attributes
    ----------
    path
        The way to it from the train object, such as ``.model.monitor._epochs_seen``.
    holder
        The dictionary or list that has it; or the shared variable or generator itself.
    key
        Its key in the holder; None if the holder is itself the value.
    """

    path: str
    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        if self.key is not None:
            return self.holder[self.key]
        if isinstance(self.holder, np.random.RandomState):
            return self.holder
        return self.holder.get_value()

    def put(self, value: Any) -> None:
        """Set it, in place where that can be done: others may hold the same object."""
        if self.key is None:
            if isinstance(self.holder, np.random.RandomState):
                self.holder.set_state(value.get_state(legacy=False))
            else:
                self.holder.set_value(value)
            return
        now = self.holder[self.key]
        if isinstance(now, np.ndarray) and now.shape == np.shape(value) and now.ndim:
            now[...] = value
        elif type(now) is type(value) is list:
            now[:] = value
        elif type(now) is type(value) is dict:
            now.clear()
            now.update(value)
        else:
            self.holder[self.key] = value


class ObjectGraph:
    """Saves and restores a train object through all objects that can be reached from it.

    Shared variables, arrays, random generators and plain values are kept, wherever they are. What
    training added to that, a copy of the best model for one, is kept as a pickle, which is not
    loaded where ``JOBMAN_ALLOW`` is set. A dataset's arrays are not kept.

    A train object builds its monitor and its functions at the beginning of ``main_loop()``: so the
    state is put back when that first calls its extensions, and taken when it calls them after an
    epoch. The object has to be given as the last of them.

    Parameters
    ----------
    phase
        The train object.
    """

    def __init__(self, phase: Any) -> None:
        self._phase = phase
        self._state: Mapping[str, Any] | None = None
        self._stop_then = False
        self._begun: dict[str, Any] | None = None  # the objects that were there at first
        self._warned = False

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from a state that `state_dict` returned, when training begins.

        Raises
        ------
        CheckpointError
            If it was trained by another PyTensor, compiler or float type.
        """
        before, now = state["versions"], _versions()
        if before != now:
            differences = [
                f"{name} was {before.get(name)}, and is {now.get(name)}"
                for name in sorted({*before, *now})
                if before.get(name) != now.get(name)
            ]
            raise CheckpointError(
                "the result would not be that of one training: " + "; ".join(differences)
            )
        self._state = state
        self._phase.extensions.append(self)

    def restore_now(self) -> None:
        """Put the state back into a phase that has ended, which is not to be trained."""
        self._stop_then = True
        try:
            self._phase.main_loop()
        except _Restored:
            pass
        finally:
            self._stop_then = False
            self._phase.extensions.remove(self)

    def setup(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Do nothing yet."""

    def on_save(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Do nothing."""

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Put the state back, the first time."""
        if self._state is not None:
            state, self._state = self._state, None
            self._put(state)
            if not self._stop_then:
                note_resumption(self._phase)
        if self._stop_then:
            raise _Restored

    def note_beginning(self) -> None:
        """Take note of the objects that there are when training begins."""
        if self._begun is None:
            self._begun = _Walk(self._phase).objects

    def state_dict(self) -> dict[str, Any]:
        """Return the state: values by their paths, and pickles of what training added."""
        self.note_beginning()
        walk = _Walk(self._phase, self._begun)
        if walk.generators and not self._warned:
            self._warned = True
            log.warning(
                "%s is a generator, which no checkpoint can hold: training that is resumed may "
                "differ",
                walk.generators[0],
            )
        values = {leaf.path: leaf.value for leaf in walk.leaves}
        assert self._begun is not None
        paths = {id(each): path for path, each in self._begun.items()}
        pickled = {path: _pickled(path, each, paths) for path, each in walk.added.items()}
        return {"versions": _versions(), "values": values, "pickled": pickled}

    def _put(self, state: Mapping[str, Any]) -> None:
        walk = _Walk(self._phase)
        self._begun = walk.objects
        leaves = {leaf.path: leaf for leaf in walk.leaves}
        for path, value in state["values"].items():
            (leaves.get(path) or walk.new_leaf(path)).put(value)
        for path, data in state["pickled"].items():
            unpickler = _Unpickler(io.BytesIO(data))
            unpickler.objects = walk.objects
            (leaves.get(path) or walk.new_leaf(path)).put(unpickler.load())


class _Pickler(pickle.Pickler):
    """Names the objects that were there at first by their paths: they will be there again."""

    paths: Mapping[int, str]

    def persistent_id(self, each: Any) -> str | None:
        return self.paths.get(id(each))


class _Unpickler(pickle.Unpickler):
    objects: Mapping[str, Any]

    def find_class(self, module: str, name: str) -> Any:
        if allow_list() is not None:
            raise NameNotAllowedError(
                f"{module}.{name} came about in the training, and is in its checkpoint: that "
                "cannot be resumed where JOBMAN_ALLOW is set"
            )
        return super().find_class(module, name)

    def persistent_load(self, path: Any) -> Any:
        return self.objects[path]


class _Restored(Exception):  # noqa: N818  (nothing went wrong)
    pass


class _Walk:
    """All that can be reached from an object.

    Attributes
    ----------
    leaves : list of _Leaf
        The values that training may change.
    objects : dict
        The objects on the way, by path.
    added : dict
        Those that are not the ones that are ``known`` by their path: they are not gone into.
    generators : list of str
        Paths of generators, whose state cannot be had.
    """

    def __init__(self, root: Any, known: Mapping[str, Any] | None = None) -> None:
        shared = importlib.import_module("pytensor.compile.sharedvalue")
        executor = importlib.import_module("pytensor.compile.executor")
        self._shared, self._function = shared.SharedVariable, executor.Function
        self._known = known
        self._known_ids = {id(each) for each in (known or {}).values()}
        self.leaves: list[_Leaf] = []
        self.objects: dict[str, Any] = {}
        self.added: dict[str, Any] = {}
        self.generators: list[str] = []
        self._seen: dict[int, Any] = {}  # the objects too, so that no number is given twice
        waiting = [("", root, False)]
        while waiting:  # in the order of a recursion, whose depth would have a limit
            path, each, in_dataset = waiting.pop()
            waiting += reversed(list(self._parts(path, each, in_dataset)))

    def new_leaf(self, path: str) -> _Leaf:
        """Return a place that is not there yet, in an object that is.

        Raises
        ------
        CheckpointError
            If there is no such object.
        """
        before, dot, name = path.rpartition(".")
        holder = self.objects.get(before)
        if not dot or holder is None or not hasattr(holder, "__dict__"):
            raise CheckpointError(
                f"the checkpoint has a value for {path.lstrip('.')}, which is not there now: the "
                "training is built otherwise than it was"
            )
        vars(holder).setdefault(name, None)
        return _Leaf(path, vars(holder), name)

    def _parts(self, path: str, each: Any, in_dataset: bool) -> Iterator[tuple[str, Any, bool]]:
        """Note an object, and yield what it holds."""
        if id(each) in self._seen or isinstance(each, _NO_STATE):
            return
        self._seen[id(each)] = each
        self.objects[path] = each
        if isinstance(each, (self._shared, np.random.RandomState)):
            self.leaves.append(_Leaf(path, each, None))
            return
        if isinstance(each, types.GeneratorType):
            self.generators.append(path.lstrip("."))
            return
        in_dataset = in_dataset or _is_dataset(each)
        if isinstance(each, self._function):
            for i, variable in enumerate(each.get_shared()):
                yield f"{path}.shared[{i}]", variable, False
        elif isinstance(each, MutableMapping):
            for i, key in enumerate(each):
                shown = key if isinstance(key, (str, int)) else f"#{i}"
                yield from self._part(f"{path}[{shown}]", each, key, in_dataset)
        elif isinstance(each, MutableSequence):
            for i in range(len(each)):
                yield from self._part(f"{path}[{i}]", each, i, in_dataset)
        elif isinstance(each, tuple):
            for i, item in enumerate(each):
                if not _is_plain(item):
                    yield f"{path}[{i}]", item, in_dataset
        elif isinstance(each, types.MethodType):
            yield f"{path}.__self__", each.__self__, in_dataset
        elif isinstance(each, types.FunctionType):
            for i, cell in enumerate(each.__closure__ or ()):
                try:
                    value = cell.cell_contents
                except ValueError:  # nothing was put in yet
                    continue
                if not _is_plain(value):
                    yield f"{path}.cell[{i}]", value, in_dataset
        elif hasattr(each, "__dict__") and not type(each).__module__.startswith(_FOREIGN):
            for name in list(vars(each)):
                yield from self._part(f"{path}.{name}", vars(each), name, in_dataset)

    def _part(
        self, path: str, holder: Any, key: Any, in_dataset: bool
    ) -> Iterator[tuple[str, Any, bool]]:
        value = holder[key]
        if isinstance(value, np.ndarray) and value.ndim and in_dataset:
            return
        if _is_plain(value):
            self.leaves.append(_Leaf(path, holder, key))
        elif isinstance(value, (set, frozenset)) or self._is_added(path, value):
            if not isinstance(value, self._function):  # whose shared variables are others' too
                self.added[path] = value
            if id(value) in self._known_ids:  # it was elsewhere before
                yield path, value, in_dataset
        else:
            yield path, value, in_dataset

    def _is_added(self, path: str, value: Any) -> bool:
        if self._known is None or self._known.get(path) is value:
            return False
        if isinstance(value, (self._shared, np.random.RandomState, self._function)):
            return True
        skipped = isinstance(value, (*_NO_STATE, types.GeneratorType))
        return not skipped and not type(value).__module__.startswith(_FOREIGN)


def _versions() -> dict[str, str]:
    room = sys.modules.get("pylearn2_jobman.theano")
    return room.versions() if room is not None else {}


def _is_dataset(value: Any) -> bool:
    return any(kind.__name__ == "Dataset" for kind in type(value).__mro__)


def _is_plain(value: Any) -> bool:
    """Return whether a checkpoint can hold a value as it is."""
    if isinstance(value, _SCALARS):
        return type(value) in _SCALARS or isinstance(value, np.generic)
    if isinstance(value, np.ndarray):
        return not value.dtype.hasobject and value.dtype.names is None
    if type(value) in (list, tuple):
        return all(_is_plain(item) for item in value)
    if type(value) is dict:
        return all(isinstance(key, (str, int)) and _is_plain(item) for key, item in value.items())
    return False


def _pickled(path: str, value: Any, paths: Mapping[int, str]) -> bytes:
    file = io.BytesIO()
    pickler = _Pickler(file)
    pickler.paths = paths
    try:
        pickler.dump(value)
        return file.getvalue()
    except Exception as error:
        raise CheckpointError(
            f"{path.lstrip('.')} came about while training went on, and cannot be pickled: {error}"
        ) from error
