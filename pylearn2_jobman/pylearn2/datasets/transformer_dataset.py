"""A dataset as a model sees it."""

__all__ = ["TransformerDataset"]

from typing import Any

import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.datasets.batches import Batches, SourceBatches
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset, Mode
from pylearn2_jobman.pylearn2.space import CompositeSpace, DataSpecs, Space
from pylearn2_jobman.pylearn2.utils.iteration import SubsetIterator
from pylearn2_jobman.pylearn2.utils.rng import Seed
from pylearn2_jobman.pylearn2.utils.state import Stateful


class TransformerDataset(Dataset):
    """The output of a model for the features of another dataset, computed batch by batch.

    Parameters
    ----------
    raw
        The other dataset.
    transformer
        The model, with ``perform`` (numbers to numbers), or else ``fprop``.
    cpu_only
        Not used.
    space_preserving
        Whether the output lies where the input does, rather than where the model says.
    """

    def __init__(
        self,
        raw: Dataset,
        transformer: Any,
        cpu_only: bool = False,
        space_preserving: bool = False,
    ) -> None:
        self.raw = raw
        self.transformer = transformer
        self.space_preserving = space_preserving

    def get_num_examples(self) -> int:
        """Return the number of examples."""
        return self.raw.get_num_examples()

    def has_targets(self) -> bool:
        """Return whether there are targets."""
        return self.raw.has_targets()

    def source(self, name: str, wanted: Space | None = None) -> tuple[Space, torch.Tensor]:
        """Return a source of the other dataset; features are transformed all at once."""
        if name != "features":
            return self.raw.source(name, wanted)
        if self.space_preserving:
            there, examples = self.raw.source(name, wanted)
            return there, self._transform(examples)
        space = self.transformer.get_input_space()
        there, examples = self.raw.source(name, space)
        return self._output_space(), self._transform(there.format_as(examples, space))

    def get_design_matrix(self) -> Any:
        """Return the transformed features, of shape (examples, features)."""
        return self.source("features")[1].cpu().numpy()

    def get_batch_design(self, batch_size: int, include_labels: bool = False) -> Any:
        """Return what the model makes of a run of neighbouring examples; and their targets."""
        batch: Any = self.raw
        rows = batch.get_batch_design(batch_size, include_labels)
        if include_labels:
            return self._transform(backend.to_tensor(rows[0])).cpu().numpy(), rows[1]
        return self._transform(backend.to_tensor(rows)).cpu().numpy()

    def get_batch_topo(self, batch_size: int, include_labels: bool = False) -> Any:
        """Return a run of neighbouring examples as images."""
        batch = self.get_batch_design(batch_size, include_labels)
        if include_labels:
            return self.get_topological_view(batch[0]), batch[1]
        return self.get_topological_view(batch)

    # Images, where the output lies where the input does.

    def get_topological_view(self, mat: Any = None) -> Any:
        """Return the output for the dataset, or ``mat``, as images of the other dataset."""
        return self._preserved("get_topological_view")(
            self.get_design_matrix() if mat is None else mat
        )

    def get_weights_view(self, mat: Any) -> Any:
        """Return rows of weights as images of the other dataset."""
        return self._preserved("get_weights_view")(mat)

    def adjust_for_viewer(self, X: Any) -> Any:
        """Return examples as numbers from -1 to 1, for showing them."""
        return self._preserved("adjust_for_viewer")(X) if self.space_preserving else X

    @property
    def view_converter(self) -> Any:
        """How rows are images; None where the output is not what the input is."""
        return getattr(self.raw, "view_converter", None) if self.space_preserving else None

    def _preserved(self, method: str) -> Any:
        if not self.space_preserving:
            raise ValueError(
                f"{method}: what a {type(self.transformer).__name__} makes of images is no image "
                "(space_preserving is False)"
            )
        return getattr(self.raw, method)

    def _source_batches(
        self,
        mode: Mode,
        batch_size: int | None,
        num_batches: int | None,
        rng: Seed,
        data_specs: DataSpecs | None,
    ) -> Batches:
        """Return batches of the other dataset, whose features are transformed as they come."""
        data_specs = data_specs or self._default_specs()
        specs = data_specs
        if not self.space_preserving:
            specs = _raw_specs(data_specs, self.transformer.get_input_space())
        raw = self.raw.batches(mode, batch_size, num_batches, rng, specs)
        kind = _TransformedSource if isinstance(raw, SourceBatches) else _Transformed
        return kind(self, raw, data_specs)

    def _default_specs(self) -> DataSpecs:
        if self.space_preserving:
            return self.raw._default_specs()
        return self._output_space(), "features"

    def _output_space(self) -> Space:
        space: Space = self.transformer.get_output_space()
        return space

    @torch.no_grad()
    def _transform(self, X: torch.Tensor) -> torch.Tensor:
        transform = getattr(self.transformer, "perform", None) or self.transformer.fprop
        output: torch.Tensor = transform(X)
        return output


class _Transformed(Batches):
    def __init__(self, dataset: TransformerDataset, raw: Batches, data_specs: DataSpecs) -> None:
        self.raw = raw
        self.dataset = dataset
        self.num_examples = raw.num_examples
        self.data_specs = data_specs

    def __next__(self) -> Any:
        batch = next(self.raw)
        self.size = self.raw.size
        return self._transformed(batch, *self.data_specs)

    def _transformed(self, batch: Any, space: Space, source: Any) -> Any:
        if isinstance(space, CompositeSpace):
            parts = zip(batch, space.components, source, strict=True)
            return tuple(self._transformed(*part) for part in parts)
        if source != "features":
            return batch
        output = self.dataset._transform(batch)
        if self.dataset.space_preserving:
            return output
        return self.dataset._output_space().format_as(output, space)


class _TransformedSource(_Transformed, Stateful):
    """Batches that keep their position, which is that of the other dataset's."""

    raw: SourceBatches

    @property
    def subsets(self) -> SubsetIterator:
        """The order."""
        return self.raw.subsets

    @subsets.setter
    def subsets(self, subsets: SubsetIterator) -> None:
        self.raw.subsets = subsets

    def _attributes(self) -> dict[str, Any]:
        return {"raw": self.raw, "size": self.size}


def _raw_specs(specs: DataSpecs, space: Space) -> DataSpecs:
    """Ask for the features in the transformer's input space, for the others as before."""
    wanted, source = specs
    if isinstance(wanted, CompositeSpace):
        parts = [_raw_specs(part, space) for part in zip(wanted.components, source, strict=True)]
        return CompositeSpace([part[0] for part in parts]), tuple(part[1] for part in parts)
    return (space if source == "features" else wanted), source
