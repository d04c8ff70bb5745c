"""Batches of datasets: tensors for training, arrays for scripts."""

__all__ = ["ArrayBatches", "Batches", "HasSources", "IteratorBatches", "SourceBatches"]

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.space import CompositeSpace, DataSpecs, NullSpace, Space, VectorSpace
from pylearn2_jobman.pylearn2.utils.data_specs import DataSpecsMapping
from pylearn2_jobman.pylearn2.utils.iteration import (
    ShuffledSequentialSubsetIterator,
    SubsetIterator,
)
from pylearn2_jobman.pylearn2.utils.state import Stateful


class HasSources(Protocol):
    """A dataset, as far as its batches are made of sources."""

    def source(self, name: str, wanted: Space | None = None) -> tuple[Space, torch.Tensor]:
        """Return a source's space and all of its examples, on the device."""


class Batches(Iterator[Any]):
    """Batches of tensors.

    Attributes
    ----------
    num_examples : int
        Examples in all batches together.
    size : int
        Examples in the batch yielded last.
    """

    num_examples: int
    size: int = 0


class SourceBatches(Batches, Stateful):
    """Batches of the sources of a dataset, in the order of a `SubsetIterator`.

    Attributes
    ----------
    subsets : SubsetIterator
        The order, with its position.
    """

    def __init__(self, dataset: HasSources, subsets: SubsetIterator, data_specs: DataSpecs) -> None:
        self.subsets = subsets
        self.num_examples = subsets.num_examples
        self.size = 0
        self._device = backend.device()
        self._dataset = dataset
        self._data_specs = data_specs
        self._look_up()

    def _look_up(self) -> None:
        self._plan = _plan(self._dataset, *self._data_specs)
        self._planned = True
        self._block: _Plan = None  # the examples of the next batches, in their order
        self._block_begins = -1
        size = self.subsets.batch_size * max(_bytes_of_example(self._plan), 1)
        self._block_rows = self.subsets.batch_size * max(_BLOCK // size, 1)

    def _attributes(self) -> dict[str, Any]:
        return {"subsets": self.subsets, "size": self.size}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a state; what is restored later may still change the examples."""
        super().load_state_dict(state)
        self._planned = False

    def __next__(self) -> Any:
        if not self._planned:
            self._look_up()
        subset = next(self.subsets)
        if isinstance(subset, slice):
            self.size = subset.stop - subset.start
            return _fetch(self._plan, subset)
        self.size = len(subset)
        if not isinstance(self.subsets, ShuffledSequentialSubsetIterator):
            return _fetch(self._plan, torch.from_numpy(subset).to(self._device))
        start = (self.subsets.position - 1) * self.subsets.batch_size
        # Blocks begin where they always do, so that a training that is resumed finds its examples
        # in the same places of memory, on which the last bit of a product may depend.
        begins = start - start % self._block_rows
        if begins != self._block_begins:
            rows = self.subsets.order[begins : begins + self._block_rows]
            self._block = _gathered(self._plan, torch.from_numpy(rows).to(self._device))
            self._block_begins = begins
        return _fetch(self._block, slice(start - begins, start - begins + self.size))


# Bytes of examples that are gathered at once, in whole batches: few enough for processors' caches.
_BLOCK = 2**21

# The most bytes of examples that are brought into the space that is wanted all at once.
_FORMATTED_AT_ONCE = 2**24


@dataclass(frozen=True)
class _Rows:
    """A part of every batch: rows of a source, in the space that is wanted."""

    examples: torch.Tensor
    space: Space
    wanted: Space | None  # None: the examples are there already

    def __call__(self, subset: slice | torch.Tensor) -> torch.Tensor:
        rows = self.examples[subset] if isinstance(subset, slice) else self.gathered(subset)
        if self.wanted is None:
            return rows
        formatted: torch.Tensor = self.space.format_as(rows, self.wanted)
        return formatted

    def gathered(self, subset: torch.Tensor) -> torch.Tensor:
        """Return some of the examples, as they are."""
        return self.examples.index_select(0, subset)  # quicker than examples[subset]


# Where each part of a batch comes from: nothing where nothing is wanted, a tuple for a tuple.
_Plan = _Rows | tuple[Any, ...] | None


def _plan(dataset: HasSources, space: Space, source: Any) -> _Plan:
    """Look up, once, the source and the space of each part of a batch."""
    if isinstance(space, CompositeSpace):
        return tuple(_plan(dataset, *part) for part in zip(space.components, source, strict=True))
    if isinstance(space, NullSpace):
        return None
    there, examples = dataset.source(source, space)
    if there.alike(space):
        # One conversion of the whole is cheaper than one a batch, and changes nothing else.
        return _Rows(examples.to(space.torch_dtype), there, None)
    try:
        one = there.format_as(examples[:1], space)
    except ValueError:
        name = type(dataset).__name__
        message = f"the {source} of this {name} are {there}, but {space} is wanted"
        if source == "targets" and examples[0].numel() == 1:
            message += "; if they are labels, give the dataset their number, y_labels"
        raise ValueError(message) from None
    if isinstance(space, VectorSpace) and one.nbytes * len(examples) <= _FORMATTED_AT_ONCE:
        return _Rows(there.format_as(examples, space), space, None)
    return _Rows(examples, there, space)


def _fetch(plan: _Plan, subset: slice | torch.Tensor) -> Any:
    if isinstance(plan, tuple):
        return tuple(_fetch(part, subset) for part in plan)
    return None if plan is None else plan(subset)


def _gathered(plan: _Plan, subset: torch.Tensor) -> _Plan:
    """Return the plan for some of the examples."""
    if isinstance(plan, tuple):
        return tuple(_gathered(part, subset) for part in plan)
    return None if plan is None else replace(plan, examples=plan.gathered(subset))


def _bytes_of_example(plan: _Plan) -> int:
    if isinstance(plan, tuple):
        return sum(map(_bytes_of_example, plan))
    return 0 if plan is None else plan.examples[:1].nbytes


class IteratorBatches(Batches):
    """The batches that an iterator of a user's own dataset yields, as tensors.

    Parameters
    ----------
    iterator
        It yields tuples of arrays, as ``data_specs`` say that are flat, and has ``num_examples``.
    data_specs
        What is wanted, of which the arrays are the parts.
    """

    def __init__(self, iterator: Any, data_specs: DataSpecs) -> None:
        self._iterator = iter(iterator)
        self._mapping = DataSpecsMapping(data_specs)
        self._spaces = self._mapping.flatten(data_specs[0], return_tuple=True)
        self._device = backend.device()
        self.num_examples = iterator.num_examples

    def __next__(self) -> Any:
        arrays = next(self._iterator)
        arrays = arrays if isinstance(arrays, tuple | list) else (arrays,)
        self.size = self._spaces[0].np_batch_size(arrays[0])
        tensors = [
            space.as_tensors(array).to(self._device, space.torch_dtype)
            for space, array in zip(self._spaces, arrays, strict=True)
        ]
        return self._mapping.nest(tensors)


class ArrayBatches(Iterator[Any]):
    """Batches of arrays, as Python code asks a dataset for them.

    Parameters
    ----------
    batches
        The batches.
    space
        Where they lie.
    return_tuple
        Whether to yield tuples also where there is one source only.
    """

    stochastic: bool

    def __init__(self, batches: Batches, space: Space, return_tuple: bool = False) -> None:
        self._batches = batches
        self._space = space
        self._return_tuple = return_tuple

    def __next__(self) -> Any:
        arrays = self._space.as_arrays(next(self._batches))
        if not isinstance(self._space, CompositeSpace):
            return (arrays,) if self._return_tuple else arrays
        return arrays[0] if len(arrays) == 1 and not self._return_tuple else arrays

    def next(self) -> Any:
        """Return the next batch, as in Python 2."""
        return next(self)

    def __getattr__(self, name: str) -> Any:
        if name == "num_examples":
            return self._batches.num_examples
        if name in ("batch_size", "num_batches", "stochastic", "uneven"):
            return getattr(self._batches.subsets, name)  # type: ignore[attr-defined]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
