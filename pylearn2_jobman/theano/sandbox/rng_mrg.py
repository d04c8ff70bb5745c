"""``theano.sandbox.rng_mrg``: random streams of MRG31k3p, as the other half draws from them."""

__all__ = ["MRG_RandomStreams", "guess_n_streams"]

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
import torch
from pytensor.gradient import disconnected_type
from pytensor.scalar import upcast

from pylearn2_jobman.pylearn2.utils.rng import MOST_STREAMS, MRGStreams, Streams, stream_count
from pylearn2_jobman.theano.compile import shared
from pylearn2_jobman.theano.configparser import config
from pylearn2_jobman.theano.gof import Apply, Op

_DTYPES = {"float32": torch.float32, "float64": torch.float64}


class MRGUniform(Op):
    """Numbers of 0 to 1, and the streams behind them: from streams and a shape."""

    __props__ = ("dtype", "ndim")

    def __init__(self, dtype: str, ndim: int) -> None:
        self.dtype, self.ndim = dtype, ndim

    def make_node(self, state: Any, size: Any) -> Any:
        """Return the node of this computation; the state has the shape (streams, 6)."""
        sample = pt.TensorType(self.dtype, (None,) * self.ndim)()
        return Apply(self, [state, size], [state.type(), sample])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        """Draw."""
        state, size = inputs
        streams = Streams(state.T.astype(np.int64))
        drawn = streams.uniform(tuple(map(int, size)), _DTYPES[self.dtype])
        output_storage[0][0] = np.ascontiguousarray(streams.states.cpu().numpy().T, dtype=np.int32)
        output_storage[1][0] = drawn.cpu().numpy()

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Return that nothing is differentiated by random numbers."""
        return [[False, False], [False, False]]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that there are no gradients."""
        return [disconnected_type() for _ in inputs]


class MultinomialFromUniform(Op):
    """One of the elements of each row, by their probabilities and a number of 0 to 1 each."""

    __props__ = ("dtype",)

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def make_node(self, pvals: Any, unis: Any) -> Any:
        """Return the node of this computation."""
        inputs = [pt.as_tensor_variable(each) for each in (pvals, unis)]
        return Apply(self, inputs, [pt.matrix(dtype=self.dtype)])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        """Choose."""
        pvals, unis = inputs
        above = np.cumsum(pvals, axis=1) > unis[:, None]
        made = np.zeros(pvals.shape, self.dtype)
        chosen = above.any(1)  # rounding may leave none
        made[np.flatnonzero(chosen), above.argmax(1)[chosen]] = 1
        output_storage[0][0] = made

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros."""
        return [pt.zeros_like(each) for each in inputs]


class MRG_RandomStreams:  # noqa: N801 - Theano's name
    """Deals out streams of MRG31k3p to random calls, which go on where they were at each use.

    Parameters
    ----------
    seed
        An integer, or six.
    use_cuda
        Not looked at: the numbers are the same.
    """

    def __init__(self, seed: int | Sequence[int] = 12345, use_cuda: Any = None) -> None:
        self.state_updates: list[tuple[Any, Any]] = []
        self.seed(seed)

    def seed(self, seed: int | Sequence[int] | None = None) -> None:
        """Begin anew, for the random calls to come."""
        self._streams = MRGStreams(12345 if seed is None else seed)

    set_rstate = seed

    @property
    def rstate(self) -> Any:
        """The six words of the next call's first stream."""
        return self._streams.state

    def inc_rstate(self) -> None:
        """Skip the streams of one call."""
        self._streams.streams(count=1)

    def n_streams(self, size: Any) -> int:
        """Return how many streams a call for numbers of this shape gets."""
        return stream_count(size) if _is_constant(size) else MOST_STREAMS

    def get_substream_rstates(
        self, n_streams: int, dtype: Any = None, inc_rstate: bool = True
    ) -> Any:
        """Return the states of the next call's streams, of shape (streams, 6)."""
        states = self._streams.streams(count=n_streams).states
        return np.ascontiguousarray(states.cpu().numpy().T, dtype=np.int32)

    def uniform(
        self,
        size: Any,
        low: Any = 0.0,
        high: Any = 1.0,
        ndim: int | None = None,
        dtype: str | None = None,
        nstreams: int | None = None,
    ) -> Any:
        """Return a variable of uniform numbers of ``low`` to ``high``.

        Parameters
        ----------
        size
            The shape: a tuple of numbers and variables, or a variable.
        low, high
            Numbers or variables.
        ndim
            The number of dimensions, where the shape does not tell it.
        dtype
            The type; by default that of the limits, at least ``floatX``.
        nstreams
            How many streams to draw from.
        """
        low, high = pt.as_tensor_variable(low), pt.as_tensor_variable(high)
        dtype = _dtype(dtype, low, high)
        low, high = pt.cast(low, dtype), pt.cast(high, dtype)
        count = self.n_streams(size) if nstreams is None else nstreams
        state = shared(self.get_substream_rstates(count))
        draw = MRGUniform(dtype, _ndim(size, ndim))
        new, sample = draw(state, pt.as_tensor_variable(size, ndim=1).astype("int64"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that such updates are better written out
            state.default_update = new
        self.state_updates.append((state, new))
        return sample * (high - low) + low

    def binomial(
        self,
        size: Any = None,
        n: int = 1,
        p: Any = 0.5,
        ndim: int | None = None,
        dtype: str = "int64",
        nstreams: int | None = None,
    ) -> Any:
        """Return a variable of ones, with probability ``p``, and zeros."""
        if n != 1:
            raise NotImplementedError("MRG_RandomStreams.binomial with n != 1")
        if size is None:
            size = pt.as_tensor_variable(p).shape
        narrow = str(getattr(p, "dtype", "")) == "float32" and config.floatX == "float32"
        drawn = self.uniform(
            size, ndim=ndim, dtype="float32" if narrow else None, nstreams=nstreams
        )
        return pt.cast(drawn < p, dtype)

    def multinomial(
        self,
        size: Any = None,
        n: int = 1,
        pvals: Any = None,
        ndim: int | None = None,
        dtype: str = "int64",
        nstreams: int | None = None,
    ) -> Any:
        """Return a matrix with a one in each row, at a place chosen by the row's probabilities."""
        if n != 1 or pvals is None:
            raise NotImplementedError("MRG_RandomStreams.multinomial without pvals, or with n != 1")
        pvals = pt.as_tensor_variable(pvals)
        unis = self.uniform(pvals.shape[0:1], ndim=1, nstreams=nstreams)
        return MultinomialFromUniform(dtype)(pvals, unis)

    def normal(
        self,
        size: Any,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: str | None = None,
        nstreams: int | None = None,
    ) -> Any:
        """Return a variable of normal numbers, by the method of Box and Muller."""
        avg, std = pt.as_tensor_variable(avg), pt.as_tensor_variable(std)
        dtype = _dtype(dtype, avg, std)
        avg, std = pt.cast(avg, dtype), pt.cast(std, dtype)
        if _is_constant(size):
            number = int(np.prod(size, dtype=np.int64))
            half = (number + 1) // 2
        else:
            number = pt.prod(pt.as_tensor_variable(size).astype("int64"))
            half = (number + 1) // 2
        u = self.uniform((2 * half,), ndim=1, dtype=dtype, nstreams=nstreams)
        radius = pt.sqrt(-2.0 * pt.log(u[:half]))
        angle = np.array(2.0 * np.pi, dtype=dtype) * u[half:]
        both = pt.concatenate([radius * pt.cos(angle), radius * pt.sin(angle)])
        return avg + std * both[:number].reshape(size, ndim=_ndim(size, ndim))

    def updates(self) -> list[tuple[Any, Any]]:
        """Return the updates of all calls so far: pairs of states."""
        return list(self.state_updates)


def guess_n_streams(size: Any, warn: bool = False) -> int:
    """Return how many streams a call for numbers of this shape gets."""
    return stream_count(size) if _is_constant(size) else MOST_STREAMS


def _is_constant(size: Any) -> bool:
    return isinstance(size, list | tuple) and all(isinstance(n, int | np.integer) for n in size)


def _ndim(size: Any, ndim: int | None) -> int:
    if isinstance(size, list | tuple):
        return len(size)
    if ndim is not None:
        return ndim
    known = pt.as_tensor_variable(size).type.shape[0]
    if known is None:
        raise ValueError(
            f"the number of dimensions of a draw of shape {size} is not known: give ndim"
        )
    return int(known)


def _dtype(dtype: str | None, *parameters: Any) -> str:
    if dtype in (None, "floatX"):
        return str(upcast(config.floatX, *(each.dtype for each in parameters)))
    return str(dtype)
