"""``jobman dashboard``: the web page over a job table."""

__all__ = ["dashboard"]

from pathlib import Path

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import exproot_option, table_argument


@command(
    "jobman dashboard 'sqlite:///jobs.db?table=mlp' --exproot experiments\n"
    "JOBMAN_DASHBOARD_TOKEN=... jobman dashboard DB --host 0.0.0.0 --allow-actions"
)
@table_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8050,
    show_default=True,
    help="0: any that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where to listen; anything but this machine needs a token.",
)
@exproot_option(
    "Where the workers store the jobs' files: the EXPROOT of `jobman sql`.", remote=True
)
@click.option(
    "--token",
    envvar="JOBMAN_DASHBOARD_TOKEN",
    show_envvar=True,
    metavar="SECRET",
    help="What a browser has to know to see the page.",
)
@click.option(
    "--allow-actions", is_flag=True, help="Offer to cancel and retry jobs and to set priorities."
)
@click.option(
    "--refresh", type=click.FloatRange(0.2, 3600), default=2, show_default=True, metavar="SECONDS",
    help="How often the page asks for changes.",
)  # fmt: skip
def dashboard(
    table: str,
    port: int,
    host: str,
    exproot: Path | str | None,
    token: str | None,
    allow_actions: bool,
    refresh: float,
) -> None:
    """Serve a web page with the jobs of a table: live counts, a table, plots, every job's files.

    The page changes nothing unless --allow-actions is given. Ctrl-C ends it.
    """
    from pylearn2_jobman.jobman.table import open_table

    try:
        from pylearn2_jobman.jobman.dashboard.app import make_app
        from pylearn2_jobman.jobman.dashboard.context import Settings
        from pylearn2_jobman.jobman.dashboard.server import serve
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the page needs {error.name}: pip install 'pylearn2_jobman[dashboard]'"
        ) from error

    settings = Settings(
        exproot=exproot,
        host=host,
        token=token,
        allow_actions=allow_actions,
        refresh_seconds=refresh,
    )

    def ready(bound: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"http://{shown}:{bound}/ shows {jobs.url}; Ctrl-C ends it")

    with open_table(table, create=False) as jobs:
        serve(make_app(jobs, settings).server, host, port, ready)
