"""Results of queries as files: CSV, JSON and Parquet."""

__all__ = ["export", "job_facts", "json_text", "write_csv", "write_json"]

import csv
import dataclasses
import io
import json
import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.bookkeeping import as_text
from pylearn2_jobman.jobman.query.keys import (
    CLAIMED,
    CREATED,
    HEARTBEAT,
    ID,
    PRIORITY,
    STATUS,
    in_order,
)
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal
from pylearn2_jobman.whole_file import whole_file

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job


def export(result: QueryResult, path: Path | str) -> None:
    """Write the result of a query to a file in the format that its ending names.

    The file is written beside and then renamed, so that who reads it gets all of it.

    Parameters
    ----------
    result
        The jobs: a row each.
    path
        A file ending in ``.csv``, ``.json`` or ``.parquet``.

    Raises
    ------
    UsageError
        If the ending is another one, the file cannot be written, or Parquet's libraries are not
        installed.
    """
    path = Path(path)
    ending = path.suffix.lower()
    texts: dict[str, Callable[[QueryResult, IO[str]], None]] = {
        ".csv": write_csv,
        ".json": write_json,
    }
    if ending not in texts and ending != ".parquet":
        raise UsageError(f"{str(path)!r}: an export's file ends in .csv, .json or .parquet")
    try:
        with whole_file(path) as file:
            if ending == ".parquet":
                _write_parquet(result, file)
            else:
                text = io.TextIOWrapper(file, encoding="utf-8", newline="")
                texts[ending](result, text)
                text.detach()
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror or error}") from None


def write_csv(result: QueryResult, file: IO[str]) -> None:
    """Write CSV: a line a job, an empty cell for a missing value, floats with all their digits.

    Lists and the like are written as Python literals.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([result.index, *result.keys])
    for job_id, row in zip(result.ids, result, strict=True):
        writer.writerow([job_id, *map(_cell, row)])


def write_json(result: QueryResult, file: IO[str]) -> None:
    """Write JSON: a list with an object a job, whose keys are dotted; keys it lacks are left out.

    JSON has no infinity and no NaN: they become the texts ``inf``, ``-inf`` and ``nan``.
    """
    file.write("[")
    for number, (job_id, row) in enumerate(zip(result.ids, result, strict=True)):
        job = {result.index: job_id}
        job |= {k: v for k, v in zip(result.keys, row, strict=True) if v is not None}
        file.write(",\n" if number else "\n")
        file.write(json.dumps(_jsonable(job), ensure_ascii=False, allow_nan=False))
    file.write("\n]\n")


def json_text(facts: Any) -> str:
    """Return facts as JSON, as ``docs/reference/json.rst`` describes it.

    Parameters
    ----------
    facts
        Plain values, statuses, times, paths, and dataclasses of these.
    """
    return json.dumps(_jsonable(facts), ensure_ascii=False, allow_nan=False, indent=1)


def job_facts(job: "Job") -> dict[str, Any]:
    """Return what is known of a job by dotted keys, as a row of a `QueryResult` has it."""
    times = {CREATED: job.created, CLAIMED: job.claimed, HEARTBEAT: job.heartbeat}
    facts: dict[str, Any] = {**flatten(job.state), STATUS: job.status, PRIORITY: job.priority}
    facts |= {key: time for key, time in times.items() if time is not None}
    return {ID: job.id} | {key: facts[key] for key in in_order(facts) if key != ID}


def _write_parquet(result: QueryResult, file: IO[bytes]) -> None:
    frame = result.dataframe()
    for key in frame.columns:
        if frame[key].dtype == object:  # values of several types, lists
            frame[key] = [None if value is None else _cell(value) for value in result.columns[key]]
    try:
        frame.to_parquet(file)
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow: pip install 'pylearn2_jobman[analysis]'"
        ) from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Status):
        return value.name
    if isinstance(value, datetime):
        return value.isoformat()
    return format_literal(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, Status):
        return value.name
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return format_literal(value)
    if isinstance(value, list | tuple):
        return [_jsonable(one) for one in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _jsonable(one) for key, one in value.items()}
    if dataclasses.is_dataclass(value):
        return {one.name: _jsonable(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Path):
        return as_text(str(value))
    if value is None or isinstance(value, str | int | float):
        return value
    return format_literal(value)
