"""Datasets in HDF5 files, read as they are needed."""

__all__ = ["HDF5Dataset"]

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset, Mode
from pylearn2_jobman.pylearn2.space import CompositeSpace, DataSpecs, Space, VectorSpace
from pylearn2_jobman.pylearn2.utils.iteration import FiniteDatasetIterator
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng


class HDF5Dataset(Dataset):
    """Arrays of a file, each a source.

    Parameters
    ----------
    filename
        Path of the file.
    X, y
        Instead of sources: names of the matrices of features and of targets.
    topo_view
        Not taken any more: name the source and give it a `pylearn2.space.Conv2DSpace`.
    load_all
        Whether to read the whole arrays at once.
    cache_size
        Bytes that HDF5 keeps of each array.
    sources, spaces
        Names of arrays, and where the examples of each lie.
    aliases
        Names by which models know the sources, such as 'features'; null for the same.
    use_h5py
        Not used: it is h5py that reads.

    Raises
    ------
    ImportError
        If h5py is not installed.
    ValueError
        If the file has no array of a name.
    """

    def __init__(
        self,
        filename: str,
        X: str | None = None,
        topo_view: str | None = None,
        y: str | None = None,
        load_all: bool = False,
        cache_size: int | None = None,
        sources: Sequence[str] | None = None,
        spaces: Sequence[Space] | None = None,
        aliases: Sequence[str | None] | None = None,
        use_h5py: bool | str = "auto",
    ) -> None:
        try:
            import h5py  # type: ignore[import-not-found, import-untyped, unused-ignore]
        except ImportError as error:
            error.add_note("HDF5Dataset reads with h5py: pip install 'pylearn2_jobman[hdf5]'")
            raise
        if topo_view is not None:
            raise ValueError(
                "HDF5Dataset does not take topo_view any more: give it sources: [...], spaces: "
                "[!obj:pylearn2.space.Conv2DSpace {...}] and aliases: ['features']"
            )
        options = {} if cache_size is None else {"rdcc_nbytes": cache_size}
        file = h5py.File(filename, "r", **options)
        if sources is None:
            pairs = [(name, alias) for name, alias in ((X, "features"), (y, "targets")) if name]
            sources, aliases = [name for name, _ in pairs], [alias for _, alias in pairs]
        for name in sources:
            if name not in file:
                raise ValueError(
                    f"{filename} has no array {name!r}{suggest(name, file)}; it has "
                    f"{', '.join(file)}"
                )
        if spaces is None:
            spaces = [VectorSpace(int(np.prod(file[name].shape[1:]))) for name in sources]
        if not sources or not len(sources) == len(spaces) == len(aliases or sources):
            raise ValueError("HDF5Dataset needs sources, and a space, and an alias, for each")
        names = [alias or name for alias, name in zip(aliases or sources, sources, strict=True)]
        self.rng = make_np_rng(None, [17, 2, 946])
        self._filename = filename
        self._arrays = {
            alias: file[name][:] if load_all else file[name]
            for alias, name in zip(names, sources, strict=True)
        }
        self._spaces = dict(zip(names, spaces, strict=True))

    def get_num_examples(self, source_or_alias: str | None = None) -> int:
        """Return the number of examples of a source; of the first, by default."""
        array = self._arrays[source_or_alias or next(iter(self._arrays))]
        return int(array.shape[self._axis(source_or_alias or next(iter(self._arrays)))])

    def _axis(self, name: str) -> int:
        return self._spaces[name].get_batch_axis()

    def get_data_specs(self) -> DataSpecs:
        """Return the spaces and names of all sources."""
        return CompositeSpace(list(self._spaces.values())), tuple(self._spaces)

    def get_data(self) -> tuple[Any, ...]:
        """Return all arrays, read whole."""
        return tuple(array[:] for array in self._arrays.values())

    def get(self, sources: Sequence[str], indexes: Any) -> tuple[Any, ...]:
        """Return some examples of some sources.

        Parameters
        ----------
        sources
            Their names.
        indexes
            A slice, or numbers of examples in any order.
        """
        return tuple(self._rows(name, indexes) for name in sources)

    def _rows(self, name: str, indexes: Any) -> Any:
        array, axis = self._arrays[name], self._axis(name)
        before = (slice(None),) * axis
        if isinstance(indexes, slice):
            rows = array[(*before, indexes)]
        else:  # HDF5 reads in increasing order, and each example once
            wanted, places = np.unique(np.asarray(indexes), return_inverse=True)
            rows = np.take(array[(*before, wanted)], places, axis)
        space = self._spaces[name]
        flat = isinstance(space, VectorSpace) and rows.ndim != 2
        return rows.reshape(len(rows), -1) if flat else rows

    def iterator(
        self,
        mode: Mode | None = None,
        batch_size: int | None = None,
        num_batches: int | None = None,
        rng: Seed = None,
        data_specs: DataSpecs | None = None,
        return_tuple: bool = False,
    ) -> FiniteDatasetIterator:
        """Return an iterator over batches, each of which is read when it is its turn."""
        kind, size, number, generator, specs = self._init_iterator(
            mode, batch_size, num_batches, rng, data_specs or self.get_data_specs()
        )
        order = kind(self.get_num_examples(), size, number, generator)
        return FiniteDatasetIterator(self, order, specs, return_tuple)
