"""The cache of dataset files, as people's datasets call it.

pylearn2 copied files from ``PYLEARN2_DATA_PATH`` to ``PYLEARN2_LOCAL_DATA_PATH``, on a local disk.
Here they are read where they are.
"""

__all__ = ["LocalDatasetCache", "datasetCache"]


class LocalDatasetCache:
    """Leaves files where they are."""

    def cache_file(self, filename: str) -> str:
        """Return ``filename``."""
        return filename


datasetCache = LocalDatasetCache()  # noqa: N816 - pylearn2's name
