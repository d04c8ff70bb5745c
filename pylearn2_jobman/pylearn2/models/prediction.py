"""Raw examples into a model, and its output out: for models that have been trained."""

__all__ = ["DataView", "outputs"]

import copy
import logging
import pickle
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.preprocessor import Preprocessor
from pylearn2_jobman.pylearn2.datasets.transformer_dataset import TransformerDataset
from pylearn2_jobman.pylearn2.datasets.vector_spaces_dataset import VectorSpacesDataset
from pylearn2_jobman.pylearn2.datasets.view_converter import PCA_ViewConverter, ViewConverter
from pylearn2_jobman.pylearn2.space import CompositeSpace, Conv2DSpace, IndexSpace, Space

log = logging.getLogger(__name__)

Array = np.ndarray[Any, Any]

_OURS = ("pylearn2_jobman.", "builtins")


class DataView:
    """How the dataset that a model is trained on was made of raw examples; without these.

    Parameters
    ----------
    dataset
        The dataset; one of a class of one's own is taken as it is.

    Attributes
    ----------
    view_converter
        How raw rows are images, if they are.
    preprocessors
        What was applied to them, in this order.
    transformers
        The models whose output the dataset is, in this order.
    lost
        Whether it cannot be known any more: somebody's own class could not be pickled.
    """

    view_converter: ViewConverter | None = None
    preprocessors: tuple[Preprocessor, ...] = ()
    transformers: tuple[Any, ...] = ()
    lost = False

    def __init__(self, dataset: Any = None) -> None:
        while isinstance(dataset, TransformerDataset):
            self.transformers = (dataset.transformer, *self.transformers)
            dataset = dataset.raw
        if not isinstance(dataset, DenseDesignMatrix):
            return
        present = dataset.view_converter
        raw, self.preprocessors = dataset.raw_view()
        while isinstance(raw, PCA_ViewConverter):
            raw = raw.orig_view_converter
        if raw is not None:
            self.view_converter = copy.deepcopy(raw)
            if present is not None:
                self.view_converter.set_axes(present.axes)

    def __deepcopy__(self, memo: Any) -> "DataView":
        return self  # it never changes, and whitening is large

    def __getstate__(self) -> dict[str, Any]:
        parts = (self.view_converter, *self.preprocessors, *self.transformers)
        foreign = [part for part in parts if not type(part).__module__.startswith(_OURS)]
        try:
            pickle.dumps(foreign)
        except Exception as error:  # a model can be saved without what only predicting needs
            log.warning("the model is saved without the preprocessing of its data: %s", error)
            return {"lost": True}
        return vars(self)

    def dataset(self, X: Array, space: Space) -> Dataset:
        """Return raw examples as the dataset that they are for a model.

        Parameters
        ----------
        X
            The examples; see `Model.predict`.
        space
            Where the model wants its input.
        """
        if self.lost:
            raise ValueError(
                "the preprocessing of the model's data could not be saved with it: give predict a "
                "dataset that this was done to"
            )
        converter = copy.deepcopy(self.view_converter)
        labels = space.max_labels if isinstance(space, IndexSpace) else None
        rows = self._rows(X, space, converter)
        if labels is None and rows.dtype.kind != "f":
            rows = rows.astype(str(backend.float_dtype()).removeprefix("torch."))
        wanted = space.get_total_dimension()
        if not self.preprocessors and not self.transformers and rows.shape[1] != wanted:
            raise ValueError(f"the model takes {wanted} numbers an example; X has shape {X.shape}")
        made = DenseDesignMatrix(X=rows, view_converter=converter, X_labels=labels)
        for preprocessor in self.preprocessors:
            preprocessor.apply(made)
        if made.get_num_examples() != len(rows):
            raise ValueError(
                f"the model's data were preprocessed by a {type(preprocessor).__name__}, which "
                "makes other examples of those given: give predict a dataset that this was done to"
            )
        whole: Dataset = made
        for transformer in self.transformers:
            whole = TransformerDataset(whole, transformer)
        return whole

    @staticmethod
    def _rows(X: Array, space: Space, converter: ViewConverter | None) -> Array:
        if X.ndim < 2:
            raise ValueError(
                f"X has shape {X.shape}; its first axis is the examples: give one alone as X[None]"
            )
        if len(X) == 0:
            raise ValueError("there are no examples to predict for")
        if X.ndim == 2:
            return X
        axes: tuple[int | str, ...] = ()
        if converter is not None:
            axes = tuple(converter.axes)
        elif isinstance(space, Conv2DSpace):
            axes = space.axes
        if axes and X.ndim == 3:  # grey images, often without an axis for their one channel
            X = np.expand_dims(X, axes.index("c"))
        if converter is not None:
            return converter.topo_view_to_design_mat(X)
        if axes:
            X = Conv2DSpace.convert_numpy(X, axes, Conv2DSpace.default_axes)
        return X.reshape(len(X), -1)


@torch.no_grad()
def outputs(model: Any, X: Any, batch_size: int | None, convert: Any) -> Any:
    """Return what a model makes of examples, batch by batch.

    Parameters
    ----------
    model
        The model.
    X, batch_size
        As `Model.predict` takes them.
    convert
        From a batch of the model's output to what is returned of it.

    Returns
    -------
    array, or tuple of arrays
        A tuple where the model has several outputs.
    """
    space = model.get_input_space()
    source = model.get_input_source()
    if isinstance(X, Dataset):
        data = X
    elif isinstance(space, CompositeSpace):
        data = VectorSpacesDataset(tuple(map(np.asarray, X)), (space, source))
    else:
        view = getattr(model, "data_view", None) or DataView()
        data = view.dataset(X if isinstance(X, np.ndarray) else np.asarray(X), space)
    forced = model.force_batch_size
    done = []
    for batch in data.batches("sequential", forced or batch_size, data_specs=(space, source)):
        size = space.batch_size(batch)
        H = convert(model.fprop(_padded(batch, space, forced - size) if forced else batch))
        done.append(_parts(H, size))
    if not done:
        raise ValueError("there are no examples to predict for")
    whole = tuple(np.concatenate(parts) for parts in zip(*done, strict=True))
    return whole if isinstance(H, tuple) else whole[0]


def _padded(batch: Any, space: Space, missing: int) -> Any:
    """Return a batch with its last example repeated, for a model that takes full ones only."""
    if missing == 0:
        return batch
    if isinstance(space, CompositeSpace):
        parts = zip(batch, space.components, strict=True)
        return tuple(_padded(part, component, missing) for part, component in parts)
    axis = space.get_batch_axis()
    last = batch.narrow(axis, batch.shape[axis] - 1, 1)
    return torch.cat([batch, *[last] * missing], axis)


def _parts(H: Any, size: int) -> tuple[Array, ...]:
    return tuple(part[:size].cpu().numpy() for part in (H if isinstance(H, tuple) else (H,)))
