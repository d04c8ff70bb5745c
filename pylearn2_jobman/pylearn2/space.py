"""Spaces: what a batch of data means, and how one kind of batch becomes another.

A dataset says in which space each of its sources lies, a model in which spaces it wants its input
and its targets; `Space.format_as` goes from the one to the other. The first axis of a batch is the
examples.
"""

__all__ = [
    "CompositeSpace",
    "Conv2DSpace",
    "Data",
    "DataSpecs",
    "IndexSpace",
    "NullSpace",
    "Space",
    "VectorSpace",
]

from collections.abc import Sequence
from typing import Any

import torch

from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2 import backend

Data = tuple[Any, Any]
"""A batch: the features and the targets, which are None where nobody needs them."""

DataSpecs = tuple["Space", Any]
"""A space and the source it is filled from; a CompositeSpace and a tuple of sources."""


class Space:
    """The set that batches of data are drawn from."""

    dtype: str

    @property
    def torch_dtype(self) -> torch.dtype:
        """PyTorch's object for ``dtype``."""
        dtype: torch.dtype = getattr(torch, self.dtype)
        return dtype

    def get_total_dimension(self) -> int:
        """Return how many numbers an example has."""
        raise NotImplementedError

    def format_as(self, batch: Any, space: "Space") -> Any:
        """Return a batch of this space as a batch of ``space``.

        Raises
        ------
        ValueError
            If there is no way from here to there.
        """
        if space == self:
            return batch.to(space.torch_dtype)
        return self._format_as(batch, space)

    def _format_as(self, batch: Any, space: "Space") -> Any:
        raise ValueError(f"data of {self} cannot be given to what wants {space}")

    def _key(self) -> tuple[Any, ...]:
        """Return what makes two spaces of this class equal."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))


class NullSpace(Space):
    """The space of no data, for what needs none."""

    def get_total_dimension(self) -> int:
        """Return 0."""
        return 0

    def _key(self) -> tuple[Any, ...]:
        return ()

    def __repr__(self) -> str:
        return "NullSpace()"


class VectorSpace(Space):
    """Vectors of ``dim`` real numbers: batches of shape (examples, dim)."""

    def __init__(self, dim: int, sparse: bool = False, dtype: str | None = None) -> None:
        if sparse:
            raise ValueError("sparse vector spaces are not supported; use sparse=False")
        self.dim = int(dim)
        self.dtype = _dtype(dtype)

    def get_total_dimension(self) -> int:
        """Return ``dim``."""
        return self.dim

    def _format_as(self, batch: Any, space: Space) -> Any:
        if isinstance(space, CompositeSpace) and space.get_total_dimension() == self.dim:
            sizes = [component.get_total_dimension() for component in space.components]
            return tuple(
                VectorSpace(size, dtype=self.dtype).format_as(part, component)
                for size, part, component in zip(
                    sizes, batch.split(sizes, 1), space.components, strict=True
                )
            )
        if isinstance(space, Conv2DSpace) and space.get_total_dimension() == self.dim:
            images = space.with_axes(space.default_axes)
            return images.format_as(batch.reshape(-1, *space.shape, space.num_channels), space)
        return super()._format_as(batch, space)

    def _key(self) -> tuple[Any, ...]:
        return (self.dim,)

    def __repr__(self) -> str:
        return f"VectorSpace(dim={self.dim})"


@takes_old_arguments("pylearn2.space.IndexSpace")
class IndexSpace(Space):
    """``dim`` labels, each of 0 to ``max_labels`` - 1: integer batches of shape (examples, dim)."""

    def __init__(self, max_labels: int, dim: int, dtype: str = "int64") -> None:
        self.max_labels = int(max_labels)
        self.dim = int(dim)
        self.dtype = _dtype(dtype)

    def get_total_dimension(self) -> int:
        """Return ``dim``."""
        return self.dim

    def _format_as(self, batch: Any, space: Space) -> Any:
        if not isinstance(space, VectorSpace) or space.dim not in (
            self.max_labels,
            self.max_labels * self.dim,
        ):
            return super()._format_as(batch, space)
        hot = torch.zeros(len(batch), self.dim, self.max_labels, dtype=space.torch_dtype)
        hot = hot.to(batch.device).scatter_(2, batch.long().unsqueeze(2), 1)
        if space.dim == self.max_labels:  # all labels of an example in one vector
            return hot.sum(1)
        return hot.flatten(1)

    def _key(self) -> tuple[Any, ...]:
        return (self.max_labels, self.dim)

    def __repr__(self) -> str:
        return f"IndexSpace(max_labels={self.max_labels}, dim={self.dim})"


@takes_old_arguments("pylearn2.space.Conv2DSpace")
class Conv2DSpace(Space):
    """Images: batches of four axes, among them the examples, in the order ``axes``.

    Parameters
    ----------
    shape
        (rows, columns).
    channels, num_channels
        Number of channels, under its old and its new name.
    axes
        Order of 'b' (examples), 0 (rows), 1 (columns) and 'c' (channels).
    """

    default_axes = ("b", 0, 1, "c")

    def __init__(
        self,
        shape: Sequence[int],
        channels: int | None = None,
        num_channels: int | None = None,
        axes: Sequence[int | str] | None = None,
        dtype: str | None = None,
    ) -> None:
        if (channels is None) == (num_channels is None):
            raise ValueError("a Conv2DSpace needs num_channels (channels is its old name)")
        count = channels if num_channels is None else num_channels
        assert count is not None
        self.shape = tuple(int(size) for size in shape)
        self.num_channels = int(count)
        self.axes = tuple(axes or self.default_axes)
        if len(self.shape) != 2 or set(self.axes) != set(self.default_axes):
            raise ValueError(
                f"a Conv2DSpace has a shape of rows and columns, and the axes 'b', 0, 1 and 'c' "
                f"in some order; got shape {self.shape} and axes {self.axes}"
            )
        self.dtype = _dtype(dtype)

    def get_total_dimension(self) -> int:
        """Return the number of pixels times that of channels."""
        return self.shape[0] * self.shape[1] * self.num_channels

    def with_axes(self, axes: Sequence[int | str]) -> "Conv2DSpace":
        """Return the same images with their axes in another order."""
        return Conv2DSpace(self.shape, num_channels=self.num_channels, axes=axes, dtype=self.dtype)

    def format_as(self, batch: Any, space: Space) -> Any:
        """Return a batch with other axes, or as vectors in the order rows, columns, channels."""
        if isinstance(space, VectorSpace) and space.dim == self.get_total_dimension():
            batch = self._permuted(batch, self.default_axes).flatten(1)
        elif isinstance(space, Conv2DSpace) and space == self.with_axes(space.axes):
            batch = self._permuted(batch, space.axes)
        else:
            return self._format_as(batch, space)
        return batch.to(space.torch_dtype)

    def _permuted(self, batch: torch.Tensor, axes: Sequence[int | str]) -> torch.Tensor:
        return batch.permute([self.axes.index(axis) for axis in axes])

    def _key(self) -> tuple[Any, ...]:
        return (self.shape, self.num_channels, self.axes)

    def __repr__(self) -> str:
        return (
            f"Conv2DSpace(shape={self.shape}, num_channels={self.num_channels}, axes={self.axes})"
        )


class CompositeSpace(Space):
    """Several spaces side by side: batches are tuples."""

    def __init__(self, components: Sequence[Space]) -> None:
        self.components = tuple(components)

    def _format_as(self, batch: Any, space: Space) -> Any:
        if isinstance(space, VectorSpace) and space.dim == self.get_total_dimension():
            parts = []
            for component, part in zip(self.components, batch, strict=True):
                dim = component.get_total_dimension()
                parts.append(component.format_as(part, VectorSpace(dim, dtype=space.dtype)))
            return torch.cat(parts, 1)
        return super()._format_as(batch, space)

    def format_as(self, batch: Any, space: Space) -> Any:
        """Return the parts of a batch as those of another composite, or side by side."""
        if not isinstance(space, CompositeSpace):
            return self._format_as(batch, space)
        if len(space.components) != len(self.components):
            return super()._format_as(batch, space)
        return tuple(
            component.format_as(part, other)
            for component, part, other in zip(self.components, batch, space.components, strict=True)
        )

    def restrict(self, parts: Sequence[int]) -> Space:
        """Return the space of some of the components; a single one stands for itself."""
        chosen = [self.components[part] for part in parts]
        return chosen[0] if len(chosen) == 1 else CompositeSpace(chosen)

    def get_total_dimension(self) -> int:
        """Return the sum of the components' dimensions."""
        return sum(component.get_total_dimension() for component in self.components)

    def _key(self) -> tuple[Any, ...]:
        return self.components

    def __repr__(self) -> str:
        return f"CompositeSpace({', '.join(map(repr, self.components))})"


def _dtype(name: str | None) -> str:
    if name is None or name == "floatX":
        return str(backend.float_dtype()).removeprefix("torch.")
    if not isinstance(getattr(torch, name, None), torch.dtype):
        raise ValueError(f"{name!r} is not the name of a PyTorch data type")
    return name
