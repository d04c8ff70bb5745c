"""Which jobs a command line selects: by id, status, ``key=value`` and comparisons."""

__all__ = ["matching"]

import ast
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.expression import evaluate
from pylearn2_jobman.jobman.parameters.parsers import standard
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job
    from pylearn2_jobman.jobman.table.job_table import JobTable

Test = Callable[[dict[str, Any]], bool]


def matching(
    jobs: "JobTable",
    *,
    ids: Collection[int] = (),
    statuses: Collection[Status] = (),
    selects: Collection[str] = (),
    fselects: Collection[str] = (),
    where: str | None = None,
) -> "Iterator[Job]":
    """Yield the jobs that are selected, in the order of their ids.

    Parameters
    ----------
    jobs
        The table.
    ids, statuses
        Only these; all when empty.
    selects
        ``key=value``: every one must hold.
    fselects
        ``key=lambda value: ...``: at least one must hold.
    where
        A comparison in the table's own language.
    """
    conditions = [_equality(text) for text in selects] + ([where] if where else [])
    some = [_function(text) for text in fselects]
    found = jobs.jobs(
        ids=list(ids) or None,
        status=list(statuses) or None,
        where=" and ".join(conditions) or None,
    )
    for job in found:
        if not some or any(test(flatten(job.state)) for test in some):
            yield job


def _equality(text: str) -> str:
    """Return ``key=value`` as a comparison, with the value's literal."""
    ((key, value),) = standard(text).items()
    return f"{key} = {format_literal(value)}"


def _function(text: str) -> Test:
    """Return the test that ``key=lambda x: body`` describes; the body is interpreted."""
    key, _, function = text.partition("=")
    key = key.strip()
    try:
        tree = ast.parse(function.strip(), mode="eval").body
    except SyntaxError:
        tree = None
    if not isinstance(tree, ast.Lambda) or len(tree.args.args) != 1:
        raise UsageError(f"{text!r} is not of the form 'key=lambda value: comparison'")
    name, body = tree.args.args[0].arg, ast.unparse(tree.body)

    def test(flat: dict[str, Any]) -> bool:
        try:
            return key in flat and bool(evaluate(body, **{name: flat[key]}))
        except TypeError:  # a comparison of text with a number holds for no job
            return False

    return test
