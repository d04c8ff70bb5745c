"""In which order the examples of a dataset are visited: the iteration modes.

A `SubsetIterator` yields, batch by batch, what to index a dataset with: a slice where the examples
of a batch lie next to each other, an array of integers where they do not. Its whole state is
``order``, ``position`` and the generator it draws from.
"""

__all__ = [
    "MODES",
    "BatchwiseShuffledSequentialIterator",
    "EvenBatchwiseShuffledSequentialIterator",
    "EvenSequentialSubsetIterator",
    "EvenShuffledSequentialIterator",
    "FiniteDatasetIterator",
    "RandomSliceSubsetIterator",
    "RandomUniformSubsetIterator",
    "SequentialSubsetIterator",
    "ShuffledSequentialSubsetIterator",
    "SubsetIterator",
    "has_uniform_batch_size",
    "is_stochastic",
    "resolve_iterator_class",
    "safe_izip",
    "wraps",
]

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any, ClassVar

import numpy as np

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.utils import safe_izip
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng
from pylearn2_jobman.pylearn2.utils.state import Stateful

Subset = slice | np.ndarray[Any, np.dtype[np.int64]]


class SubsetIterator(Stateful):
    """Yields subsets of ``range(dataset_size)``, each a slice or an array of indices.

    Parameters
    ----------
    dataset_size
        Number of examples there are.
    batch_size
        Number of examples in a batch; None divides the dataset into ``num_batches`` parts.
    num_batches
        Number of batches; None stands for as many as the dataset has.
    rng
        Generator or seed of the modes that draw; not used by the others.

    Attributes
    ----------
    batch_size, num_batches, num_examples : int
        Sizes of the batches to come, with the defaults filled in.
    position : int
        Number of batches yielded so far.

    Raises
    ------
    ValueError
        If the sizes are missing, not positive, or more than the dataset has.
    """

    stochastic: ClassVar[bool] = False
    uniform_batch_size: ClassVar[bool] = False

    batch_size: int
    num_batches: int
    num_examples: int

    def __init__(
        self,
        dataset_size: int,
        batch_size: int | None = None,
        num_batches: int | None = None,
        rng: Seed = None,
    ) -> None:
        for name, size in (("batch_size", batch_size), ("num_batches", num_batches)):
            if size is not None and not (isinstance(size, int | np.integer) and size > 0):
                raise ValueError(f"{name} is {size!r}; it must be a positive integer (or None)")
        self.dataset_size = dataset_size
        self.rng = make_np_rng(rng) if self.stochastic else None
        self.position = 0
        self._set_sizes(batch_size, num_batches)
        self._start()

    def _set_sizes(self, batch_size: int | None, num_batches: int | None) -> None:
        if batch_size is None:
            if num_batches is None:
                raise ValueError("give batch_size, num_batches or both")
            size = max(self._parts(num_batches), 1)
            most = self._parts(size)
            num_batches = min(num_batches, most)  # nine parts of ten examples are five of two
        else:
            size = batch_size
            most = self._parts(size)
        if num_batches is None:
            num_batches = most
        if num_batches > most or not num_batches:
            raise ValueError(
                f"{num_batches or 'whole'} batches of {size} were asked for, but a dataset of "
                f"{self.dataset_size} examples has {most}"
            )
        self.batch_size = size
        self.num_batches = num_batches
        self.num_examples = min(size * num_batches, self.dataset_size)

    def _parts(self, divisor: int) -> int:
        """Divide the dataset: without the rest in the modes of equal batches, else rounded up."""
        whole, rest = divmod(self.dataset_size, divisor)
        return whole if self.uniform_batch_size else whole + bool(rest)

    def _start(self) -> None:
        """Make the draws that are made once, before the first batch."""

    def _subset(self, start: int, stop: int) -> Subset:
        """Return batch number ``position``, of the examples ``start`` to ``stop`` in order."""
        raise NotImplementedError

    def __iter__(self) -> "SubsetIterator":
        return self

    def next(self) -> Any:
        """Return the next subset; a subclass of one's own may have this method alone."""
        return next(self)

    @property
    def uneven(self) -> bool:
        """Whether the last batch is smaller."""
        return bool(self.batch_size * self.num_batches > self.num_examples)

    def __getattr__(self, name: str) -> Any:
        # A subclass of one's own keeps the sizes as pylearn2 did.
        if name in ("batch_size", "num_batches") and f"_{name}" in vars(self):
            return vars(self)[f"_{name}"]
        if name == "num_examples" and "_batch_size" in vars(self):
            return self.batch_size * self.num_batches
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __next__(self) -> Subset:
        if type(self).next is not SubsetIterator.next:
            subset: Subset = self.next()
            return subset
        start = self.position * self.batch_size
        if self.position >= self.num_batches:
            raise StopIteration
        subset = self._subset(start, min(start + self.batch_size, self.dataset_size))
        self.position += 1
        return subset


class SequentialSubsetIterator(SubsetIterator):
    """The examples in the dataset's order; the last batch may be smaller."""

    def _subset(self, start: int, stop: int) -> Subset:
        return slice(start, stop)


class ShuffledSequentialSubsetIterator(SubsetIterator):
    """Every example once, in an order drawn anew; the last batch may be smaller."""

    stochastic = True

    def _start(self) -> None:
        assert self.rng is not None
        self.order = np.arange(self.dataset_size)
        self.rng.shuffle(self.order)

    def _subset(self, start: int, stop: int) -> Subset:
        return self.order[start:stop]


class BatchwiseShuffledSequentialIterator(SubsetIterator):
    """The batches of `SequentialSubsetIterator` in an order drawn anew."""

    stochastic = True

    def _start(self) -> None:
        assert self.rng is not None
        self.order = np.arange(self.num_batches)
        self.rng.shuffle(self.order)

    def _subset(self, start: int, stop: int) -> Subset:
        start = int(self.order[self.position]) * self.batch_size
        return slice(start, min(start + self.batch_size, self.dataset_size))


class EvenSequentialSubsetIterator(SequentialSubsetIterator):
    """As `SequentialSubsetIterator`, without the last batch if that is smaller."""

    uniform_batch_size = True


class EvenShuffledSequentialIterator(ShuffledSequentialSubsetIterator):
    """As `ShuffledSequentialSubsetIterator`, without the last batch if that is smaller."""

    uniform_batch_size = True


class EvenBatchwiseShuffledSequentialIterator(BatchwiseShuffledSequentialIterator):
    """As `BatchwiseShuffledSequentialIterator`, without the smaller batch if there is one."""

    uniform_batch_size = True


class _RandomIterator(SubsetIterator):
    """Batches drawn independently: both sizes are needed, and neither is bound by the dataset."""

    stochastic = True
    uniform_batch_size = True

    def _set_sizes(self, batch_size: int | None, num_batches: int | None) -> None:
        if batch_size is None or num_batches is None:
            raise ValueError(
                "an iteration mode that draws each batch needs both batch_size and the number of "
                f"batches; got batch_size={batch_size}, num_batches={num_batches}"
            )
        self.batch_size = batch_size
        self.num_batches = num_batches
        self.num_examples = batch_size * num_batches


class RandomUniformSubsetIterator(_RandomIterator):
    """Each example of each batch is drawn, with replacement."""

    def _subset(self, start: int, stop: int) -> Subset:
        assert self.rng is not None
        return self.rng.randint(0, self.dataset_size, size=self.batch_size)


class RandomSliceSubsetIterator(_RandomIterator):
    """Each batch is a run of neighbours, which begins anywhere."""

    def _set_sizes(self, batch_size: int | None, num_batches: int | None) -> None:
        super()._set_sizes(batch_size, num_batches)
        if self.batch_size > self.dataset_size:
            raise ValueError(
                f"a batch_size of {self.batch_size} is more than the {self.dataset_size} examples "
                "that a slice can be cut from"
            )

    def _subset(self, start: int, stop: int) -> Subset:
        assert self.rng is not None
        first = int(self.rng.randint(0, self.dataset_size - self.batch_size + 1))
        return slice(first, first + self.batch_size)


MODES: dict[str, type[SubsetIterator]] = {
    "batchwise_shuffled_sequential": BatchwiseShuffledSequentialIterator,
    "even_batchwise_shuffled_sequential": EvenBatchwiseShuffledSequentialIterator,
    "even_sequential": EvenSequentialSubsetIterator,
    "even_shuffled_sequential": EvenShuffledSequentialIterator,
    "random_slice": RandomSliceSubsetIterator,
    "random_uniform": RandomUniformSubsetIterator,
    "sequential": SequentialSubsetIterator,
    "shuffled_sequential": ShuffledSequentialSubsetIterator,
}


class FiniteDatasetIterator:
    """Batches of arrays, for the ``iterator`` of a dataset of one's own.

    Parameters
    ----------
    dataset
        It has ``get_data_specs()``, and ``get(sources, indexes)`` or ``get_data()``.
    subset_iterator
        The order.
    data_specs
        The content of a batch, flat; by default all that the dataset has.
    return_tuple
        Whether to yield tuples also where there is one source only.
    convert
        A function for each source, from a batch of the dataset's to the one that is wanted; None,
        or None in its place, lets the dataset's space format it.

    Raises
    ------
    ValueError
        If the dataset has no source of a name that is wanted.
    """

    def __init__(
        self,
        dataset: Any,
        subset_iterator: SubsetIterator,
        data_specs: tuple[Any, Any] | None = None,
        return_tuple: bool = False,
        convert: Sequence[Callable[[Any], Any] | None] | None = None,
    ) -> None:
        self._dataset = dataset
        self._subset_iterator = subset_iterator
        self._return_tuple = return_tuple
        there_space, there = dataset.get_data_specs()
        space, source = (there_space, there) if data_specs is None else data_specs
        there, self._source = _parts(there), _parts(source)
        places = []
        for name in self._source:
            if name not in there:
                raise ValueError(
                    f"a {type(dataset).__name__} has no source {name!r}; it has {', '.join(there)}"
                )
            places.append(there.index(name))
        spaces = [getattr(there_space, "components", (there_space,))[place] for place in places]
        self._convert = [
            given or partial(_formatted, here, wanted)
            for given, here, wanted in zip(
                convert or [None] * len(places),
                spaces,
                getattr(space, "components", (space,)),
                strict=True,
            )
        ]
        if not hasattr(dataset, "get"):
            data = _parts(dataset.get_data())
            self._raw_data = [data[place] for place in places]

    def __iter__(self) -> "FiniteDatasetIterator":
        return self

    def __next__(self) -> Any:
        subset = next(self._subset_iterator)
        if hasattr(self._dataset, "get"):
            raw = self._dataset.get(self._source, subset)
        else:
            raw = [data[subset] for data in self._raw_data]
        batch = tuple(convert(part) for convert, part in zip(self._convert, raw, strict=True))
        return batch[0] if len(batch) == 1 and not self._return_tuple else batch

    def next(self) -> Any:
        """Return the next batch, as in Python 2."""
        return next(self)

    def __getattr__(self, name: str) -> Any:
        if name in ("batch_size", "num_batches", "num_examples", "stochastic", "uneven"):
            return getattr(self._subset_iterator, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _parts(whole: Any) -> tuple[Any, ...]:
    return tuple(whole) if isinstance(whole, tuple | list) else (whole,)


def _formatted(space: Any, wanted: Any, batch: Any) -> Any:
    return space.np_format_as(batch, wanted)


def resolve_iterator_class(mode: str | type[SubsetIterator]) -> type[SubsetIterator]:
    """Return the class of an iteration mode, given by name or as the class itself.

    Raises
    ------
    ValueError
        If there is no mode of that name; the message lists them.
    """
    if isinstance(mode, type) and issubclass(mode, SubsetIterator):
        return mode
    if mode == "batchwise_shuffled_equential":  # so it was spelt in 2013
        mode = "batchwise_shuffled_sequential"
    try:
        return MODES[mode]
    except (KeyError, TypeError):
        raise ValueError(
            f"there is no iteration mode {mode!r}{suggest(str(mode), MODES)}; "
            f"there are {', '.join(MODES)}"
        ) from None


def is_stochastic(mode: str | type[SubsetIterator]) -> bool:
    """Return whether the mode draws random numbers."""
    return resolve_iterator_class(mode).stochastic


def has_uniform_batch_size(mode: str | type[SubsetIterator]) -> bool:
    """Return whether all batches of the mode have the same size."""
    return resolve_iterator_class(mode).uniform_batch_size
