"""Tensors that lie side by side in one vector, so that one operation changes them all."""

__all__ = ["Joined", "join_parameters", "layout", "wholes", "zeros_like"]

from collections.abc import Sequence
from itertools import accumulate

import torch

Tensors = list[torch.Tensor]

# PyTorch's own memory begins at multiples of so many bytes, on which the last bit of a product may
# depend.
_ALIGNMENT = 64


class Joined(Tensors):
    """A list of tensors which are windows on a vector.

    Attributes
    ----------
    whole : Tensor
        The vector: all of them, with zeros in between.
    """

    def __init__(self, tensors: Sequence[torch.Tensor], whole: torch.Tensor) -> None:
        super().__init__(tensors)
        self.whole = whole

    @classmethod
    def zeros(cls, like: Sequence[torch.Tensor]) -> "Joined":
        """Return zeros of the shapes of other tensors of one type, each laid out as that is."""
        step = _ALIGNMENT // like[0].element_size()
        sizes = (-(-tensor.numel() // step) * step for tensor in like)
        *offsets, size = accumulate(sizes, initial=0)
        whole = torch.zeros(size, dtype=like[0].dtype, device=like[0].device)
        windows = [
            whole.as_strided(tensor.shape, torch.empty_like(tensor).stride(), offset)
            for tensor, offset in zip(like, offsets, strict=True)
        ]
        return cls(windows, whole)

    def holds(self, tensors: Sequence[torch.Tensor]) -> bool:
        """Return whether other tensors are these, still in their places."""
        begin, end = self.whole.data_ptr(), self.whole.data_ptr() + self.whole.nbytes
        return len(tensors) == len(self) and all(
            one is other and begin <= one.data_ptr() < end
            for one, other in zip(self, tensors, strict=True)
        )


@torch.no_grad()
def join_parameters(params: Tensors) -> Tensors:
    """Return parameters, moved into one vector; as they are where that cannot be.

    It cannot where there are none, one is there twice, or they differ in type or device.
    """
    kinds = {(param.dtype, param.device) for param in params}
    places = {param.data_ptr() for param in params}
    if len(kinds) != 1 or len(places) != len(params):
        return params
    windows = Joined.zeros(params)
    for param, window in zip(params, windows, strict=True):
        param.data = window.copy_(param)
    return Joined(params, windows.whole)


def layout(tensors: Tensors) -> list[tuple[torch.Size, tuple[int, ...]]]:
    """Return the shapes of tensors, and how each lies in memory."""
    return [(tensor.shape, tensor.stride()) for tensor in tensors]


def zeros_like(tensors: Tensors) -> Tensors:
    """Return zeros of the tensors' shapes, joined if they are."""
    if isinstance(tensors, Joined):
        return Joined.zeros(tensors)
    return [torch.zeros_like(tensor) for tensor in tensors]


def wholes(*lists: Tensors) -> Sequence[Tensors]:
    """Return each list as its one vector if all are joined, else as they are."""
    joined = [[each.whole] for each in lists if isinstance(each, Joined)]
    return joined if len(joined) == len(lists) else lists
