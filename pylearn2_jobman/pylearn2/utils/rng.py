"""Random numbers: every stream that a model, an algorithm or a dataset draws from begins here.

Two kinds of generator stand behind pylearn2's numbers: NumPy's Mersenne Twister, for initial
parameters and the order of examples; and Theano's MRG31k3p, for the noise inside a cost or a model.
"""

__all__ = ["MOST_STREAMS", "MRGStreams", "RandomCallRecord", "Seed", "Streams", "make_np_rng",
           "stream_count", "stream_for_call"]  # fmt: skip

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.utils.state import Stateful

Seed = int | Sequence[int] | np.random.RandomState | None
Made = TypeVar("Made")


def make_np_rng(
    rng_or_seed: Seed = None, default_seed: Seed = None, which_method: Any = None
) -> np.random.RandomState:
    """Return a NumPy generator of the Mersenne Twister kind, which pylearn2's results come from.

    Parameters
    ----------
    rng_or_seed
        A generator, which is then used as it is and shared with whoever else holds it; a seed (an
        integer or a list of integers); or None, for the default.
    default_seed
        In place of None; 42 when that is None as well.
    which_method
        Not used: pylearn2 asked for a generator's methods by their names.
    """
    for choice in (rng_or_seed, default_seed):
        if isinstance(choice, np.random.RandomState):
            return choice
        if choice is not None:
            return np.random.RandomState(choice)
    return np.random.RandomState(42)


class RandomCallRecord(Stateful):
    """The random calls of one expression, such as the training cost, each with its streams.

    In Theano an expression was built once, and each of its random calls got streams of its own,
    which continued from batch to batch. Here an expression is a function that runs for every batch:
    the record keeps, from its first evaluation, the streams that each random call was given.
    """

    def __init__(self) -> None:
        self._calls: list[Any] = []
        self._kinds: list[str] = []  # what each call was, and "the end" after the first evaluation
        self._position = 0
        self._drawing = True

    @contextmanager
    def evaluation(self, *, drawing: bool = True) -> Iterator[None]:
        """Run the expression inside: its random calls continue where they were.

        Parameters
        ----------
        drawing
            False only deals out the streams: nothing is drawn from them, and the numbers that they
            return are not random.
        """
        token = _current.set(self)
        self._position, self._drawing = 0, drawing
        try:
            yield
        finally:
            _current.reset(token)
        self._check("the end")

    def _check(self, kind: str) -> None:
        """Refuse a call that is not what it was at the first evaluation."""
        if self._position == len(self._kinds):
            self._kinds.append(kind)
        known = self._kinds[self._position]
        if known != kind:
            raise RuntimeError(
                f"random call {self._position + 1} of an expression was {known}; now there is "
                f"{kind} in its place, and what follows would get the random numbers of others: a "
                "cost, or whatever else is random, has to make the same random calls for each batch"
            )

    def _call(self, make: Callable[[], Made], kind: str) -> Made:
        self._check(kind)
        if self._position == len(self._calls):
            self._calls.append(make())
        self._position += 1
        made: Made = self._calls[self._position - 1]
        return made

    def _attributes(self) -> dict[str, Any]:
        """Leave out what the calls were: setting up a training, to resume it, makes them."""
        return {name: value for name, value in vars(self).items() if name != "_kinds"}


_current: ContextVar[RandomCallRecord | None] = ContextVar("current", default=None)


def stream_for_call(make: Callable[[], Made], kind: str = "a random call") -> Made:
    """Return the streams that ``make`` made when the present expression was first evaluated.

    Parameters
    ----------
    make
        Makes the streams.
    kind
        What the call is, in words. It must be the same at every evaluation, which shows a call that
        is left out or put in: streams are dealt out in the order of the calls.

    Raises
    ------
    RuntimeError
        If the call in this place was of another kind.
    """
    record = _current.get()
    return make() if record is None else record._call(make, kind)


# MRG31k3p (L'Ecuyer and Touzin 2000): two linear recurrences of three words,
#     x1[n] = 2^22 x1[n-2] + (2^7 + 1) x1[n-3]      modulo M1
#     x2[n] = 2^15 x2[n-1] + (2^15 + 1) x2[n-3]     modulo M2
# as matrices that take (newest, older, oldest) one step on.
_M1, _M2 = 2147483647, 2147462579
_STEP_1 = np.array([[0, 2**22, 2**7 + 1], [1, 0, 0], [0, 1, 0]], dtype=np.int64)
_STEP_2 = np.array([[2**15, 0, 2**15 + 1], [1, 0, 0], [0, 1, 0]], dtype=np.int64)
# 1 / (M1 + 1); Theano's program for float32 had it with eight digits.
_SCALE = {torch.float64: 2.0**-31, torch.float32: float(np.float32(4.6566126e-10))}

# Distance, as a power of 2, between the streams of a call, and between calls.
_BETWEEN_STREAMS, _BETWEEN_CALLS = 72, 134

# The number of streams of a call whose shape depends on the batch; and the most of any call.
MOST_STREAMS = 15360

_Words = np.ndarray[Any, np.dtype[np.int64]]


def _product(a: _Words, b: _Words, modulus: int) -> _Words:
    """Multiply matrices without leaving 64 bits: each product is reduced before the sum."""
    products: _Words = a[..., :, :, None] * b[..., None, :, :] % modulus
    reduced: _Words = products.sum(-2) % modulus
    return reduced


def _power_of_two(step: _Words, exponent: int, modulus: int) -> _Words:
    """Return the matrix that takes 2**exponent steps at once."""
    for _ in range(exponent):
        step = _product(step, step, modulus)
    return step


@functools.cache
def _jump(exponent: int) -> tuple[_Words, _Words]:
    """Return the matrices that take the two recurrences 2**exponent steps on."""
    return _power_of_two(_STEP_1, exponent, _M1), _power_of_two(_STEP_2, exponent, _M2)


def _jumped(states: _Words, exponent: int) -> _Words:
    """Return states, of shape (6, streams), 2**exponent steps later."""
    recurrences = zip(_jump(exponent), np.split(states, 2), (_M1, _M2), strict=True)
    return np.concatenate(
        [_product(matrix, half, modulus) for matrix, half, modulus in recurrences]
    )


class MRGStreams(Stateful):
    """Theano's ``MRG_RandomStreams``: deals out streams of MRG31k3p to random calls.

    Parameters
    ----------
    seed
        The six words of the first state, or the value of all of them.
    """

    def __init__(self, seed: int | Sequence[int]) -> None:
        words = [seed] * 6 if isinstance(seed, int | np.integer) else list(seed)
        if len(words) != 6:
            raise ValueError(f"the seed of MRG streams is {seed}; it must be one integer, or six")
        if not all(0 <= word < _M2 for word in words) or not (any(words[:3]) and any(words[3:])):
            raise ValueError(f"the seed of MRG streams is {seed}; it must be 1 to {_M2 - 1}")
        self._base: _Words = np.array(words, dtype=np.int64).reshape(6, 1)

    @property
    def state(self) -> list[int]:
        """The six words of the next call's first stream."""
        return [int(word) for word in self._base[:, 0]]

    def streams(self, shape: Sequence[int] | None = None, count: int | None = None) -> "Streams":
        """Return streams for one random call.

        Parameters
        ----------
        shape
            Shape of its numbers, if that is always the same; None if it depends on the batch.
        count
            How many streams, if that is not to follow from the shape.
        """
        if count is None:
            count = MOST_STREAMS if shape is None else stream_count(shape)
        states, exponent = self._base, _BETWEEN_STREAMS
        while states.shape[1] < count:  # streams 0..k give streams k+1..2k+1
            states = np.concatenate([states, _jumped(states, exponent)], axis=1)
            exponent += 1
        self._base = _jumped(self._base, _BETWEEN_CALLS)
        return Streams(states[:, :count])

    def uniform(self, like: torch.Tensor) -> torch.Tensor:
        """Return uniform numbers of 0 to 1, of the shape, type and device of ``like``."""
        return self._for_call("uniform", like).uniform(tuple(like.shape), like.dtype)

    def binomial(self, like: torch.Tensor, p: float | torch.Tensor) -> torch.Tensor:
        """Return ones with probability ``p``, zeros otherwise, as `uniform` does."""
        numbers = self.uniform(like)
        with torch.no_grad():
            return numbers.lt_(p)

    def normal(self, like: torch.Tensor) -> torch.Tensor:
        """Return standard normal numbers, as `uniform` does."""
        return self._for_call("normal", like).normal(tuple(like.shape), like.dtype)

    def _for_call(self, numbers: str, like: torch.Tensor) -> "Streams":
        # Batches may be smaller, so that the number of examples says nothing.
        return stream_for_call(
            self.streams, f"{numbers} numbers, for each example {tuple(like.shape[1:])}"
        )


def stream_count(shape: Sequence[int]) -> int:
    """Return how many streams a call for numbers of this shape gets."""
    size = int(np.prod(shape))
    return min(size // 6 if size > 6 else max(size, 1), MOST_STREAMS)


class Streams(Stateful):
    """The streams of one random call: the numbers it draws come from each of them in turn.

    Parameters
    ----------
    states
        Their states, of shape (6, streams).
    """

    def __init__(self, states: _Words) -> None:
        self.states = torch.from_numpy(np.ascontiguousarray(states)).to(backend.device())

    def uniform(self, shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
        """Return numbers of 0 to 1, of ``shape``, and advance the streams."""
        record = _current.get()
        if record is not None and not record._drawing:
            return torch.full(tuple(shape), 0.5, dtype=dtype, device=self.states.device)
        size, count = int(np.prod(shape)), self.states.shape[1]
        whole, rest = divmod(size, count)
        numbers = torch.cat([*self._steps(whole, count), *self._steps(int(rest > 0), rest)])
        numbers = _modulo(numbers, _M1, least=1)
        return numbers.to(dtype).mul_(_SCALE[dtype]).reshape(tuple(shape))

    def normal(self, shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
        """Return standard normal numbers, of ``shape``, by the method of Box and Muller."""
        size = int(np.prod(shape))
        u1, u2 = self.uniform((size + size % 2,), dtype).chunk(2)
        radius, angle = (-2 * u1.log()).sqrt(), 2 * torch.pi * u2
        both = torch.cat([radius * angle.cos(), radius * angle.sin()])
        return both[:size].reshape(tuple(shape))

    def _steps(self, steps: int, count: int) -> list[torch.Tensor]:
        """Advance the first ``count`` streams by some steps, and return each step's numbers.

        They are to be taken modulo M1. Floats hold all of it exactly, and are quicker.
        """
        if not steps:
            return []
        states = self.states[:, :count]
        x1, older_1, oldest_1, x2, older_2, oldest_2 = (row.to(torch.float64) for row in states)
        numbers = []
        for _ in range(steps):
            ahead = _modulo(older_1 * 2.0**22, _M1).add_(oldest_1, alpha=2**7 + 1)
            x1, older_1, oldest_1 = _modulo(ahead, _M1), x1, older_1
            ahead = (x2 * 2.0**15).add_(oldest_2, alpha=2**15 + 1)
            x2, older_2, oldest_2 = _modulo(ahead, _M2), x2, older_2
            numbers.append(x1 - x2)
        ends = (x1, older_1, oldest_1, x2, older_2, oldest_2)
        for row, end in zip(states, ends, strict=True):
            row.copy_(end)
        return numbers


def _modulo(values: torch.Tensor, modulus: int, least: int = 0) -> torch.Tensor:
    """Take whole numbers modulo M1 or M2, in place: to ``least`` and what follows it.

    Half a unit more than the number is farther from a multiple than the rounding errors, up to 2^48
    in size; of larger ones, up to 2^53, the result may be off by one modulus.
    """
    multiples = values.add(0.5 - least).mul_(1.0 / modulus).floor_()
    return values.sub_(multiples, alpha=modulus)
