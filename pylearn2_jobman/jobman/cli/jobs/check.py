"""``jobman check``: the state of a table, and the jobs that need a person's attention."""

__all__ = ["check"]

from typing import TYPE_CHECKING

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cluster.batch import standing
from pylearn2_jobman.jobman.formatting import shorten
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.tracebacks import summary

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job
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
def check(table: str, repair: bool, lease: float) -> int:
    """Report on a table: counts, failed jobs, jobs whose worker is gone, contradictions.

    Where a worker was started by Slurm or PBS, and its squeue or qstat is on this machine, that is
    asked before a job is put back. The exit code is 1 if there is something left to look at.
    """
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        left = _contradictions(jobs, repair)
        counts = jobs.counts()
        listed = ", ".join(f"{counts[status]}:{status.name}" for status in _order())
        total = sum(counts.values())
        click.echo(f"I: number of job by status ({listed}) in the db ({total}:TOTAL)\n")
        for status in _WHAT:
            left += _failed(jobs, status) if counts[status] else 0
        left += _running(jobs, repair, lease, counts[Status.RUNNING])
    return 1 if left else 0


def _contradictions(jobs: "JobTable", repair: bool) -> int:
    """Report, or mend, what the original could write when two of its workers met."""
    found = jobs.repair() if repair else jobs.inconsistencies()
    for inconsistency in found:
        done = "; mended" if repair else "; --repair mends it"
        click.echo(f"E: Job {inconsistency.job_id}: {inconsistency.what}{done}")
    return 0 if repair else len(found)


def _order() -> list[Status]:
    """Return the statuses as LISA's jobman counted them up."""
    return sorted(Status, key=lambda status: (status is Status.CANCELED, status))


def _failed(jobs: "JobTable", status: Status) -> int:
    """List the jobs that ended with an error; return how many."""
    ids = list(jobs.columns(keys=(), status=status).ids)
    click.echo(f"E: The following jobs {_WHAT[status]} {ids}{_HELP.get(status, '')}")
    for job in jobs.jobs(status=status, limit=_SHOWN):
        error = str(flatten(job.state).get("jobman.error", ""))
        click.echo(f"  job {job.id}  {shorten(summary(error), 120)}".rstrip())
    if len(ids) > _SHOWN:
        click.echo(f"  ... jobman sqlstatus --status={status.name} --print=jobman.error DB")
    return len(ids)


def _running(jobs: "JobTable", repair: bool, lease: float, count: int) -> int:
    """Report the running jobs without a sign of life, or put them back; return how many stay."""
    silent = set(jobs.expired(lease)) if count else set()
    left = 0
    for job in jobs.jobs(status=Status.RUNNING) if count else ():
        never = job.heartbeat is None
        if job.id not in silent and not never:
            continue
        flat = flatten(job.state)
        text = f"Job {job.id} runs on {flat.get('jobman.sql.host_name', 'an unknown host')}"
        text += (
            ", whose worker gives no signs of life (LISA's jobman gave none)"
            if never
            else f", with no sign of life since {job.heartbeat:%Y-%m-%d %H:%M:%S} UTC"
        )
        asked = standing(flat)
        if asked is not None:
            text += f"; {asked[0]}"
        dead = asked is not None and not asked[1]
        if dead or (asked is None and not never):
            text = f"E: {text}{_put_back(jobs, job, repair)}"
            left += not repair
        else:
            text = (
                f"W: {text}; left alone. If you know it is dead: "
                f"jobman sqlstatus --set_status=START DB {job.id}"
            )
            left += 1
        click.echo(text)
    return left


def _put_back(jobs: "JobTable", job: "Job", repair: bool) -> str:
    if not repair:
        return "; --repair puts it back to START"
    jobs.set_status([job.id], Status.START)
    return "; put back to START"
