"""``jobman check``: the state of a table, and the jobs that need a person's attention."""

__all__ = ["check"]

from typing import TYPE_CHECKING

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cluster.batch import standing
from pylearn2_jobman.jobman.formatting import plural, shorten
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.tracebacks import summary

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job
    from pylearn2_jobman.jobman.table import JobTable

_WHAT = {
    Status.ERR_START: "could not be started",
    Status.ERR_SYNC: "ended, but could not store their files (jobman sync, jobman sqlreload)",
    Status.ERR_RUN: "failed",
}
_SHOWN = 20  # failed jobs of a kind that are listed one by one


@command("jobman check --repair 'sqlite:///jobs.db?table=mlp'")
@click.argument("table", metavar="DB")
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
        listed = ", ".join(f"{counts[status]} {status.name}" for status in sorted(Status))
        click.echo(f"{sum(counts.values())} jobs: {listed}")
        for status, what in _WHAT.items():
            left += _failed(jobs, status, what, counts[status])
        left += _running(jobs, repair, lease, counts[Status.RUNNING])
    return 1 if left else 0


def _contradictions(jobs: "JobTable", repair: bool) -> int:
    """Report, or mend, what the original could write when two of its workers met."""
    found = jobs.repair() if repair else jobs.inconsistencies()
    for inconsistency in found:
        done = "; mended" if repair else "; --repair mends it"
        click.echo(f"job {inconsistency.job_id}: {inconsistency.what}{done}")
    return 0 if repair else len(found)


def _failed(jobs: "JobTable", status: Status, what: str, count: int) -> int:
    """List the jobs that ended with an error."""
    if not count:
        return 0
    click.echo(f"\n{count} {plural(count, 'job')} {what} ({status.name}):")
    for job in jobs.jobs(status=status, limit=_SHOWN):
        error = str(flatten(job.state).get("jobman.error", ""))
        click.echo(f"  job {job.id}  {shorten(summary(error), 120)}".rstrip())
    if count > _SHOWN:
        click.echo(f"  and {count - _SHOWN} more: jobman sqlstatus --status={status.name} ...")
    return count


def _running(jobs: "JobTable", repair: bool, lease: float, count: int) -> int:
    """Report the running jobs without a sign of life, or put them back; return how many stay."""
    silent = set(jobs.expired(lease)) if count else set()
    left = 0
    for job in jobs.jobs(status=Status.RUNNING) if count else ():
        never = job.heartbeat is None
        if job.id not in silent and not never:
            continue
        flat = flatten(job.state)
        text = f"\njob {job.id} runs on {flat.get('jobman.sql.host_name', 'an unknown host')}"
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
            text += _put_back(jobs, job, repair)
            left += not repair
        else:
            text += (
                "; left alone. If you know it is dead: "
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
