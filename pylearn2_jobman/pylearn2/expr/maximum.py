"""The largest of several numbers, with the gradient that Theano gives it."""

__all__ = ["largest", "largest_backward"]

from typing import Any

import torch


class _Largest(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: torch.Tensor) -> torch.Tensor:
        most = values.amax(-1)
        ctx.save_for_backward(values, most)
        return most

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        values, most = ctx.saved_tensors
        return largest_backward(values, most, gradient)


def largest(values: torch.Tensor) -> torch.Tensor:
    """Return the largest number along the last axis.

    Where several are the largest, as in flat parts of an image, the whole gradient goes to each of
    them; PyTorch would choose one, or divide it.
    """
    most: torch.Tensor = _Largest.apply(values)  # type: ignore[no-untyped-call]
    return most


def largest_backward(
    values: torch.Tensor, most: torch.Tensor, gradient: torch.Tensor
) -> torch.Tensor:
    """Return the gradient for ``values``, given that for the largest along the last axis."""
    chosen = most.unsqueeze(-1).expand_as(values).clone(memory_format=torch.contiguous_format)
    chosen.eq_(values)  # 1 or 0: quicker than a comparison's truth values, made numbers
    return gradient.unsqueeze(-1) * chosen
