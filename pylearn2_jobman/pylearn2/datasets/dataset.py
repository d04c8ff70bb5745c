"""`Dataset`, the base class of all datasets."""

__all__ = ["Dataset", "data_path", "kept_range"]

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.datasets.batches import (
    ArrayBatches,
    Batches,
    IteratorBatches,
    SourceBatches,
)
from pylearn2_jobman.pylearn2.space import CompositeSpace, DataSpecs, Space
from pylearn2_jobman.pylearn2.utils.data_specs import DataSpecsMapping
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.pylearn2.utils.iteration import (
    SubsetIterator,
    is_stochastic,
    resolve_iterator_class,
)
from pylearn2_jobman.pylearn2.utils.rng import Seed
from pylearn2_jobman.pylearn2.utils.state import Stateful

Mode = str | type[SubsetIterator]


class Dataset(Stateful):
    """Examples that batches are made of, each with sources such as 'features' and 'targets'.

    A dataset of one's own has ``get_data``, ``get_data_specs`` and ``get_num_examples``; or an
    ``iterator`` of its own, and ``get_num_examples``.

    Attributes
    ----------
    rng
        Generator of the iterators that draw and are given no other one.
    """

    rng: np.random.RandomState | None = None

    def get_num_examples(self) -> int:
        """Return the number of examples."""
        return len(_flat(self.get_data())[0])

    def get_data(self) -> Any:
        """Return all examples: an array, or a tuple of them, one for each source."""
        raise NotImplementedError(
            f"a {type(self).__name__} has neither get_data nor an iterator of its own"
        )

    def get_data_specs(self) -> DataSpecs:
        """Return the space and the name of each source of `get_data`."""
        raise NotImplementedError(f"a {type(self).__name__} has no get_data_specs")

    def has_targets(self) -> bool:
        """Return whether there is a source 'targets'."""
        return "targets" in _flat(self.get_data_specs()[1])

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
        space, sources = self.get_data_specs()
        names = _flat(sources)
        if name not in names:
            raise ValueError(
                f"a {type(self).__name__} has no source {name!r}; it has {', '.join(names)}"
            )
        spaces = space.components if isinstance(space, CompositeSpace) else (space,)
        place = names.index(name)
        there, array = spaces[place], _flat(self.get_data())[place]
        return there, there.as_tensors(array).to(backend.device(), there.torch_dtype)

    def batches(
        self,
        mode: Mode = "sequential",
        batch_size: int | None = None,
        num_batches: int | None = None,
        rng: Seed = None,
        data_specs: DataSpecs | None = None,
    ) -> Batches:
        """Return an iterator over batches of tensors, for training.

        They are those of `iterator`, also where a subclass has one of its own.

        Parameters
        ----------
        mode, batch_size, num_batches, rng
            As `iterator` takes them.
        data_specs
            The content of a batch: ``(space, source)``, where a `CompositeSpace` goes with a tuple
            of sources and gives tuples. By default the features as they are.
        """
        if type(self).iterator is Dataset.iterator:
            return self._source_batches(mode, batch_size, num_batches, rng, data_specs)
        if data_specs is None:
            data_specs = self.get_data_specs()
        mapping = DataSpecsMapping(data_specs)
        flat = (
            CompositeSpace(mapping.flatten(data_specs[0], return_tuple=True)),
            mapping.flatten(data_specs[1], return_tuple=True),
        )
        iterator = self.iterator(
            mode=mode,
            batch_size=batch_size,
            num_batches=num_batches,
            rng=rng if is_stochastic(mode) else None,
            data_specs=flat,
            return_tuple=True,
        )
        return IteratorBatches(iterator, data_specs)

    def iterator(
        self,
        mode: Mode | None = None,
        batch_size: int | None = None,
        num_batches: int | None = None,
        rng: Seed = None,
        data_specs: DataSpecs | None = None,
        return_tuple: bool = False,
    ) -> Any:
        """Return an iterator over batches of arrays.

        Parameters
        ----------
        mode
            The order: a name of `pylearn2.utils.iteration.MODES`; 'sequential' by default.
        batch_size, num_batches
            As `pylearn2.utils.iteration.SubsetIterator` takes them.
        rng
            Generator or seed for the modes that draw; by default the dataset's own generator,
            ``rng``, which goes on from one iterator to the next.
        data_specs
            The content of a batch: ``(space, source)``, where a `CompositeSpace` goes with a tuple
            of sources and gives tuples. By default the features as they are.
        return_tuple
            Whether to yield tuples also where there is one source only.
        """
        batches = self._source_batches(
            mode or "sequential", batch_size, num_batches, rng, data_specs
        )
        space = self._default_specs()[0] if data_specs is None else data_specs[0]
        return ArrayBatches(batches, space, return_tuple)

    def __iter__(self) -> Any:
        return self.iterator()

    def _source_batches(
        self,
        mode: Mode,
        batch_size: int | None,
        num_batches: int | None,
        rng: Seed,
        data_specs: DataSpecs | None,
    ) -> Batches:
        """Return batches of this dataset's sources."""
        if rng is None:
            rng = self.rng
        subsets = resolve_iterator_class(mode)(
            self.get_num_examples(), batch_size, num_batches, rng if is_stochastic(mode) else None
        )
        return SourceBatches(self, subsets, data_specs or self._default_specs())

    def _default_specs(self) -> DataSpecs:
        return self.source("features")[0], "features"

    def _init_iterator(
        self,
        mode: Mode | None = None,
        batch_size: int | None = None,
        num_batches: int | None = None,
        rng: Seed = None,
        data_specs: DataSpecs | None = None,
    ) -> list[Any]:
        """Return the arguments of `iterator` with the dataset's defaults, as subclasses use it."""
        default: Any = getattr(self, "_iter_subset_class", "sequential")
        kind = resolve_iterator_class(mode or default)
        if batch_size is None:
            batch_size = getattr(self, "_iter_batch_size", None)
        if num_batches is None:
            num_batches = getattr(self, "_iter_num_batches", None)
        if rng is None and kind.stochastic:
            rng = self.rng
        if data_specs is None:
            data_specs = getattr(self, "_iter_data_specs", None) or self._default_specs()
        return [kind, batch_size, num_batches, rng, data_specs]

    def adjust_for_viewer(self, X: Any) -> Any:
        """Return examples as numbers from -1 to 1, for showing them."""
        return X

    def _attributes(self) -> dict[str, Any]:
        """Leave the examples out: they are read again."""
        return {
            name: value
            for name, value in vars(self).items()
            if has_state_dict(value) or isinstance(value, np.random.RandomState)
        }


def _flat(parts: Any) -> tuple[Any, ...]:
    return tuple(parts) if isinstance(parts, tuple | list) else (parts,)


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
