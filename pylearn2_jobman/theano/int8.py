"""Comparisons that are added up: Theano's were of int8, and counted; Booleans do not."""

__all__ = ["with_int8"]

from typing import Any

import pytensor.tensor as pt
from pytensor.graph.basic import Variable
from pytensor.graph.traversal import io_toposort
from pytensor.scalar.basic import Add
from pytensor.tensor.elemwise import Elemwise


def with_int8(outputs: Any, updates: Any, givens: Any) -> tuple[Any, Any, Any]:
    """Return the graphs of a function with sums of comparisons in int8.

    ``(x > 0) + (y > 0)`` is at most True in PyTensor. Their differences, and ``-(x > 0)``, are
    errors there, and stay so: ``T.gt(x, 0)`` is of int8.

    Parameters
    ----------
    outputs
        Variables, in a list or alone; or None.
    updates, givens
        Pairs of variables; or None.
    """
    listed = outputs if isinstance(outputs, list | tuple) else [outputs]
    roots = [getattr(each, "variable", each) for each in listed]
    roots += [new for pairs in (updates, givens) for _, new in pairs or ()]
    counted: dict[Variable, Variable] = {}
    for node in io_toposort([], [root for root in roots if isinstance(root, Variable)]):
        inputs = [counted.get(each, each) for each in node.inputs]
        if _adds_booleans(node.op, inputs):
            inputs = [pt.cast(each, "int8") for each in inputs]
        if inputs != node.inputs:
            made = node.clone_with_new_inputs(inputs, strict=False)
            counted.update(zip(node.outputs, made.outputs, strict=True))
    if not counted:
        return outputs, updates, givens

    def pairs_of(pairs: Any) -> Any:
        return pairs and [(old, counted.get(new, new)) for old, new in pairs]

    found = [counted.get(each, each) if isinstance(each, Variable) else each for each in listed]
    made_outputs = found if isinstance(outputs, list | tuple) else found[0]
    return made_outputs, pairs_of(updates), pairs_of(givens)


def _adds_booleans(op: Any, inputs: Any) -> bool:
    return (
        isinstance(op, Elemwise)
        and isinstance(op.scalar_op, Add)
        and all(each.type.dtype == "bool" for each in inputs)
    )
