"""A dataset in memory with any number of sources, each under a name of its own."""

__all__ = ["VectorSpacesDataset"]

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.space import CompositeSpace, Conv2DSpace, DataSpecs, Space
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng


class VectorSpacesDataset(Dataset):
    """Arrays of examples, for models whose ``input_source`` or ``target_source`` names them.

    Parameters
    ----------
    data
        An array; or, with a `CompositeSpace`, a tuple of them.
    data_specs
        ``(space, source)``: where the examples lie, and the name of the source; with a
        `CompositeSpace`, a tuple of names.
    rng
        Generator or seed of iterators that draw and are given no other one.

    Raises
    ------
    ValueError
        If the arrays do not have as many examples as each other, or do not fit their spaces.
    """

    def __init__(self, data: Any, data_specs: DataSpecs, rng: Seed = None) -> None:
        self.data = data
        self.data_specs = data_specs
        self.rng = make_np_rng(rng, [17, 2, 946])
        self._arrays: dict[str, tuple[Space, Any]] = {}
        for space, name, array in _flat(*data_specs, data):
            if not hasattr(array, "toarray"):  # a sparse matrix stays one
                array = np.asarray(array)
            self._arrays[name] = _examples_first(space, name, array)
        sizes = {name: array.shape[0] for name, (_, array) in self._arrays.items()}
        if len(set(sizes.values())) != 1:
            raise ValueError(f"the sources have different numbers of examples: {sizes}")
        self._tensors: dict[str, torch.Tensor] = {}

    def get_data(self) -> Any:
        """Return the array, or arrays, that the dataset was made of."""
        return self.data

    def get_data_specs(self) -> DataSpecs:
        """Return their spaces and sources."""
        return self.data_specs

    def get_num_examples(self) -> int:
        """Return the number of examples."""
        _, array = next(iter(self._arrays.values()))
        return int(array.shape[0])

    def has_targets(self) -> bool:
        """Return whether there is a source 'targets'."""
        return "targets" in self._arrays

    def source(self, name: str, wanted: Space | None = None) -> tuple[Space, torch.Tensor]:
        """Return a source's space and its examples."""
        if name not in self._arrays:
            raise ValueError(
                f"this VectorSpacesDataset has no source {name!r}{suggest(name, self._arrays)}; "
                f"it has {', '.join(self._arrays)}"
            )
        space, array = self._arrays[name]
        if name not in self._tensors:
            dense = array.toarray() if hasattr(array, "toarray") else array
            self._tensors[name] = backend.to_tensor(dense, space.torch_dtype)
        return space, self._tensors[name]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_tensors": {}}


def _flat(space: Space, source: Any, data: Any) -> Iterator[tuple[Space, str, Any]]:
    """Yield each space that is not composite, with its source's name and its array."""
    if not isinstance(space, CompositeSpace):
        yield space, source, data
        return
    if not len(space.components) == len(source) == len(data):
        raise ValueError(
            f"{space} has {len(space.components)} components; there are {len(source)} sources and "
            f"{len(data)} arrays"
        )
    for part in zip(space.components, source, data, strict=True):
        yield from _flat(*part)


def _examples_first(space: Space, name: str, array: Any) -> tuple[Space, Any]:
    """Return a space and an array of which the first axis is the examples."""
    if isinstance(space, Conv2DSpace):
        first = space.with_axes(space.default_axes)
        if array.ndim == 4:
            array = array.transpose([space.axes.index(axis) for axis in first.axes])
        shape: tuple[int, ...] = (*space.shape, space.num_channels)
        space = first
    else:
        shape = (space.get_total_dimension(),)
    if array.shape[1:] != shape:
        raise ValueError(f"source {name!r}: an array of shape {array.shape} is not in {space}")
    return space, array
