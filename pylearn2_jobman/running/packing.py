"""States in plain containers and tensors, which `torch.load` reads without running code.

Anything else (an array, a tuple, a generator) becomes a dictionary with the key `_KIND`.
"""

__all__ = ["pack", "unpack"]

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.errors import CheckpointError
from pylearn2_jobman.pylearn2.utils.has_state import is_plain_dtype
from pylearn2_jobman.pylearn2.utils.state import NOT_KEPT, NestedState

_KIND = "__kind__"
_PLAIN = frozenset({type(None), bool, int, float, str, bytes})
_BIT_GENERATORS = {
    kind.__name__: kind
    for kind in (
        np.random.MT19937,
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.Philox,
        np.random.SFC64,
    )
}


def pack(value: Any, where: str = "") -> Any:
    """Return a value as plain containers and tensors, which share the memory of the value's.

    Parameters
    ----------
    value
        None, numbers, strings, bytes, tensors, arrays, random generators; lists, tuples and
        dictionaries of such; and `NOT_KEPT`.
    where
        Its place in the state, for the error message.

    Raises
    ------
    CheckpointError
        If there is anything else in it; the message says where.
    """
    if type(value) in _PLAIN:
        return value
    match value:
        case torch.Tensor():
            return _compact(value.detach())
        case np.ndarray() | np.generic() if is_plain_dtype(value.dtype):
            return _packed_array(value)
        case list():
            return [pack(item, f"{where}[{i}]") for i, item in enumerate(value)]
        case tuple():
            return {_KIND: "tuple", "items": pack(list(value), where)}
        case NestedState():
            return {_KIND: "part", "state": pack(dict(value), where)}
        case Mapping():
            return {_key(key, where): pack(item, f"{where}.{key}") for key, item in value.items()}
        case np.random.RandomState():
            return {_KIND: "RandomState", "state": pack(value.get_state(legacy=False), where)}
        case np.random.Generator():
            return {_KIND: "Generator", "state": pack(value.bit_generator.state, where)}
        case torch.Generator():
            device, state = str(value.device), value.get_state()
            return {_KIND: "torch.Generator", "device": device, "state": state}
    if value is NOT_KEPT:
        return {_KIND: "not kept"}
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    raise CheckpointError(
        f"{where.lstrip('.') or 'the state'} is a {kind}, which no "
        "checkpoint can hold: a state_dict() returns numbers, strings, tensors, arrays, random "
        "generators, and lists, tuples and dictionaries of such"
    )


def unpack(packed: Any) -> Any:
    """Return the value that `pack` was given."""
    if isinstance(packed, list):
        return [unpack(item) for item in packed]
    if isinstance(packed, dict):
        if _KIND in packed:
            return _UNPACKERS[packed[_KIND]](packed)
        return {key: unpack(item) for key, item in packed.items()}
    return packed


def _key(key: Any, where: str) -> Any:
    if type(key) not in _PLAIN or key == _KIND:
        raise CheckpointError(f"{where or 'the state'} has the key {key!r}, which is no plain key")
    return key


def _compact(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor without the rest of the memory that it may be a window on."""
    if tensor.layout is not torch.strided:
        return tensor
    whole = tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
    return tensor if whole else tensor.clone()


def _packed_array(array: Any) -> dict[str, Any]:
    raw = np.frombuffer(array.tobytes(), dtype=np.uint8)
    return {
        _KIND: "array" if isinstance(array, np.ndarray) else "number",
        "dtype": array.dtype.str,
        "shape": list(array.shape),
        "bytes": torch.tensor(raw),
    }


def _array(packed: dict[str, Any]) -> Any:
    raw = packed["bytes"].numpy().tobytes()
    return np.frombuffer(raw, dtype=packed["dtype"]).reshape(packed["shape"]).copy()


def _random_state(packed: dict[str, Any]) -> np.random.RandomState:
    generator = np.random.RandomState()
    generator.set_state(unpack(packed["state"]))
    return generator


def _generator(packed: dict[str, Any]) -> np.random.Generator:
    state = unpack(packed["state"])
    bits = _BIT_GENERATORS[state["bit_generator"]]()
    bits.state = state
    return np.random.Generator(bits)


def _torch_generator(packed: dict[str, Any]) -> torch.Generator:
    generator = torch.Generator(packed["device"])
    generator.set_state(packed["state"])
    return generator


_UNPACKERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "Generator": _generator,
    "RandomState": _random_state,
    "array": _array,
    "not kept": lambda packed: NOT_KEPT,
    "number": lambda packed: _array(packed)[()],
    "part": lambda packed: NestedState(unpack(packed["state"])),
    "torch.Generator": _torch_generator,
    "tuple": lambda packed: tuple(unpack(packed["items"])),
}
