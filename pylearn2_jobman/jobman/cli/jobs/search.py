"""``jobman search``: an adaptive search, put into a table and watched."""

__all__ = ["search"]

import time
from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.errors import TableUnreachableError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.options import parser_option
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.pruning import pruning_from, pruning_options
from pylearn2_jobman.jobman.cli.tables import print_table, shown
from pylearn2_jobman.jobman.parameters.choices import OneJob
from pylearn2_jobman.jobman.parameters.distributions import Distribution
from pylearn2_jobman.jobman.parameters.parsers import parser
from pylearn2_jobman.jobman.query.keys import short_names
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import FAILED
from pylearn2_jobman.jobman.table.schedule import check_experiment
from pylearn2_jobman.jobman.tracebacks import summary

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.search import Search, Standing

_SAMPLERS = ("tpe", "gp", "cmaes", "qmc", "random")  # as in search.definition, imported when used
_LOOK_SECONDS = 1.0
_BEST = 5


class _Whole(OneJob):
    """Every key that is drawn is its distribution, which the search draws from."""

    def draw(self, key: str, distribution: Distribution) -> Any:
        return distribution


@command(
    "jobman search 'sqlite:///jobs.db?table=mlp' \\\n"
    "    pylearn2_jobman.experiment.train_experiment mlp.conf \\\n"
    "    'hyper_parameters.learning_rate ~ loguniform(1e-4, 1)' \\\n"
    "    'hyper_parameters.nhid ~ randint(10, 500)' --by results.valid_nll --trials 60"
)
@table_argument
@click.argument("experiment")
@click.argument("parameters", nargs=-1)
@click.option(
    "--by", required=True, multiple=True, metavar="KEY",
    help="The result that is wanted low; repeatable, and KEY:max is wanted high.",
)  # fmt: skip
@click.option("--maximize", is_flag=True, help="The results are wanted high.")
@click.option(
    "--trials", default=100, show_default=True, metavar="N", help="How many trials in all."
)
@click.option(
    "--sampler", type=click.Choice(_SAMPLERS), default="tpe", show_default=True,
    help="Which of Optuna's samplers proposes.",
)  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="The sampler's seed.")
@click.option(
    "--ahead", default=1, show_default=True, metavar="N",
    help="How many trials to propose at once at least; as many as there are free slots anyway.",
)  # fmt: skip
@click.option(
    "--name", metavar="NAME", help="The search's name  [default: by what it varies and wants]."
)
@click.option(
    "--priority", type=float, default=1.0, show_default=True, help="Of the trials."
)  # fmt: skip
@pruning_options
@click.option("--detach", is_flag=True, help="Do not wait for the search to end.")
@click.option("--no-check", is_flag=True, help="Import nothing here to check it.")
@parser_option
def search(
    table: str,
    experiment: str,
    parameters: tuple[str, ...],
    by: tuple[str, ...],
    maximize: bool,
    name: str | None,
    detach: bool,
    no_check: bool,
    parser_name: str,
    **settings: Any,
) -> int:
    """Search for the parameters with the best results.

    Of PARAMETERS (`jobman help parameters`) those with a distribution vary. Workers (`jobman sql`)
    run the trials and propose the next ones, as one job of the table among the others; this command
    shows how the search stands, and may be stopped. Called again it goes on showing, with more
    --trials or another --sampler it changes the search. Exit code: 1 if the search itself failed.
    """
    from pylearn2_jobman.jobman.table import open_table
    from pylearn2_jobman.jobman.table.checks import check_jobs

    if not no_check:
        check_experiment(experiment)
    varied = parser(parser_name)(*parameters, choices=_Whole())
    settings["prune"] = pruning_from(settings)
    with open_table(table) as jobs:
        found = jobs.search(experiment, varied, by=by, maximize=maximize, name=name, **settings)
        if not no_check:
            check_jobs([found.definition.example()])
        job_id = found.start()
        click.echo(f"Search {found.name}, job {job_id}: {found.standing()}")
        if detach:
            return 0
        click.echo("Workers carry it on (jobman sql -n0 DB EXPROOT); Ctrl-C only ends this view.")
        return _watch(found)


def _watch(found: "Search") -> int:
    """Print a line for each trial that ends, and the best ones at the end."""
    ended = {trial.job_id for trial in found.trials() if trial.number is None or trial.results}
    version, standing, away = "", found.standing(), False
    while not standing.is_over:
        time.sleep(_LOOK_SECONDS)
        try:
            now = found.table.version()
            standing = standing if now == version else found.standing()
            version, away = now, False
        except TableUnreachableError as error:
            if not away:
                click.echo(f"jobman: {error}; waiting for it", err=True)
            away = True
            continue
        for trial in standing.trials:
            if trial.results and trial.job_id not in ended:
                ended.add(trial.job_id)
                results = ", ".join(map(shown, trial.results))
                click.echo(f"trial {trial.number} (job {trial.job_id}): {results}  [{standing}]")
    return _conclude(found, standing)


def _conclude(found: "Search", standing: "Standing") -> int:
    click.echo(f"Search {found.name}: {standing}")
    keys = [*(one.key for one in found.definition.by), *found.definition.space]
    rows = [[job.id, *map(flatten(job.state).get, keys)] for job in found.best(_BEST)]
    if rows:
        print_table(["job", *short_names(keys)], rows)
    job = standing.job
    if job is not None and job.status in FAILED:
        error = flatten(job.state).get("jobman.error")
        click.echo(f"jobman: the search failed: {summary(str(error))}", err=True)
        return 1
    return 0
