"""``jobman check``: the state of a table, and the jobs that need a person's attention."""

__all__ = ["check"]

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

from pylearn2_jobman.jobman.bookkeeping import ERROR
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import format_option, print_json
from pylearn2_jobman.jobman.cluster.batch import standing
from pylearn2_jobman.jobman.formatting import shorten_error
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.tracebacks import summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pylearn2_jobman.jobman.table import JobTable

# Scripts look for the words of LISA's jobman: these, and the I:, W: and E: of its lines.
_WHAT = {
    Status.ERR_START: "had an error when starting them",
    Status.ERR_SYNC: "had an error while doing the rsync",
    Status.ERR_RUN: "had an error while running",
}
_HELP = {Status.ERR_SYNC: "  (jobman sync and jobman sqlreload store what they left)"}
_SHOWN = 20  # failed jobs of a kind whose errors are listed one by one


@command("jobman check --repair 'sqlite:///jobs.db?table=mlp'")
@table_argument
@click.option("--repair", is_flag=True, help="Put jobs whose worker is gone back; mend the table.")
@click.option(
    "--lease", type=float, default=300, show_default=True, metavar="SECONDS",
    help="A worker is taken for gone that has given no sign of life for this time.",
)  # fmt: skip
@format_option
def check(table: str, repair: bool, lease: float, form: str) -> int:
    """Report on a table: counts, failed jobs, jobs whose worker is gone, contradictions.

    Where a worker was started by Slurm or PBS, and its squeue or qstat is on this machine, that is
    asked before a job is put back. The exit code is 1 if there is something left to look at.
    """
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        contradictions = jobs.repair() if repair else jobs.inconsistencies()
        counts = jobs.counts()
        failed = {status: _failed(jobs, status) for status in _WHAT if counts[status]}
        silent = list(_silent(jobs, repair, lease)) if counts[Status.RUNNING] else []
    left = 0 if repair else len(contradictions)
    left += sum(map(len, failed.values())) + sum(not one.put_back for one in silent)
    if form == "json":
        print_json(
            {
                "counts": {status.name: count for status, count in counts.items()},
                "contradictions": [{**vars(one), "mended": repair} for one in contradictions],
                "failed": [
                    {"job_id": job_id, "status": status, "error": error}
                    for status, errors in failed.items()
                    for job_id, error in errors.items()
                ],
                "silent": silent,
                "left": left,
            }
        )
        return 1 if left else 0
    for inconsistency in contradictions:
        done = "; mended" if repair else "; --repair mends it"
        click.echo(f"E: Job {inconsistency.job_id}: {inconsistency.what}{done}")
    listed = ", ".join(f"{counts[status]}:{status.name}" for status in _order())
    click.echo(f"I: number of job by status ({listed}) in the db ({sum(counts.values())}:TOTAL)\n")
    for status, errors in failed.items():
        _print_failed(status, errors)
    for one in silent:
        _print_silent(one)
    return 1 if left else 0


def _order() -> list[Status]:
    """Return the statuses as LISA's jobman counted them up."""
    return sorted(Status, key=lambda status: (status is Status.CANCELED, status))


def _failed(jobs: "JobTable", status: Status) -> dict[int, str]:
    """Return the errors of the jobs that ended with one, by their ids."""
    keys = [ERROR] if ERROR in jobs.keys() else []  # noqa: SIM118  (of a table)
    failed = jobs.columns(keys=keys, status=status)
    errors = failed.columns.get(ERROR, [None] * len(failed))
    return {
        job_id: summary(str(error or "")) for job_id, error in zip(failed.ids, errors, strict=True)
    }


def _print_failed(status: Status, errors: dict[int, str]) -> None:
    click.echo(f"E: The following jobs {_WHAT[status]} {list(errors)}{_HELP.get(status, '')}")
    for job_id, error in islice(errors.items(), _SHOWN):
        click.echo(f"  job {job_id}  {shorten_error(error, 120)}".rstrip())
    if len(errors) > _SHOWN:
        click.echo(f"  ... jobman sqlstatus --status={status.name} --print=jobman.error DB")


@dataclass(frozen=True)
class _Silent:
    """A running job without a sign of life: it is put back if its worker is known to be gone."""

    job_id: int
    host: str
    heartbeat: datetime | None
    batch: str | None
    """What the batch system says of its worker."""
    gone: bool
    put_back: bool


def _silent(jobs: "JobTable", repair: bool, lease: float) -> "Iterator[_Silent]":
    """Find the running jobs without a sign of life, or put them back."""
    expired = set(jobs.expired(lease))
    for job in jobs.jobs(status=Status.RUNNING):
        never = job.heartbeat is None
        if job.id not in expired and not never:
            continue
        flat = flatten(job.state)
        asked = standing(flat)
        gone = not never if asked is None else not asked[1]
        if gone and repair:
            jobs.set_status([job.id], Status.START)
        host = str(flat.get("jobman.sql.host_name", "an unknown host"))
        said = None if asked is None else asked[0]
        yield _Silent(job.id, host, job.heartbeat, said, gone, gone and repair)


def _print_silent(job: _Silent) -> None:
    text = f"Job {job.job_id} runs on {job.host}"
    text += (
        ", whose worker gives no signs of life (LISA's jobman gave none)"
        if job.heartbeat is None
        else f", with no sign of life since {job.heartbeat:%Y-%m-%d %H:%M:%S} UTC"
    )
    if job.batch is not None:
        text += f"; {job.batch}"
    if job.gone:
        done = "put back to START" if job.put_back else "--repair puts it back to START"
        click.echo(f"E: {text}; {done}")
    else:
        click.echo(
            f"W: {text}; left alone. If you know it is dead: "
            f"jobman sqlstatus --set_status=START DB {job.job_id}"
        )
