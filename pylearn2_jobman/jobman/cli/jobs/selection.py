"""Which jobs a command line selects: by id, status, ``key=value`` and comparisons."""

__all__ = ["choose", "confirm", "listed", "matching", "selection_options"]

import ast
import sys
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.completion import STATUS
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.parameters.expression import evaluate
from pylearn2_jobman.jobman.parameters.parsers import standard
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job
    from pylearn2_jobman.jobman.table.job_table import JobTable

Test = Callable[[dict[str, Any]], bool]
F = TypeVar("F", bound=Callable[..., Any])

_LISTED = 20
_OPTIONS = (
    click.option(
        "--status", "statuses", multiple=True, type=STATUS,
        help="Jobs with this status; repeatable.",
    ),
    click.option("--where", metavar="COMPARISON", help="Jobs like 'hyper_parameters.lr > 0.1'."),
    click.option("-n", "--dry-run", is_flag=True, help="Only say which jobs that would be."),
    click.option("-y", "--yes", is_flag=True, help="Do not ask, on a terminal, about many jobs."),
)  # fmt: skip


def selection_options(function: F) -> F:
    """Give a command that changes jobs the options that choose them."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def choose(
    jobs: "JobTable",
    ids: Collection[int],
    statuses: Collection[Status],
    where: str | None,
    among: Collection[Status],
) -> list[int]:
    """Return the ids of the jobs that are selected: all selections must hold.

    Parameters
    ----------
    jobs
        The table.
    ids, statuses
        Only these; all when empty.
    where
        A comparison in the table's own language.
    among
        The statuses of the jobs that the command is for.

    Raises
    ------
    UsageError
        If a job of these ids is not selected, or the command is not for a status.
    """
    unfit = [status.name for status in statuses if status not in among]
    names = ", ".join(status.name for status in Status if status in (statuses or among))
    if unfit:
        fit = ", ".join(status.name for status in among)
        raise UsageError(f"this is not for jobs that are {', '.join(unfit)}: only for {fit}")
    chosen = jobs.columns(
        keys=(), ids=ids or None, status=list(statuses) or list(among), where=where
    ).ids
    left = sorted(set(ids) - set(chosen))
    running = jobs.columns(keys=(), ids=left, status=Status.RUNNING).ids if left else []
    if running:
        raise UsageError(
            f"{plural(len(running), 'job')} {', '.join(map(str, running))}: run now, and are left "
            "to their workers until they end or are cancelled; nothing was changed"
        )
    if left:
        raise UsageError(
            f"{plural(len(left), 'job')} {', '.join(map(str, left))}: not in the table, not "
            f"selected, or not {names}; nothing was changed"
        )
    return chosen


def confirm(what: str, ids: Collection[int], yes: bool) -> None:
    """Ask about a change of more than one job, where somebody is there who can answer."""
    if len(ids) > 1 and not yes and sys.stdin.isatty():
        click.confirm(f"{what} {len(ids)} jobs{listed(ids)}?", abort=True)


def listed(ids: Collection[int]) -> str:
    """Return ``: 1 2 3``, cut after twenty; nothing for no jobs."""
    shown = " ".join(map(str, list(ids)[:_LISTED])) + " ..." * (len(ids) > _LISTED)
    return f": {shown}" * bool(ids)


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
