"""A dataset in memory: a matrix of examples, with targets if there are any."""

__all__ = [
    "DefaultViewConverter",
    "DenseDesignMatrix",
    "convert_to_one_hot",
    "dataset_range",
    "from_dataset",
    "set_axes",
]

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset, kept_range
from pylearn2_jobman.pylearn2.datasets.preprocessing import Preprocessor
from pylearn2_jobman.pylearn2.datasets.view_converter import DefaultViewConverter, ViewConverter
from pylearn2_jobman.pylearn2.space import (
    CompositeSpace,
    Conv2DSpace,
    DataSpecs,
    IndexSpace,
    Space,
    VectorSpace,
)
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

Array = np.ndarray[Any, Any]


@takes_old_arguments("pylearn2.datasets.dense_design_matrix.DenseDesignMatrix")
class DenseDesignMatrix(Dataset):
    """Examples as the rows of a matrix.

    Parameters
    ----------
    X
        Features, of shape (examples, features).
    topo_view
        Instead of X: images, with the axes ``axes``.
    y
        Targets, of shape (examples, targets); or labels, of shape (examples,) or
        (examples, labels), with ``y_labels``.
    view_converter
        How the rows of X are images, if they are.
    axes
        Order of the axes of images: 'b' (examples), 0 (rows), 1 (columns), 'c' (channels).
    rng
        Generator or seed of `get_batch_design`.
    preprocessor
        Applied to the features: see `pylearn2.datasets.preprocessing`.
    fit_preprocessor
        Whether the preprocessor learns from these features first.
    X_labels, y_labels
        Number of different labels, where X or y holds integers 0, 1, ... that name classes.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or a label is outside its range.
    """

    X: Array
    y: Array | None
    preprocessor: Preprocessor | None = None
    rng: np.random.RandomState

    def __init__(
        self,
        X: Any = None,
        topo_view: Any = None,
        y: Any = None,
        view_converter: ViewConverter | None = None,
        axes: Sequence[int | str] = ("b", 0, 1, "c"),
        rng: Seed = None,
        preprocessor: Preprocessor | None = None,
        fit_preprocessor: bool = False,
        X_labels: int | None = None,
        y_labels: int | None = None,
    ) -> None:
        if (X is None) == (topo_view is None):
            raise ValueError(
                "a DenseDesignMatrix needs X, a matrix with a row for each example, or topo_view, "
                "an array of images"
            )
        self.view_converter = view_converter
        if topo_view is not None:
            self.set_topological_view(topo_view, axes)
        else:
            self.X = np.asanyarray(X)
            if self.X.ndim == 1:  # a number an example
                self.X = self.X.reshape(-1, 1)
        self.y = None if y is None else np.asanyarray(y)
        self.X_labels = X_labels
        self.y_labels = y_labels
        self.rng = make_np_rng(rng, [17, 2, 946])
        self._tensors: dict[str, tuple[Array, torch.Tensor]] = {}
        self._check()
        if preprocessor is not None:
            self.preprocessor = preprocessor
            self.apply_preprocessor(preprocessor, can_fit=fit_preprocessor)

    def _check(self) -> None:
        if self.X.ndim != 2:
            raise ValueError(f"X has shape {self.X.shape}; it must be (examples, features)")
        for name, values, labels in (("X", self.X, self.X_labels), ("y", self.y, self.y_labels)):
            if labels is None:
                continue
            if values is None:
                raise ValueError(f"{name}_labels is given, but {name} is not")
            if values.size and not values.max() < labels:
                raise ValueError(_wrong_labels(name, values, labels))

    def get_num_examples(self) -> int:
        """Return the number of rows."""
        return len(self.get_design_matrix())

    def has_targets(self) -> bool:
        """Return whether there is a y."""
        return self.y is not None

    def get_data(self) -> Any:
        """Return X, or X and y where there is one."""
        return self.X if self.y is None else (self.X, self.y)

    @property
    def X_space(self) -> Space:
        """Where the rows of X lie."""
        return _space(self.X, self.X_labels)

    @property
    def X_topo_space(self) -> Space | None:
        """Where the images lie, if the rows are images."""
        return None if self.view_converter is None else self.view_converter.topo_space

    @property
    def data_specs(self) -> DataSpecs:
        """The space and the source of each part of `get_data`; a subclass may set others."""
        own: DataSpecs | None = vars(self).get("_data_specs")
        if own is not None:
            return own
        if self.y is None:
            return self.X_space, "features"
        spaces = self.X_space, _space(self.y, self.y_labels)
        return CompositeSpace(spaces), ("features", "targets")

    @data_specs.setter
    def data_specs(self, data_specs: DataSpecs) -> None:
        self._data_specs = data_specs

    def get_data_specs(self) -> DataSpecs:
        """Return ``data_specs``."""
        return self.data_specs

    def get_design_matrix(self, topo: Array | None = None) -> Array:
        """Return X, or the rows that the images ``topo`` are."""
        return self.X if topo is None else self._viewed().topo_view_to_design_mat(topo)

    def set_design_matrix(self, X: Array) -> None:
        """Replace the features."""
        self.X = X

    def get_topological_view(self, mat: Array | None = None) -> Array:
        """Return the features, or ``mat``, as images with the axes of the view converter.

        Raises
        ------
        ValueError
            If there is no view converter.
        """
        view = self._viewed()
        return view.design_mat_to_topo_view(self.get_design_matrix() if mat is None else mat)

    def get_weights_view(self, mat: Array) -> Array:
        """Return rows of weights as images, with the axes ('b', 0, 1, 'c')."""
        return self._viewed().design_mat_to_weights_view(mat)

    def get_formatted_view(self, mat: Array, dspace: Space) -> Array:
        """Return rows as a batch of a space of vectors or images."""
        view = self._viewed()
        if not isinstance(dspace, Conv2DSpace):
            rows: Array = self.X_space.np_format_as(mat, dspace)
            return rows
        images: Array = view.topo_space.np_format_as(view.design_mat_to_topo_view(mat), dspace)
        return images

    def view_shape(self) -> tuple[int, ...]:
        """Return (rows, columns, channels) of the images."""
        return self._viewed().view_shape()

    weights_view_shape = view_shape

    def set_view_converter_axes(self, axes: Sequence[int | str]) -> None:
        """Change the order of the axes of the images."""
        self._viewed().set_axes(axes)

    def get_topo_batch_axis(self) -> int:
        """Return the axis of the images that is the examples."""
        return tuple(self._viewed().axes).index("b")

    def _viewed(self) -> ViewConverter:
        if self.view_converter is None:
            raise ValueError(
                f"this {type(self).__name__} has no view_converter, so its rows are not images"
            )
        return self.view_converter

    def set_topological_view(self, V: Any, axes: Sequence[int | str] = ("b", 0, 1, "c")) -> None:
        """Replace the features by images with the axes ``axes``."""
        V = np.asanyarray(V)
        if V.ndim != 4:
            raise ValueError(f"topo_view has shape {V.shape}; images have four axes")
        shape = [V.shape[list(axes).index(axis)] for axis in (0, 1, "c")]
        self.view_converter = DefaultViewConverter(shape, axes)
        self.X = self.view_converter.topo_view_to_design_mat(V)

    def apply_preprocessor(self, preprocessor: Preprocessor, can_fit: bool = False) -> None:
        """Let a preprocessor change the features."""
        raw, before = self.raw_view()
        preprocessor.apply(self, can_fit)
        self._raw_view = raw, (*before, preprocessor)

    def raw_view(self) -> tuple[ViewConverter | None, tuple[Preprocessor, ...]]:
        """Return how the rows were images before preprocessing, and by what they were changed."""
        return vars(self).get("_raw_view") or (copy.deepcopy(self.view_converter), ())

    def get_targets(self) -> Array | None:
        """Return y."""
        return self.y

    def get_batch_design(
        self, batch_size: int, include_labels: bool = False
    ) -> Array | tuple[Array, Array | None]:
        """Return a run of ``batch_size`` neighbouring rows, which begins anywhere.

        Parameters
        ----------
        batch_size
            Number of rows.
        include_labels
            Whether to return the rows of y as well.
        """
        X = self.get_design_matrix()
        if not 0 < batch_size <= len(X):
            raise ValueError(f"there are {len(X)} examples; cannot take {batch_size}")
        start = self.rng.randint(0, len(X) - batch_size + 1)
        rows = slice(start, start + batch_size)
        if include_labels:
            return X[rows], None if self.y is None else self.y[rows]
        return X[rows]

    def get_batch_topo(
        self, batch_size: int, include_labels: bool = False
    ) -> Array | tuple[Array, Array | None]:
        """Return a run of neighbouring rows as images; see `get_batch_design`."""
        rows = self.get_batch_design(batch_size, include_labels)
        if isinstance(rows, tuple):
            return self.get_topological_view(rows[0]), rows[1]
        return self.get_topological_view(rows)

    def restrict(self, start: int | None, stop: int | None) -> None:
        """Keep the examples from ``start`` to before ``stop``; all, if both are None."""
        if start is None and stop is None:
            return
        kept = kept_range(type(self).__name__, len(self.X), start, stop)
        self.X = self.X[kept]
        self.y = None if self.y is None else self.y[kept]

    def convert_to_one_hot(self, min_class: int = 0) -> None:
        """Make one-hot rows of the labels in y.

        Parameters
        ----------
        min_class
            The label of the first class.
        """
        if self.y is None or self.y.size != len(self.y):
            raise ValueError("convert_to_one_hot needs a y with a label for each example")
        if not np.issubdtype(self.y.dtype, np.integer):
            raise ValueError(f"convert_to_one_hot needs integers; y holds {self.y.dtype}")
        labels = self.y.ravel() - min_class
        if labels.size and labels.min() < 0:
            raise ValueError(f"y holds the label {self.y.min()}; min_class is {min_class}")
        self.y = np.eye(int(labels.max(initial=-1)) + 1)[labels]
        self.y_labels = None

    def adjust_for_viewer(self, X: Any) -> Any:
        """Return examples divided by their largest absolute number, for showing them."""
        return X / np.abs(X).max()

    def adjust_to_be_viewed_with(self, X: Array, ref: Array, per_example: Any = None) -> Array:
        """Return examples divided by the largest number of ``ref``, from -1 to 1."""
        clipped: Array = np.clip(X / np.abs(ref).max(), -1.0, 1.0)
        return clipped

    # Parts of the examples, without their targets.

    def split_dataset_holdout(
        self, train_size: int = 0, train_prop: float = 0
    ) -> tuple[Array, Array]:
        """Return the first examples, so many or such a part of all, and the others."""
        return self._held_out("sequential", train_size, train_prop, None)

    def bootstrap_holdout(
        self, train_size: int = 0, train_prop: float = 0, rng: Seed = None
    ) -> tuple[Array, Array]:
        """Return two runs of neighbours that begin anywhere, of the sizes of a hold-out."""
        return self._held_out("random_slice", train_size, train_prop, rng)

    def split_dataset_nfolds(self, nfolds: int = 0) -> list[Array]:
        """Return the examples in ``nfolds`` parts, one after the other."""
        return list(self.iterator("sequential", num_batches=nfolds))

    def bootstrap_nfolds(self, nfolds: int, rng: Seed = None) -> list[Array]:
        """Return ``nfolds`` runs of neighbours that begin anywhere."""
        size = -(-self.get_num_examples() // nfolds)
        return list(self.iterator("random_slice", size, nfolds, rng))

    def _held_out(self, mode: str, size: int, part: float, rng: Seed) -> tuple[Array, Array]:
        total = self.get_num_examples()
        kept = int(size or round(total * part))
        if not 0 < kept < total:
            raise ValueError(
                f"give train_size or train_prop, so that a part of the {total} examples is kept"
            )
        if mode == "sequential":
            X = next(self.iterator(mode, total))
            return X[:kept], X[kept:]
        first, second = (next(self.iterator(mode, n, 1, rng)) for n in (kept, total - kept))
        return first, second

    # The position in the stream of random batches, get_batch_design's.

    def get_stream_position(self) -> np.random.RandomState:
        """Return a copy of the generator."""
        return copy.deepcopy(self.rng)

    def set_stream_position(self, pos: np.random.RandomState) -> None:
        """Take a copy of a generator."""
        self.rng = copy.deepcopy(pos)

    def restart_stream(self) -> None:
        """Let the generator begin anew, with pylearn2's seed."""
        self.rng = make_np_rng(None, [17, 2, 946])

    reset_RNG = restart_stream  # noqa: N815 - pylearn2's name

    def use_design_loc(self, path: str) -> None:
        """Do nothing: it was about the size of pickles, which hold X anyway."""

    def enable_compression(self) -> None:
        """Do nothing: it was about the size of pickles, and lost digits."""

    def source(self, name: str, wanted: Space | None = None) -> tuple[Space, torch.Tensor]:
        """Return the space and the rows of 'features' (X, or images of it) or 'targets' (y)."""
        if name == "features":
            space, rows = self._source(name, self.get_design_matrix(), self.X_labels)
            if isinstance(wanted, Conv2DSpace) and self.view_converter is not None:
                images = self.view_converter.topo_space.with_axes(("b", "c", 0, 1))
                if not isinstance(self.view_converter, DefaultViewConverter):
                    rows = self._images(images)
                return images, rows.reshape(-1, images.num_channels, *images.shape)
            return space, rows
        if name == "targets":
            if self.y is None:
                raise ValueError(
                    f"the model needs targets, but this {type(self).__name__} has none: give it y"
                )
            if len(self.y) < self.get_num_examples():
                raise ValueError(
                    f"X has {self.get_num_examples()} examples, but y has {len(self.y)}"
                )
            return self._source(name, self.y, self.y_labels)
        return super().source(name, wanted)

    def _images(self, space: Conv2DSpace) -> torch.Tensor:
        """Return all rows as the images that a view converter of another kind makes of them."""
        assert self.view_converter is not None
        axes = self.view_converter.axes
        order = [axes.index(axis) for axis in space.axes]
        return self._tensor(
            "images",
            self.get_design_matrix(),
            lambda X: self.get_topological_view(X).transpose(order),
        )

    def _tensor(
        self, name: str, values: Array, convert: Callable[[Array], Array], dtype: Any = None
    ) -> torch.Tensor:
        """Return what ``convert`` makes of an array, on the device, converted once."""
        converted_from, tensor = self._tensors.get(name, (None, torch.empty(0)))
        if converted_from is not values:
            tensor = backend.to_tensor(convert(values), dtype)
            self._tensors[name] = values, tensor
        return tensor

    def _source(self, name: str, values: Array, labels: int | None) -> tuple[Space, torch.Tensor]:
        dtype = backend.float_dtype() if labels is None else torch.int64
        tensor = self._tensor(name, values, lambda rows: rows.reshape(len(rows), -1), dtype)
        width = tensor.shape[1]
        if labels is None:
            return VectorSpace(width), tensor
        if tensor.numel() and (tensor.min() < 0 or (values != values.astype(np.int64)).any()):
            raise ValueError(_wrong_labels("X" if name == "features" else "y", values, labels))
        return IndexSpace(labels, width), tensor

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_tensors": {}}


def from_dataset(dataset: DenseDesignMatrix, num_examples: int) -> DenseDesignMatrix:
    """Return a run of neighbouring examples of a dataset, which begins anywhere, as another one."""
    y: Any
    if dataset.view_converter is None:
        X, y = dataset.get_batch_design(num_examples, True)
        return DenseDesignMatrix(X=X, y=y, y_labels=dataset.y_labels)
    V, y = dataset.get_batch_topo(num_examples, True)
    axes = dataset.view_converter.axes
    part = DenseDesignMatrix(topo_view=V, axes=axes, y=y, y_labels=dataset.y_labels)
    part.adjust_for_viewer = dataset.adjust_for_viewer  # type: ignore[method-assign]
    return part


def dataset_range(dataset: DenseDesignMatrix, start: int, stop: int) -> DenseDesignMatrix:
    """Return the examples from ``start`` to before ``stop`` of a dataset as another one."""
    kept = kept_range("dataset_range", dataset.get_num_examples(), start, stop)
    y = None if dataset.y is None else dataset.y[kept].copy()
    part = DenseDesignMatrix(
        X=dataset.get_design_matrix()[kept].copy(),
        y=y,
        y_labels=dataset.y_labels,
        view_converter=copy.deepcopy(dataset.view_converter),
    )
    part.adjust_for_viewer = dataset.adjust_for_viewer  # type: ignore[method-assign]
    return part


def convert_to_one_hot(dataset: DenseDesignMatrix, min_class: int = 0) -> DenseDesignMatrix:
    """Return the dataset itself, with one-hot targets."""
    dataset.convert_to_one_hot(min_class)
    return dataset


def set_axes(dataset: DenseDesignMatrix, axes: Sequence[int | str]) -> DenseDesignMatrix:
    """Return the dataset itself, whose images have other axes."""
    dataset.set_view_converter_axes(axes)
    return dataset


def _space(values: Array, labels: int | None) -> Space:
    width = 1 if values.ndim == 1 else values.shape[-1]
    return VectorSpace(width) if labels is None else IndexSpace(labels, width)


def _wrong_labels(name: str, values: Array, labels: int) -> str:
    return (
        f"{name} holds labels from {values.min()} to {values.max()}; with {name}_labels={labels} "
        f"they must be whole numbers, 0 to {labels - 1}"
    )
