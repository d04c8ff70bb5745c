"""`Dataset`, the base class of all datasets, and the iteration over their batches."""

__all__ = ["Batches", "Dataset", "data_path", "kept_range"]

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.space import CompositeSpace, DataSpecs, NullSpace, Space
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.pylearn2.utils.iteration import (
    SubsetIterator,
    is_stochastic,
    resolve_iterator_class,
)
from pylearn2_jobman.pylearn2.utils.rng import Seed
from pylearn2_jobman.pylearn2.utils.state import Stateful


class Dataset(Stateful):
    """Examples that batches are made of, each with sources such as 'features' and 'targets'.

    Attributes
    ----------
    rng
        Generator of the iterators that draw and are given no other one.
    """

    rng: np.random.RandomState | None = None

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
            Generator or seed for the modes that draw; by default the dataset's own generator,
            ``rng``, which goes on from one iterator to the next.
        data_specs
            The content of a batch: ``(space, source)``, where a `CompositeSpace` goes with a tuple
            of sources and gives tuples. By default the features as they are.
        """
        if rng is None:
            rng = self.rng
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

    def _attributes(self) -> dict[str, Any]:
        return {"subsets": self.subsets, "size": self.size}

    def __next__(self) -> Any:
        subset = next(self.subsets)
        if isinstance(subset, slice):
            self.size = subset.stop - subset.start
            return _fetch(self._plan, subset)
        self.size = len(subset)
        return _fetch(self._plan, torch.from_numpy(subset).to(self._device))


@dataclass(frozen=True)
class _Rows:
    """A part of every batch: rows of a source, in the space that is wanted."""

    examples: torch.Tensor
    space: Space
    wanted: Space | None  # None: the examples are there already

    def __call__(self, subset: slice | torch.Tensor) -> torch.Tensor:
        if isinstance(subset, slice):
            rows = self.examples[subset]
        else:  # quicker than examples[subset]
            rows = self.examples.index_select(0, subset)
        if self.wanted is None:
            return rows
        formatted: torch.Tensor = self.space.format_as(rows, self.wanted)
        return formatted


# Where each part of a batch comes from: nothing where nothing is wanted, a tuple for a tuple.
_Plan = _Rows | tuple[Any, ...] | None


def _plan(dataset: Dataset, space: Space, source: Any) -> _Plan:
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
        there.format_as(examples[:1], space)
    except ValueError:
        name = type(dataset).__name__
        message = f"the {source} of this {name} are {there}, but {space} is wanted"
        if source == "targets" and examples[0].numel() == 1:
            message += "; if they are labels, give the dataset their number, y_labels"
        raise ValueError(message) from None
    return _Rows(examples, there, space)


def _fetch(plan: _Plan, subset: slice | torch.Tensor) -> Any:
    if isinstance(plan, tuple):
        return tuple(_fetch(part, subset) for part in plan)
    return None if plan is None else plan(subset)


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
