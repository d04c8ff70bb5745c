"""Jobs as a pandas DataFrame, every column of the type that its values have."""

__all__ = ["dataframe"]

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.query.keys import CLAIMED, CREATED, HEARTBEAT, ID, STATUS
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    import pandas

_EXACT_IN_FLOAT = 2**53
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def dataframe(
    ids: Sequence[int], columns: Mapping[str, Sequence[Any]], name: str = ID
) -> "pandas.DataFrame":
    """Return a DataFrame with a row a job, indexed by the jobs' ids.

    Parameters
    ----------
    ids
        The jobs.
    columns
        Key -> the jobs' values, None where there is none.
    name
        The index's name.

    Raises
    ------
    UsageError
        If pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise UsageError(
            "a DataFrame needs pandas: pip install 'pylearn2_jobman[analysis]'"
        ) from error

    index = pandas.Index(ids, name=name, dtype="int64")
    data = {key: _column(key, values, pandas) for key, values in columns.items()}
    frame = pandas.DataFrame(data, index=range(len(ids)))
    frame.index = index
    return frame


def _column(key: str, values: Sequence[Any], pandas: Any) -> Any:
    if key == STATUS:
        names = [status.name for status in Status]
        named = [None if value is None else value.name for value in values]
        return pandas.Categorical(named, categories=names)
    if key in (CREATED, CLAIMED, HEARTBEAT):
        return pandas.Series(values, dtype="datetime64[us, UTC]")
    kinds = {type(value) for value in values}
    missing = type(None) in kinds
    kinds.discard(type(None))
    if kinds == {int}:
        if not all(value is None or _SMALLEST <= value <= _LARGEST for value in values):
            return pandas.Series(values, dtype="object")
        return pandas.array(values, dtype="Int64" if missing else "int64")
    if kinds == {bool}:
        return pandas.array(values, dtype="boolean" if missing else "bool")
    if kinds == {str}:
        return pandas.array(values, dtype="str")
    numbers = kinds <= {int, float} and float in kinds
    if numbers and all(abs(v) <= _EXACT_IN_FLOAT for v in values if type(v) is int):
        return pandas.array(
            [float("nan") if value is None else float(value) for value in values], dtype="float64"
        )
    return pandas.Series(values, dtype="object")
