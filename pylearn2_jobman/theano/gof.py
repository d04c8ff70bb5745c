"""``theano.gof``: variables, the operations between them, and graphs of both."""

__all__ = ["Apply", "Constant", "Op", "Type", "Variable", "generic"]

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytensor.graph.op
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.rewriting.basic import WalkingGraphRewriter, node_rewriter
from pytensor.graph.traversal import ancestors as _ancestors
from pytensor.graph.traversal import graph_inputs
from pytensor.graph.type import Type
from pytensor.link.c.type import generic

from pylearn2_jobman.theano.fallback import fallback

__getattr__ = fallback(
    __name__,
    "pytensor.graph.basic",
    "pytensor.graph.fg",
    "pytensor.graph.features",
    "pytensor.graph.op",
    "pytensor.graph.traversal",
    "pytensor.graph.rewriting.basic",
    "pytensor.graph.rewriting.db",
    "pytensor.graph.utils",
    "pytensor.link.basic",
    "pytensor.link.c.basic",
    "pytensor.link.vm",
)

Value = Constant
local_optimizer = node_rewriter
TopoOptimizer = WalkingGraphRewriter


class Op(pytensor.graph.op.Op):
    """An operation of one's own, with Theano's methods.

    ``make_node``, ``perform``, ``grad``, ``R_op``, ``connection_pattern`` and ``infer_shape`` are
    called as Theano called them. ``c_code`` is not: ``perform`` is.
    """

    def __init__(self, use_c_code: Any = None) -> None:
        super().__init__()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        infer_shape = cls.__dict__.get("infer_shape")
        if infer_shape is not None and len(inspect.signature(infer_shape).parameters) == 3:
            # PyTensor gives the whole graph first.
            def with_graph(self: Any, fgraph: Any, node: Any, shapes: Any) -> Any:
                return infer_shape(self, node, shapes)

            cls.infer_shape = with_graph

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Return the gradients, by ``grad`` or ``L_op``."""
        if self.__class__.L_op is not pytensor.graph.op.Op.L_op:
            gradients = self.L_op(inputs, outputs, cotangents)
        else:
            gradients = self.grad(inputs, cotangents)
        return [disconnected_type() if each is None else each for each in gradients]

    def pushforward(self, inputs: Any, outputs: Any, tangents: Any) -> list[Any]:
        """Return the derivatives in a direction, by ``R_op``."""
        points = [None if isinstance(t.type, DisconnectedType) else t for t in tangents]
        return [disconnected_type() if d is None else d for d in self.R_op(inputs, points)]


PureOp = Op


def inputs(variables: Sequence[Any], blockers: Any = None) -> list[Any]:
    """Return the variables that others are computed from and that are computed from none."""
    return list(dict.fromkeys(graph_inputs(variables, blockers=blockers)))


def ancestors(variables: Sequence[Any], blockers: Any = None) -> list[Any]:
    """Return the variables that others are computed from, directly or not, and these themselves."""
    return list(_ancestors(variables, blockers=blockers))


def get_debug_values(*variables: Any) -> list[Any]:
    """Return nothing to go through: there are no test values."""
    return []


def debug_error_message(message: str) -> None:
    """Do nothing: it is for test values."""


def debug_assert(condition: Any, message: str | None = None) -> None:
    """Do nothing: it is for test values."""


def missing_test_message(message: str) -> None:
    """Do nothing: it is for test values."""


def get_lock(*args: Any, **kwargs: Any) -> None:
    """Do nothing: PyTensor locks its cache itself."""


def release_lock(*args: Any, **kwargs: Any) -> None:
    """Do nothing: PyTensor locks its cache itself."""


@contextmanager
def lock_ctx(*args: Any, **kwargs: Any) -> Iterator[None]:
    """Do nothing: PyTensor locks its cache itself."""
    yield


def get_lib_extension() -> str:
    """Return the ending of libraries that were compiled."""
    return "so"
