"""The rows of a view of the jobs, a row an object, a column an attribute."""

__all__ = ["View", "ViewRows"]

from collections.abc import Iterator
from types import SimpleNamespace
from typing import ClassVar

from pylearn2_jobman.jobman.table import JobTable


class View(SimpleNamespace):
    """A row of a view; each view has a class of its own, which ``createView`` returns."""

    viewname: ClassVar[str]

    @staticmethod
    def named(viewname: str) -> type["View"]:
        """Return the class for a view's rows."""
        return type("MappedView", (View,), {"viewname": viewname})


class ViewRows:
    """The rows of a view, read when they are asked for."""

    def __init__(self, table: JobTable, view: type[View]) -> None:
        self._table = table
        self._view = view

    def all(self) -> list[View]:
        """Return all rows, by the jobs' ids."""
        return [self._view(**row) for row in self._table.view_rows(self._view.viewname)]

    def __iter__(self) -> Iterator[View]:
        return iter(self.all())

    def first(self) -> View | None:
        """Return the first row, or None."""
        return next(iter(self), None)

    def count(self) -> int:
        """Return how many there are."""
        return len(self.all())
