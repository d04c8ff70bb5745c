"""`Dataset`, the base class of all datasets, and the iteration over their batches."""

__all__ = ["Batches", "Dataset", "data_path", "kept_range"]

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.space import CompositeSpace, DataSpecs, NullSpace, Space, VectorSpace
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.pylearn2.utils.iteration import (
    ShuffledSequentialSubsetIterator,
    SubsetIterator,
    is_stochastic,
    resolve_iterator_class,
)
from pylearn2_jobman.pylearn2.utils.rng import Seed
from pylearn2_jobman.pylearn2.utils.state import Stateful


class Dataset(Stateful):
    """Examples that batches are made of, each with sources such as 'features' and 'targets'."""

    def get_num_examples(self) -> int:
        """Return the number of examples."""
        raise NotImplementedError

    def has_targets(self) -> bool:
        """Return whether there is a source 'targets'."""
        return False

    def source(self, name: str, wanted: Space | None = None) -> tuple[Space, torch.Tensor]:
        """Return a source's space and all of its examples, on the device.

        Parameters
        ----------
        name
            The source's name.
        wanted
            Where the examples will be wanted, for a dataset that has them in several forms.

        Raises
        ------
        ValueError
            If the dataset has no such source.
        """
        raise NotImplementedError

    def iterator(
        self,
        mode: str | type[SubsetIterator] = "sequential",
        batch_size: int | None = None,
        num_batches: int | None = None,
        rng: Seed = None,
        data_specs: DataSpecs | None = None,
    ) -> "Batches":
        """Return an iterator over batches.

        Parameters
        ----------
        mode
            The order: a name of `pylearn2.utils.iteration.MODES`.
        batch_size, num_batches
            As `pylearn2.utils.iteration.SubsetIterator` takes them.
        rng
            Generator or seed for the modes that draw.
        data_specs
            The content of a batch: ``(space, source)``, where a `CompositeSpace` goes with a tuple
            of sources and gives tuples. By default the features as they are.
        """
        subsets = resolve_iterator_class(mode)(
            self.get_num_examples(), batch_size, num_batches, rng if is_stochastic(mode) else None
        )
        if data_specs is None:
            data_specs = (self.source("features")[0], "features")
        return Batches(self, subsets, data_specs)

    def _attributes(self) -> dict[str, Any]:
        """Leave the examples out: they are read again."""
        return {
            name: value
            for name, value in vars(self).items()
            if has_state_dict(value) or isinstance(value, np.random.RandomState)
        }


class Batches(Iterator[Any], Stateful):
    """Batches of a dataset, in the order of a `SubsetIterator`.

    Attributes
    ----------
    subsets : SubsetIterator
        The order, with its position.
    num_examples : int
        Examples in all batches together.
    size : int
        Examples in the batch yielded last.
    """

    def __init__(self, dataset: Dataset, subsets: SubsetIterator, data_specs: DataSpecs) -> None:
        self.subsets = subsets
        self.num_examples = subsets.num_examples
        self.size = 0
        self._device = backend.device()
        self._plan = _plan(dataset, *data_specs)
        self._block: _Plan = None  # the examples of the next batches, in their order
        self._block_begins = -1
        size = subsets.batch_size * max(_bytes_of_example(self._plan), 1)
        self._block_rows = subsets.batch_size * max(_BLOCK // size, 1)

    def _attributes(self) -> dict[str, Any]:
        return {"subsets": self.subsets, "size": self.size}

    def __next__(self) -> Any:
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


def _plan(dataset: Dataset, space: Space, source: Any) -> _Plan:
    """Look up, once, the source and the space of each part of a batch."""
    if isinstance(space, CompositeSpace):
        return tuple(_plan(dataset, *part) for part in zip(space.components, source, strict=True))
    if isinstance(space, NullSpace):
        return None
    there, examples = dataset.source(source, space)
    if there == space:
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


def data_path(*parts: str, hint: str) -> Path:
    """Return an existing file or directory below ``PYLEARN2_DATA_PATH``.

    Parameters
    ----------
    parts
        The path below that directory.
    hint
        Where to get the file, for the message when it is not there.

    Raises
    ------
    FileNotFoundError
        Saying which path was tried.
    ValueError
        If ``PYLEARN2_DATA_PATH`` is not set.
    """
    root = os.environ.get("PYLEARN2_DATA_PATH")
    if not root:
        raise ValueError(
            f"PYLEARN2_DATA_PATH is not set; set it to the directory that holds {Path(*parts)}"
        )
    path = Path(root, *parts)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist (PYLEARN2_DATA_PATH is {root!r}); {hint}")
    return path


def kept_range(name: str, size: int, start: int | None, stop: int | None) -> slice:
    """Return which of ``size`` examples to keep, given the numbers of the first and the last.

    Parameters
    ----------
    name
        Of the dataset, for the error message.

    Raises
    ------
    ValueError
        If there are no such examples.
    """
    first, last = 0 if start is None else start, size if stop is None else stop
    if not 0 <= first < last <= size:
        raise ValueError(
            f"{name}: start={start} and stop={stop} are not a range within {size} examples"
        )
    return slice(first, last)
