"""The state of a training run: collected from its parts, and restored into them.

A part (an algorithm, a learning rule, a schedule, ...) has ``state_dict()`` and
``load_state_dict(state)``, as PyTorch's modules have. `Stateful` gives a class both: what it keeps
is every attribute that can be kept, so that none is forgotten.

Everything is put back in place: a generator that two parts share is still shared afterwards, and
was set to the same state twice.
"""

__all__ = [
    "NOT_KEPT",
    "NestedState",
    "Stateful",
    "Stateless",
    "collect_state",
    "generators",
    "restore_into",
    "resumable",
    "set_generators",
]

import copy
import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict, is_plain_dtype
from pylearn2_jobman.pylearn2.utils.joined import Joined
from pylearn2_jobman.pylearn2.utils.shared import SharedNumber

State = dict[str, Any]

_PLAIN = frozenset({type(None), bool, int, float, str, bytes})
_WHOLE = (torch.Tensor, np.random.RandomState, np.random.Generator, torch.Generator)

# Attributes of nn.Module itself; parameters, buffers and modules are looked at one by one.
_OF_MODULES = frozenset(vars(nn.Module())) - {"training"}
# The source text that loading YAML leaves on every object.
_NO_STATE = frozenset({"yaml_src"})


# Stands in a state for a value that is not in it, which restoring leaves as it is.
NOT_KEPT: Final = ...


class NestedState(dict[str, Any]):
    """The state of a part inside another one, as against a dictionary that is kept."""


class Stateful:
    """Keeps and restores all attributes that can be kept.

    These are numbers, strings, tensors, arrays and random generators; other parts and PyTorch
    modules; and lists, tuples and dictionaries of such. All else (functions, files, a deque, your
    own classes without the two methods) stays as it is: a subclass that has some redefines both
    methods.
    """

    def state_dict(self) -> State:
        """Return the attributes that can be kept: the very tensors and generators, no copies."""
        with _collecting(self):
            return collect_state(self._attributes())

    def load_state_dict(self, state: State) -> None:
        """Put attributes back, in place where that is possible."""
        _set_attributes(self, state)

    def _attributes(self) -> Mapping[str, Any]:
        """Return the attributes that may be kept."""
        return vars(self)


class Stateless(Stateful):
    """Has no state: training changes nothing in such a part."""

    def _attributes(self) -> Mapping[str, Any]:
        return {}


def resumable(parts: Iterable[Any]) -> list[Any]:
    """Return those of the parts that have a state of their own."""
    return [part for part in parts if has_state_dict(part) and not isinstance(part, Stateless)]


# The parts whose state is kept already, by their id, while one state is collected. So two parts may
# know each other, and one that several share is kept once.
_already_kept: ContextVar[dict[int, Any] | None] = ContextVar("already_kept", default=None)


@contextmanager
def _collecting(begin_with: Any = None) -> Iterator[dict[int, Any]]:
    """Begin to collect a state, or join in where one is being collected."""
    kept = _already_kept.get()
    if kept is not None:
        yield kept
        return
    kept = {id(begin_with): begin_with}
    token = _already_kept.set(kept)
    try:
        yield kept
    finally:
        _already_kept.reset(token)


def collect_state(values: Mapping[str, Any]) -> State:
    """Return the state of some values, by name, without those that have none.

    It holds the very tensors, arrays and generators, not copies of them.
    """
    with _collecting():
        items = {name: _kept(value) for name, value in values.items() if name not in _NO_STATE}
    return {name: item for name, item in items.items() if item is not NOT_KEPT}


def _kept(value: Any) -> Any:
    """Return the state of a value; `NOT_KEPT` if it has none, or is in the state already."""
    if isinstance(value, nn.Parameter):
        return NOT_KEPT  # its module keeps it
    if isinstance(value, SharedNumber):
        return float(value)
    if type(value) in _PLAIN or isinstance(value, _WHOLE):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return value if is_plain_dtype(value.dtype) else NOT_KEPT
    if type(value) in (list, tuple, Joined):
        items = [_kept(item) for item in value]
        if _nothing_kept(items):
            return NOT_KEPT
        return tuple(items) if type(value) is tuple else items
    if type(value) is dict and all(type(key) in _PLAIN for key in value):
        by_key = {key: _kept(item) for key, item in value.items()}
        return NOT_KEPT if _nothing_kept(by_key.values()) else by_key
    if has_state_dict(value):
        with _collecting() as kept:
            if id(value) in kept:
                return NOT_KEPT
            kept[id(value)] = value
            if isinstance(value, nn.Module):
                return NestedState(_module_state(value))
            return NestedState(value.state_dict())
    return NOT_KEPT


def _nothing_kept(items: Collection[Any]) -> bool:
    return bool(items) and all(item is NOT_KEPT for item in items)


def restore_into(present: Any, state: Any) -> Any:
    """Return ``present`` with its state restored, in place where that is possible."""
    if state is NOT_KEPT:
        return present
    if isinstance(state, NestedState):
        if not has_state_dict(present):
            raise ValueError(
                f"there is a {type(present).__name__} where the state of a part is to be put: what "
                "is built during training has to be there after setup() already"
            )
        if isinstance(present, nn.Module):
            _load_module_state(present, dict(state))
        else:
            present.load_state_dict(dict(state))
        return present
    match state:
        case torch.Tensor():
            return _restored_tensor(present, state)
        case np.ndarray():
            return _restored_array(present, state)
        case np.random.RandomState() | np.random.Generator() | torch.Generator():
            return _restored_generator(present, state)
        case list() | tuple():
            return _restored_sequence(present, state)
        case dict():
            present = present if isinstance(present, dict) else {}
            for key, item in state.items():
                present[key] = restore_into(present.get(key), item)
            return present
    return state


def _alike(present: Any, state: Any) -> bool:
    return bool(present.shape == state.shape and present.dtype == state.dtype)


def _restored_array(present: Any, state: Any) -> Any:
    if isinstance(present, np.ndarray) and _alike(present, state) and present.flags.writeable:
        np.copyto(present, state)
        return present
    return state.copy()


@torch.no_grad()
def _restored_tensor(present: Any, state: torch.Tensor) -> torch.Tensor:
    if isinstance(present, torch.Tensor) and _alike(present, state) and 0 not in present.stride():
        return present.copy_(state)
    return state.detach().clone().to(backend.device())


def _restored_generator(present: Any, state: Any) -> Any:
    if type(present) is not type(state):
        return copy.deepcopy(state)
    if isinstance(state, np.random.Generator):
        present.bit_generator.state = state.bit_generator.state
    else:
        present.set_state(state.get_state())
    return present


def _restored_sequence(present: Any, state: list[Any] | tuple[Any, ...]) -> Any:
    known = list(present) if isinstance(present, list | tuple) else []
    if any(has_state_dict(item) for item in known) or any(item is NOT_KEPT for item in state):
        # Things that are asked or left alone, each in its place.
        items = [restore_into(item, kept) for item, kept in zip(known, state, strict=False)]
        if any(item is not NOT_KEPT for item in state[len(known) :]):
            raise ValueError(
                f"the state of {len(state)} parts was kept, but there are {len(known)}"
            )
        items += known[len(state) :]
    else:
        known += [None] * len(state)
        items = [restore_into(item, kept) for item, kept in zip(known, state, strict=False)]
    if isinstance(present, list) and isinstance(state, list):
        present[:] = items
        return present
    return type(state)(items)


def _set_attributes(target: Any, state: Mapping[str, Any]) -> None:
    for name, item in state.items():
        try:
            setattr(target, name, restore_into(getattr(target, name, None), item))
        except Exception as error:
            error.add_note(f"while restoring {name!r} of a {type(target).__name__}")
            raise


def _module_state(module: nn.Module) -> State:
    """Return parameters, by name, and whatever else changes in a module and those inside it.

    PyTorch's own ``state_dict`` has no generators, counters and plain tensors.
    """
    parameters = {name: p.detach() for name, p in module.named_parameters()}
    inside = dict(module.named_modules())
    with _collecting() as kept:
        kept |= {id(each): each for each in inside.values()}
        attributes = {
            name: collect_state(_module_attributes(each)) for name, each in inside.items()
        }
    return {"parameters": parameters, "attributes": attributes}


def _module_attributes(module: nn.Module) -> State:
    own = {name: value for name, value in vars(module).items() if name not in _OF_MODULES}
    return own | dict(module._buffers)


@torch.no_grad()
def _load_module_state(module: nn.Module, state: State) -> None:
    parameters = dict(module.named_parameters())
    if parameters.keys() != state["parameters"].keys():
        raise ValueError(
            f"the parameters of a {type(module).__name__} are {', '.join(parameters)}; "
            f"those of {', '.join(state['parameters'])} were kept"
        )
    for name, values in state["parameters"].items():
        if not _alike(parameters[name], values):
            there = parameters[name]
            raise ValueError(
                f"the parameter {name} has type {there.dtype} and shape {tuple(there.shape)}; "
                f"{values.dtype} and {tuple(values.shape)} were kept"
            )
        parameters[name].copy_(values)
    inside = dict(module.named_modules())
    for name, attributes in state["attributes"].items():
        _set_attributes(inside[name], attributes)


def generators() -> State:
    """Return the state of the generators that belong to no part: Python's, NumPy's, PyTorch's."""
    version, words, gauss = random.getstate()
    return {
        "python": (version, np.array(words, dtype=np.uint64), gauss),
        "numpy": np.random.get_state(legacy=False),
        "torch": torch.get_rng_state(),
        "cuda": _cuda_states(),
    }


def _cuda_states() -> list[torch.Tensor]:
    if not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return []  # it stays so: that costs memory
    return torch.cuda.get_rng_state_all()


def set_generators(state: State) -> None:
    """Set the generators to a state that `generators` returned."""
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words.tolist()), gauss))
    np.random.set_state(state["numpy"])
    torch.set_rng_state(state["torch"])
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"][: torch.cuda.device_count()])
