"""``jobman sqlstatus``: listing jobs, changing their status and priority."""

__all__ = ["print_counts", "sqlstatus"]

from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.completion import KEY, STATUS
from pylearn2_jobman.jobman.cli.jobs.selection import matching
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import format_option, print_json
from pylearn2_jobman.jobman.formatting import shorten
from pylearn2_jobman.jobman.query.export import job_facts
from pylearn2_jobman.jobman.query.keys import ID, PRIORITY, choose_keys, to_come, unknown_key
from pylearn2_jobman.jobman.query.keys import STATUS as STATUS_KEY
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job
    from pylearn2_jobman.jobman.table import JobTable

_MISSING = "KeyDontExist"


@command(
    "jobman sqlstatus --status=ERR_RUN --print=jobman.error 'sqlite:///jobs.db?table=mlp'\n"
    "jobman sqlstatus --status=ERR_RUN --set_status=START 'sqlite:///jobs.db?table=mlp'"
)
@table_argument
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All jobs.")
@click.option(
    "--status", "statuses", multiple=True, type=STATUS, help="Jobs with this status; repeatable."
)
@click.option(
    "--select",
    "selects",
    multiple=True,
    type=KEY,
    metavar="KEY=VALUE",
    help="Of those, the jobs with this value; when repeated, all must hold.",
)
@click.option(
    "--fselect",
    "fselects",
    multiple=True,
    metavar="KEY=LAMBDA",
    help="Jobs whose value passes: 'first=lambda x: x > 4'; repeatable, any may hold.",
)
@click.option(
    "--where",
    metavar="COMPARISON",
    help="Jobs like 'results.nll < 0.1 and hyper_parameters.nhid = 50'.",
)
@click.option(
    "--set_status", "--set-status", "set_status", type=STATUS, help="Give the jobs this status."
)
@click.option("--reset_prio", "--reset-prio", is_flag=True, help="Set their priority to 1.")
@click.option("--ret_nb_jobs", "--count", "count", is_flag=True, help="Print only how many.")
@click.option("-q", "--quiet", is_flag=True, help="No line for every job.")
@click.option(
    "--print", "prints", multiple=True, metavar="KEY", type=KEY, help="Also print this key."
)
@click.option("--print-keys", is_flag=True, help="Print the keys that the jobs have.")
@format_option
def sqlstatus(
    table: str,
    ids: tuple[str, ...],
    everything: bool,
    statuses: tuple[Status, ...],
    selects: tuple[str, ...],
    fselects: tuple[str, ...],
    where: str | None,
    set_status: Status | None,
    reset_prio: bool,
    count: bool,
    quiet: bool,
    prints: tuple[str, ...],
    print_keys: bool,
    form: str,
) -> None:
    """List jobs, and change their status.

    Without any selection it prints how many jobs there are of each status: START (waiting),
    RUNNING, DONE, ERR_START (could not be imported), ERR_SYNC (its files could not be stored),
    ERR_RUN (raised an error, or died), CANCELED.
    """
    from pylearn2_jobman.jobman.table import open_table

    if set_status is not None and count:
        raise click.UsageError("--set_status and --ret_nb_jobs exclude each other")
    if form == "json" and (set_status is not None or reset_prio or count or print_keys):
        raise click.UsageError("--format json is for lists and counts alone")
    numbers = [_job_id(text) for text in ids]
    with open_table(table, create=False) as jobs:
        if print_keys:
            click.echo(f"Keys in the states of the jobs: {' '.join(jobs.keys()) or '(none)'}")
        if prints:
            choose_keys(prints, jobs.keys())
        if not (numbers or everything or statuses or selects or fselects or where):
            if set_status is not None or reset_prio:
                raise click.UsageError("which jobs? Give ids, --all, --status, --select or --where")
            if not print_keys:
                print_counts(jobs, form)
            return
        found = matching(
            jobs, ids=numbers, statuses=statuses, selects=selects, fselects=fselects, where=where
        )
        if form == "json":
            wanted = {ID, STATUS_KEY, PRIORITY, *prints}
            facts = map(job_facts, found)
            print_json([{k: v for k, v in job.items() if k in wanted} for job in facts])
            return
        selected = []
        for job in found:
            selected.append(job.id)
            if not (quiet or count):
                click.echo(_line(job, prints))
        unseen = sorted(set(numbers) - set(selected))
        there = set(jobs.columns(keys=(), ids=unseen).ids) if unseen else set()
        for missing in unseen:
            absent = "is not selected" if missing in there else "don't exit in the db"
            click.echo(f"Job id {missing} {absent}")
        if count:
            click.echo(str(len(selected)))
        if set_status is not None:
            changed = jobs.set_status(selected, set_status)
            click.echo(f"Changed the status to {int(set_status)} for {changed} jobs")
        if reset_prio:
            jobs.set_priority(selected, 1.0)
            click.echo("Reseted the priority to the default value")
        if not selected:
            _explain_nothing(jobs, fselects)


def _explain_nothing(jobs: "JobTable", fselects: tuple[str, ...]) -> None:
    """Say so when nothing was found because a key is misspelt."""
    keys = jobs.keys()
    for text in fselects:
        key = text.partition("=")[0].strip()
        if key not in keys and not to_come(key, keys):
            raise unknown_key(key, keys)


def _job_id(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise click.UsageError(f"a job's id is a number, not {text!r}") from None


def _line(job: "Job", prints: tuple[str, ...]) -> str:
    line = f"Job id {job.id}, status={int(job.status)} jobman.sql.priority={job.priority}"
    if prints:
        flat: dict[str, Any] = flatten(job.state)
        line += "".join(
            f" {key}={shorten(flat[key], 200) if key in flat else _MISSING}" for key in prints
        )
    return line


def print_counts(jobs: "JobTable", form: str = "text") -> None:
    """Print how many jobs there are of each status."""
    counts = jobs.counts()
    if form == "json":
        print_json({"counts": {status.name: count for status, count in counts.items()}})
        return
    parts = ", ".join(f"{counts[status]} {status.name}" for status in Status if counts[status])
    click.echo(f"{sum(counts.values())} jobs" + (f": {parts}" if parts else ""))
