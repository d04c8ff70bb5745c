"""Spaces: what a batch of data means, and how one kind of batch becomes another.

A dataset says in which space each of its sources lies, a model in which spaces it wants its input
and its targets; `Space.format_as` goes from the one to the other. The first axis of a batch is the
examples, but for images with other axes. Batches are tensors; the methods that begin with ``np_``
are for NumPy arrays.
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

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
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

    def get_batch_axis(self) -> int:
        """Return the axis of a batch that is the examples."""
        return 0

    def get_origin(self) -> Any:
        """Return an example of zeros, as an array."""
        return np.zeros(self._shape(1)).squeeze(self.get_batch_axis())

    def get_origin_batch(self, batch_size: int, dtype: str | None = None) -> Any:
        """Return ``batch_size`` examples of zeros, as an array."""
        return np.zeros(self._shape(batch_size), _dtype(dtype) if dtype else self.dtype)

    def batch_size(self, batch: Any) -> int:
        """Return the number of examples in a batch."""
        return int(batch.shape[self.get_batch_axis()])

    np_batch_size = batch_size

    def validate(self, batch: Any) -> None:
        """Check that a batch of tensors is of this space.

        Raises
        ------
        TypeError, ValueError
            If it is no tensor, or has another shape.
        """
        self._validate(batch, torch.Tensor, "a tensor")

    def np_validate(self, batch: Any) -> None:
        """Check that a batch of arrays is of this space, as `validate` does."""
        self._validate(batch, np.ndarray, "an array")

    def _validate(self, batch: Any, kind: type, what: str) -> None:
        if not isinstance(batch, kind):
            raise TypeError(f"a batch of {self} is {what}; got a {type(batch).__name__}")
        axis = self.get_batch_axis()
        size = batch.shape[axis] if batch.ndim > axis else 0  # type: ignore[attr-defined]
        if tuple(batch.shape) != self._shape(size):  # type: ignore[attr-defined]
            shape = ["any" if i == axis else n for i, n in enumerate(self._shape(0))]
            raise ValueError(
                f"a batch of {self} has the shape ({', '.join(map(str, shape))}); "
                f"got {tuple(batch.shape)}"  # type: ignore[attr-defined]
            )

    def np_format_as(self, batch: Any, space: "Space") -> Any:
        """Return a batch of arrays of this space as one of ``space``; see `format_as`."""
        self.np_validate(batch)
        return space.as_arrays(self.format_as(self.as_tensors(batch), space))

    def as_tensors(self, batch: Any) -> Any:
        """Return a batch of arrays as tensors of their own type, where they are."""
        return torch.from_numpy(np.ascontiguousarray(batch))

    def as_arrays(self, batch: Any) -> Any:
        """Return a batch of tensors as arrays."""
        return batch.detach().cpu().numpy()

    def _shape(self, batch_size: int) -> tuple[int, ...]:
        """Return the shape of a batch."""
        raise NotImplementedError

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
        if self.alike(space):
            return batch.to(space.torch_dtype)
        return self._format_as(batch, space)

    def _format_as(self, batch: Any, space: "Space") -> Any:
        raise ValueError(f"data of {self} cannot be given to what wants {space}")

    def alike(self, other: object) -> bool:
        """Return whether batches of the two spaces differ in their data type at most."""
        return type(self) is type(other) and self._key() == other._key()

    def _key(self) -> tuple[Any, ...]:
        """Return what makes two spaces of this class alike."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self.alike(other) and self.dtype == other.dtype  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self._key()))


class NullSpace(Space):
    """The space of no data, for what needs none."""

    dtype = "NullSpace's dtype"

    def get_origin(self) -> None:
        """Return None."""

    def get_origin_batch(self, batch_size: int, dtype: str | None = None) -> None:
        """Return None."""

    def batch_size(self, batch: Any) -> int:
        """Return 0."""
        return 0

    np_batch_size = batch_size

    def _validate(self, batch: Any, kind: type, what: str) -> None:
        if batch not in (None, ()):
            raise TypeError(f"a batch of a NullSpace is None; got a {type(batch).__name__}")

    def format_as(self, batch: Any, space: Space) -> Any:
        """Return None, for another NullSpace."""
        return None if self.alike(space) else self._format_as(batch, space)

    def as_tensors(self, batch: Any) -> None:
        """Return None."""

    as_arrays = as_tensors

    def get_total_dimension(self) -> int:
        """Return 0."""
        return 0

    def _key(self) -> tuple[Any, ...]:
        return ()

    def __repr__(self) -> str:
        return "NullSpace()"


class VectorSpace(Space):
    """Vectors of ``dim`` real numbers: batches of shape (examples, dim).

    Where ``sparse``, batches are SciPy's sparse matrices instead of arrays; tensors are dense.
    """

    sparse = False  # of spaces in files of before

    def __init__(self, dim: int, sparse: bool = False, dtype: str | None = None) -> None:
        self.dim = int(dim)
        self.sparse = bool(sparse)
        self.dtype = _dtype(dtype)

    def get_origin_batch(self, batch_size: int, dtype: str | None = None) -> Any:
        """Return ``batch_size`` examples of zeros."""
        zeros = super().get_origin_batch(batch_size, dtype)
        return _sparse(zeros) if self.sparse else zeros

    def np_validate(self, batch: Any) -> None:
        """Check that a batch is of this space."""
        if not self.sparse:
            super().np_validate(batch)
        elif not hasattr(batch, "toarray"):
            raise TypeError(f"a batch of {self} is a sparse matrix; got a {type(batch).__name__}")
        else:
            self._validate(batch, type(batch), "a sparse matrix")

    def as_tensors(self, batch: Any) -> Any:
        """Return a batch as a dense tensor."""
        return super().as_tensors(batch.toarray() if hasattr(batch, "toarray") else batch)

    def as_arrays(self, batch: Any) -> Any:
        """Return a tensor as an array, or a sparse matrix."""
        array = super().as_arrays(batch)
        return _sparse(array) if self.sparse else array

    def _shape(self, batch_size: int) -> tuple[int, ...]:
        return batch_size, self.dim

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and self.sparse == other.sparse  # type: ignore[attr-defined]

    __hash__ = Space.__hash__

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
            return hot.amax(1)
        return hot.flatten(1)

    def _shape(self, batch_size: int) -> tuple[int, ...]:
        return batch_size, self.dim

    def np_format_as(self, batch: Any, space: Space) -> Any:
        """Return a batch of arrays of this space as one of ``space``."""
        if not np.issubdtype(batch.dtype, np.integer):
            raise TypeError(f"labels are integers; got {batch.dtype}")
        return super().np_format_as(batch, space)

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
        elif isinstance(space, Conv2DSpace) and space.alike(self.with_axes(space.axes)):
            batch = self._permuted(batch, space.axes)
        else:
            return self._format_as(batch, space)
        return batch.to(space.torch_dtype)

    @staticmethod
    def convert_numpy(
        tensor: Any, src_axes: Sequence[int | str], dst_axes: Sequence[int | str]
    ) -> Any:
        """Return images with their axes in another order; arrays or tensors."""
        order = [tuple(src_axes).index(axis) for axis in dst_axes]
        return (
            tensor.permute(order) if isinstance(tensor, torch.Tensor) else tensor.transpose(order)
        )

    convert = convert_numpy

    def get_batch_axis(self) -> int:
        """Return the axis of a batch that is the examples."""
        return self.axes.index("b")

    def _shape(self, batch_size: int) -> tuple[int, ...]:
        sizes = {"b": batch_size, 0: self.shape[0], 1: self.shape[1], "c": self.num_channels}
        return tuple(sizes[axis] for axis in self.axes)

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

    @property
    def dtype(self) -> Any:  # type: ignore[override]
        """The data types of the components, in a tuple."""
        return tuple(component.dtype for component in self.components)

    def alike(self, other: object) -> bool:
        """Return whether the components are alike."""
        return (
            isinstance(other, CompositeSpace)
            and len(self.components) == len(other.components)
            and all(map(Space.alike, self.components, other.components))
        )

    def get_origin(self) -> Any:
        """Return an example of zeros of each component."""
        return tuple(component.get_origin() for component in self.components)

    def get_origin_batch(self, batch_size: int, dtype: Any = None) -> Any:
        """Return a batch of zeros of each component."""
        return tuple(component.get_origin_batch(batch_size) for component in self.components)

    def batch_size(self, batch: Any) -> int:
        """Return the number of examples in a batch."""
        parts = zip(self.components, batch, strict=True)
        return max((component.batch_size(part) for component, part in parts), default=0)

    np_batch_size = batch_size

    def validate(self, batch: Any) -> None:
        """Check each part of a batch of tensors."""
        for component, part in self._parts(batch):
            component.validate(part)

    def np_validate(self, batch: Any) -> None:
        """Check each part of a batch of arrays."""
        for component, part in self._parts(batch):
            component.np_validate(part)

    def _parts(self, batch: Any) -> Iterator[tuple[Space, Any]]:
        if not isinstance(batch, tuple) or len(batch) != len(self.components):
            raise TypeError(
                f"a batch of {self} is a tuple of {len(self.components)}; got a "
                f"{type(batch).__name__}"
            )
        return zip(self.components, batch, strict=True)

    def as_tensors(self, batch: Any) -> Any:
        """Return the parts as tensors."""
        return tuple(component.as_tensors(part) for component, part in self._parts(batch))

    def as_arrays(self, batch: Any) -> Any:
        """Return the parts as arrays."""
        return tuple(component.as_arrays(part) for component, part in self._parts(batch))

    def restrict_batch(self, batch: Any, subset: Sequence[int]) -> Any:
        """Return some of the parts of a batch; a single one stands for itself."""
        chosen = tuple(batch[part] for part in subset)
        return chosen[0] if len(chosen) == 1 else chosen

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
    if not isinstance(vars(torch).get(name), torch.dtype):  # getattr would import what it can
        raise ValueError(f"{name!r} is not the name of a PyTorch data type")
    return name


def _sparse(array: Any) -> Any:
    from scipy import sparse  # type: ignore[import-untyped]

    return sparse.csr_matrix(array)
