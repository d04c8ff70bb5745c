"""Blocks: models with a representation, and stacks of them."""

__all__ = ["Block", "StackedBlocks"]

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import Space


class Block(Model):
    """A model whose output, for an input, is a representation to train other models on."""

    output_space: Space

    def get_output_space(self) -> Space:
        """Return where the output lies."""
        return self.output_space

    def upward_pass(self, X: torch.Tensor) -> torch.Tensor:
        """Return the output, as a `pylearn2.models.mlp.PretrainedLayer` does."""
        return self.fprop(X)

    @torch.no_grad()
    def perform(self, X: Any) -> Any:
        """Return the output for numbers, as numbers.

        Parameters
        ----------
        X
            Array or tensor of shape (examples, features).

        Returns
        -------
        array or Tensor
            Whichever was given.
        """
        if isinstance(X, torch.Tensor):
            return self.fprop(X)
        return self.fprop(backend.to_tensor(X)).cpu().numpy()


class StackedBlocks(Block):
    """Blocks on top of each other: the output of one is the input of the next.

    Parameters
    ----------
    layers
        From the input to the output. None at all is the identity.

    Raises
    ------
    ValueError
        If one does not take the output of the one below.
    """

    def __init__(self, layers: Sequence[Block]) -> None:
        super().__init__()
        self.stack = nn.ModuleList()
        for layer in layers:
            self.append(layer)

    def append(self, layer: Block) -> None:
        """Put another block on top."""
        if len(self.stack) and not self.get_output_space().alike(layer.get_input_space()):
            raise ValueError(
                f"block {len(self.stack)} of the stack takes {layer.get_input_space()}, but the "
                f"one below gives {self.get_output_space()}"
            )
        self.stack.append(layer)

    def layers(self) -> list[Block]:
        """Return the blocks."""
        return list(self.stack)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self.stack)

    def forward(self, X: torch.Tensor) -> list[torch.Tensor]:  # type: ignore[override]
        """Return the representations at all levels: the input, and each block's output."""
        levels = [X]
        for layer in self.layers():
            levels.append(layer.fprop(levels[-1]))
        return levels

    def fprop(self, X: torch.Tensor) -> torch.Tensor:
        """Return the output of the block on top."""
        return self.forward(X)[-1]

    def concat(
        self, X: torch.Tensor, start_index: int = -1, end_index: int | None = None
    ) -> torch.Tensor:
        """Return the representations of some levels side by side."""
        return torch.cat(self.forward(X)[start_index:end_index], 1)

    def get_input_space(self) -> Space:
        """Return where the input of the lowest block lies."""
        return self.layers()[0].get_input_space()

    def get_output_space(self) -> Space:
        """Return where the output of the block on top lies."""
        return self.layers()[-1].get_output_space()
