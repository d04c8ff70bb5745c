"""``jobman check``: how a table stands, and what needs a person's attention."""

__all__ = ["check"]

import datetime

import click

from pylearn2_jobman.jobman.cli.display import shorten
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

_WHAT = {
    Status.ERR_START: "could not be started",
    Status.ERR_SYNC: "ended, but their files could not be stored",
    Status.ERR_RUN: "failed",
}


@click.command()
@click.argument("table", metavar="DB")
@click.option(
    "--lease",
    type=float,
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="Report running jobs whose worker has given no sign of life for this time.",
)
def check(table: str, lease: float) -> int:
    """Report on a table: counts, failed jobs, jobs whose worker is gone.

    The exit code is 1 if there is anything to look at.
    """
    from pylearn2_jobman.jobman.table import open_table

    trouble = 0
    with open_table(table, create=False) as jobs:
        counts = jobs.counts()
        listed = ", ".join(f"{counts[status]} {status.name}" for status in sorted(Status))
        click.echo(f"{sum(counts.values())} jobs: {listed}")
        for status, what in _WHAT.items():
            failed = list(jobs.jobs(status=status)) if counts[status] else []
            trouble += len(failed)
            if failed:
                click.echo(f"\n{len(failed)} job{'s' * (len(failed) != 1)} {what} ({status.name}):")
            for job in failed:
                error = str(flatten(job.state).get("jobman.error", "")).strip().splitlines()
                click.echo(f"  job {job.id}  {shorten(error[-1], 120) if error else ''}".rstrip())
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        for job in jobs.jobs(status=Status.RUNNING) if counts[Status.RUNNING] else []:
            sign = job.heartbeat or job.claimed
            silent = None if sign is None else (now - sign.replace(tzinfo=None)).total_seconds()
            if silent is not None and silent <= lease:
                continue
            flat = flatten(job.state)
            host = flat.get("jobman.sql.host_name", "an unknown host")
            since = "ever" if silent is None else f"for {silent:.0f} s"
            click.echo(f"\njob {job.id} runs on {host}, without a sign of life {since}")
            trouble += 1
    return 1 if trouble else 0
