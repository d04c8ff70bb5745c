"""``theano.gradient``: derivatives of graphs."""

__all__ = ["Lop", "Rop", "grad", "subgraph_grad", "verify_grad"]

from typing import Any

import numpy as np
import pytensor.gradient

from pylearn2_jobman.theano.fallback import fallback
from pylearn2_jobman.theano.quiet import quiet

__getattr__ = fallback(__name__, "pytensor.gradient")

grad = quiet(pytensor.gradient.grad)
subgraph_grad = quiet(pytensor.gradient.subgraph_grad)
jacobian = quiet(pytensor.gradient.jacobian)
hessian = quiet(pytensor.gradient.hessian)
Lop = quiet(pytensor.gradient.Lop)


@quiet
def Rop(f: Any, wrt: Any, eval_points: Any) -> Any:
    """Return the derivatives of ``f`` along ``eval_points``."""
    return pytensor.gradient.Rop(f, wrt, eval_points)


@quiet
def verify_grad(fun: Any, pt: Any, n_tests: int = 2, rng: Any = None, **kwargs: Any) -> None:
    """Compare a gradient with differences of the function; raise where they are not alike."""
    rng = np.random.RandomState(1234) if rng is None else rng
    pytensor.gradient.verify_grad(fun, pt, n_tests, rng, **kwargs)
