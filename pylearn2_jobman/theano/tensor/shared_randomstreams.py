"""``theano.tensor.shared_randomstreams``: random numbers of NumPy's Mersenne Twister."""

__all__ = ["RandomStreams"]

import warnings
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type

from pylearn2_jobman.theano.compile import shared
from pylearn2_jobman.theano.configparser import config
from pylearn2_jobman.theano.gof import Apply, Op

_WORDS = 624


class Draw(Op):
    """Numbers that a method of `numpy.random.RandomState` draws, and the generator after it.

    Parameters
    ----------
    method
        The method's name.
    dtype
        The type of the numbers.
    ndim
        How many dimensions they have.
    """

    __props__ = ("method", "dtype", "ndim")

    def __init__(self, method: str, dtype: str, ndim: int) -> None:
        self.method, self.dtype, self.ndim = method, dtype, ndim

    def make_node(self, state: Any, size: Any, *parameters: Any) -> Any:
        """Return the node of this computation."""
        inputs = [state, size, *map(pt.as_tensor_variable, parameters)]
        drawn = pt.TensorType(self.dtype, (None,) * self.ndim)()
        return Apply(self, inputs, [state.type(), drawn])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        """Draw."""
        state, size, *parameters = inputs
        generator = _generator(state)
        shape = tuple(map(int, size))
        drawn = _METHODS[self.method](generator, shape, *parameters)
        output_storage[0][0] = _state(generator)
        output_storage[1][0] = np.asarray(drawn, dtype=self.dtype)

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Return that nothing is differentiated by random numbers."""
        return [[False, False] for _ in node.inputs]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that there are no gradients."""
        return [disconnected_type() for _ in inputs]


def _permutations(generator: Any, shape: Any, n: Any) -> Any:
    if not shape:
        return generator.permutation(int(n))
    rows = [generator.permutation(int(n)) for _ in range(int(np.prod(shape)))]
    return np.array(rows).reshape(*shape, int(n))


_METHODS: dict[str, Any] = {
    "binomial": lambda rng, size, n, p: rng.binomial(n, p, size),
    "choice": lambda rng, size, a, p: rng.choice(int(a), size, p=None if p.size == 0 else p),
    "multinomial": lambda rng, size, n, pvals: rng.multinomial(int(n), pvals, size),
    "normal": lambda rng, size, avg, std: rng.normal(avg, std, size),
    "permutation": _permutations,
    "poisson": lambda rng, size, lam: rng.poisson(lam, size),
    "random_integers": lambda rng, size, low, high: rng.randint(low, high + 1, size),
    "uniform": lambda rng, size, low, high: rng.uniform(low, high, size),
}


class RandomStreams:
    """Gives each random call a generator of its own, which goes on where it was at each use.

    Parameters
    ----------
    seed
        Where the generators' seeds are drawn from.
    """

    def __init__(self, seed: Any = None) -> None:
        self.state_updates: list[tuple[Any, Any]] = []
        self.default_instance_seed = seed
        self.gen_seedgen = np.random.RandomState(seed)

    def seed(self, seed: Any = None) -> None:
        """Begin anew, also with the calls that were made."""
        self.gen_seedgen = np.random.RandomState(
            self.default_instance_seed if seed is None else seed
        )
        for state, _ in self.state_updates:
            state.set_value(self._new_state())

    def updates(self) -> list[tuple[Any, Any]]:
        """Return the updates of all calls so far: pairs of states."""
        return list(self.state_updates)

    def uniform(
        self, size: Any = (), low: Any = 0.0, high: Any = 1.0, ndim: Any = None, dtype: Any = None
    ) -> Any:
        """Return a variable of uniform numbers of ``low`` to ``high``."""
        return self._draw("uniform", size, ndim, dtype or config.floatX, low, high)

    def normal(
        self, size: Any = (), avg: Any = 0.0, std: Any = 1.0, ndim: Any = None, dtype: Any = None
    ) -> Any:
        """Return a variable of normal numbers."""
        return self._draw("normal", size, ndim, dtype or config.floatX, avg, std)

    def binomial(
        self, size: Any = (), n: Any = 1, p: Any = 0.5, ndim: Any = None, dtype: Any = "int64"
    ) -> Any:
        """Return a variable of how many of ``n`` came about, each with probability ``p``."""
        return self._draw("binomial", size, ndim, dtype, n, p)

    def poisson(
        self, size: Any = (), lam: Any = 1.0, ndim: Any = None, dtype: Any = "int64"
    ) -> Any:
        """Return a variable of numbers of events, of which ``lam`` are expected."""
        return self._draw("poisson", size, ndim, dtype, lam)

    def random_integers(
        self, size: Any = (), low: Any = 0, high: Any = 1, ndim: Any = None, dtype: Any = "int64"
    ) -> Any:
        """Return a variable of integers of ``low`` to ``high``, this included."""
        return self._draw("random_integers", size, ndim, dtype, low, high)

    def choice(
        self,
        size: Any = (),
        a: Any = 2,
        replace: bool = True,
        p: Any = None,
        ndim: Any = None,
        dtype: Any = "int64",
    ) -> Any:
        """Return a variable of integers below ``a``, by their probabilities ``p``."""
        if not replace:
            raise NotImplementedError("RandomStreams.choice without replacement")
        p = np.zeros(0) if p is None else p
        return self._draw("choice", size, ndim, dtype, a, p)

    def multinomial(
        self, size: Any = (), n: Any = 1, pvals: Any = (0.5, 0.5), ndim: Any = None,
        dtype: Any = "int64",
    ) -> Any:  # fmt: skip
        """Return a variable of how often each of the last axis came about, in ``n`` draws."""
        return self._draw("multinomial", size, ndim, dtype, n, pvals, extra=1)

    def permutation(
        self, size: Any = (), n: Any = 1, ndim: Any = None, dtype: Any = "int64"
    ) -> Any:
        """Return a variable of permutations of the integers below ``n``, along the last axis."""
        return self._draw("permutation", size, ndim, dtype, n, extra=1)

    def _draw(
        self, method: str, size: Any, ndim: Any, dtype: str, *parameters: Any, extra: int = 0
    ) -> Any:
        size = (1,) * 0 if size is None else size
        size = (size,) if isinstance(size, int) else size
        if ndim is None:
            constant = isinstance(size, list | tuple)
            ndim = len(size) if constant else int(pt.as_tensor_variable(size).type.shape[0])
        shape = pt.as_tensor_variable(np.array(size, np.int64)) if size == () else size
        shape = pt.cast(pt.as_tensor_variable(shape, ndim=1), "int64")
        state = shared(self._new_state())
        new, drawn = Draw(method, dtype, ndim + extra)(state, shape, *parameters)
        drawn.rng, drawn.update = state, (state, new)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that such updates are better written out
            state.default_update = new
        self.state_updates.append((state, new))
        return drawn

    def _new_state(self) -> Any:
        return _state(np.random.RandomState(int(self.gen_seedgen.randint(2**30))))


def _state(generator: Any) -> Any:
    """Return a generator as a vector of int64."""
    _, words, position, has_gauss, gauss = generator.get_state()
    rest = np.array([position, has_gauss, np.float64(gauss).view(np.int64)], dtype=np.int64)
    return np.concatenate([words.astype(np.int64), rest])


def _generator(state: Any) -> np.random.RandomState:
    position, has_gauss, gauss = state[_WORDS:]
    generator = np.random.RandomState(0)
    generator.set_state(
        (
            "MT19937",
            state[:_WORDS].astype(np.uint32),
            int(position),
            int(has_gauss),
            float(np.int64(gauss).view(np.float64)),
        )
    )
    return generator
