"""``--dry-run`` of the commands that schedule: what would be added, and how long it would take."""

__all__ = ["report"]

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.jobs.render import final_yaml
from pylearn2_jobman.jobman.cli.tables import print_table, printable, shown
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.database.hashing import distinct
from pylearn2_jobman.jobman.formatting import duration, plural, shorten
from pylearn2_jobman.jobman.parameters.distributions import Choice, Distribution
from pylearn2_jobman.jobman.query.keys import varying_keys
from pylearn2_jobman.jobman.query.summary import summarize
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table import JobTable

_SHOWN = 80  # characters of a key's values

Flat = Mapping[str, Any]


def report(
    table: str,
    states: Sequence[Flat],
    drawn: Mapping[str, Distribution],
    *,
    force: bool,
    repeat: int = 1,
) -> None:
    """Print what scheduling would do; change nothing.

    Parameters
    ----------
    table
        The table's address; it may be that there is none yet.
    states
        The jobs' states, flat.
    drawn
        The keys that were drawn.
    force
        Whether jobs are added that the table has already.
    repeat
        How often each is added.
    """
    from pylearn2_jobman.jobman.table import open_table

    Address.parse(table)
    counted = f"{len(states) * repeat} {plural(len(states) * repeat, 'job')}"
    try:
        jobs = open_table(table, create=False)
    except UsageError:
        new = repeat * (len(states) if force else distinct(states))
        _print_jobs(states, drawn, f"{counted}, {new} of them new; the table is yet to be made")
        return
    with jobs:
        new = repeat * (len(states) if force else jobs.count_new(states))
        _print_jobs(states, drawn, f"{counted}, {new} of them new")
        click.echo(f"\n{_time(jobs, new)}")


def _print_jobs(states: Sequence[Flat], drawn: Mapping[str, Distribution], counted: str) -> None:
    click.echo(counted)
    keys = dict.fromkeys(key for state in states for key in state)
    columns = {key: [state.get(key) for state in states] for key in keys}
    if varying := varying_keys(columns):
        click.echo()
        rows = [(key, *_values(columns[key], drawn.get(key))) for key in varying]
        print_table(["what varies", "values", "which"], rows, left=(0, 2), width=_SHOWN)
    try:
        text = final_yaml(states[0])
    except UsageError:  # an experiment without any
        return
    click.echo(f"\nThe YAML of the first:\n\n{printable(text.rstrip())}")


def _values(values: Sequence[Any], distribution: Distribution | None) -> tuple[int, str]:
    """Return how many different values there are, and which; a dash is a job without the key."""
    different = list({format_literal(value): value for value in values}.values())
    numbers = all(type(value) in (int, float) for value in different)
    if numbers and distribution is not None and not isinstance(distribution, Choice):
        text = f"{shown(min(different))} to {shown(max(different))}, of {distribution}"
    else:
        text = ", ".join(
            "-" if value is None else shorten(value, 20) for value in different[:_SHOWN]
        )
    return len(different), text


def _time(jobs: "JobTable", new: int) -> str:
    """Return how long the jobs would take, by what is known of those that have ended."""
    stand = summarize(jobs)
    before = stand.counts[Status.START] + stand.counts[Status.RUNNING]
    if stand.jobs_an_hour is None:
        took = stand.median_seconds
        known = f"; half of those that ended took at most {duration(took)}" if took else ""
        return f"How fast this table's jobs end is not known yet{known}"
    rate = stand.jobs_an_hour
    seconds = 3600 / rate
    speed = f"{rate:,.{0 if rate >= 100 else 1}f} jobs an hour"
    text = f"At this table's past speed, {speed}: {duration(new * seconds)}"
    if before:
        text += f", after {duration(before * seconds)} for those that wait or run"
    return text
