"""Data specs, ``(space, source)``, nested and flat.

Spaces are told apart by what they have: one with ``components`` is composite; the source of a space
without data is ``''``.
"""

__all__ = ["DataSpecsMapping", "is_flat_source", "is_flat_space", "is_flat_specs"]

from typing import Any


class DataSpecsMapping:
    """From nested data specs, and data like them, to flat ones without repetitions, and back.

    Parameters
    ----------
    data_specs
        The space and the source, nested alike.
    """

    def __init__(self, data_specs: tuple[Any, Any]) -> None:
        self.specs_to_index: dict[tuple[Any, str], int] = {}
        self.spec_mapping = self._mapping(*data_specs)

    @property
    def n_unique_specs(self) -> int:
        """The number of different sources, each in one space."""
        return len(self.specs_to_index)

    def _mapping(self, space: Any, source: Any) -> Any:
        """Return, nested like the specs, the place of each in the flat ones; None for no data."""
        if hasattr(space, "components"):
            parts = zip(space.components, source, strict=True)
            return tuple(self._mapping(*part) for part in parts)
        if isinstance(source, tuple | list):
            (source,) = source
        if source == "":
            return None
        return self.specs_to_index.setdefault((space, source), len(self.specs_to_index))

    def flatten(self, nested: Any, return_tuple: bool = False) -> Any:
        """Return nested spaces, sources or data as flat ones.

        Parameters
        ----------
        nested
            What is nested like the data specs.
        return_tuple
            Whether to return a tuple also for a single one, and for spaces.
        """
        flat: list[Any] = [None] * self.n_unique_specs
        self._fill(nested, self.spec_mapping, flat)
        if return_tuple:
            return tuple(flat)
        if len(flat) == 1:
            return flat[0]
        return type(nested)(flat) if hasattr(nested, "components") else tuple(flat)

    def _fill(self, nested: Any, mapping: Any, flat: list[Any]) -> None:
        if mapping is None:
            return
        if isinstance(mapping, int):
            if isinstance(nested, tuple | list):
                (nested,) = nested
            flat[mapping] = nested
            return
        for part, places in zip(getattr(nested, "components", nested), mapping, strict=True):
            self._fill(part, places, flat)

    def nest(self, flat: Any) -> Any:
        """Return flat spaces, sources or data nested like the data specs; None for no data."""
        composite = type(flat) if hasattr(flat, "components") else None
        if composite is not None:
            flat = flat.components
        elif not isinstance(flat, tuple | list):
            flat = (flat,)
        return self._nested(flat, self.spec_mapping, composite)

    def _nested(self, flat: Any, mapping: Any, composite: Any) -> Any:
        if mapping is None:
            return None
        if isinstance(mapping, int):
            return flat[mapping]
        parts = tuple(self._nested(flat, places, composite) for places in mapping)
        return parts if composite is None else composite(parts)


def is_flat_space(space: Any) -> bool:
    """Return whether a space is not composite, or composite of such."""
    parts = getattr(space, "components", ())
    return not any(hasattr(part, "components") for part in parts)


def is_flat_source(source: Any) -> bool:
    """Return whether a source is a name, or a tuple of names."""
    return isinstance(source, str) or all(isinstance(part, str) for part in source)


def is_flat_specs(data_specs: tuple[Any, Any]) -> bool:
    """Return whether both the space and the source are flat."""
    return is_flat_space(data_specs[0]) and is_flat_source(data_specs[1])
