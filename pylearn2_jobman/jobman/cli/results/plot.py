"""``jobman plot``: results as figures."""

__all__ = ["plot"]

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import exproot_option, table_argument
from pylearn2_jobman.jobman.cli.tables import over_option
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.query.front import Objective
from pylearn2_jobman.jobman.query.keys import (
    HEARTBEAT,
    IDS,
    choose_keys,
    is_hyper_parameter,
    short_names,
    varying_keys,
)
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.record_file import FILE, POSITIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from pylearn2_jobman.jobman.plots.curves import Records
    from pylearn2_jobman.jobman.table import JobTable

_KINDS = ("curves", "scatter", "heatmap", "parallel", "importance", "progress", "front")
_NEEDED = {
    "curves": (),
    "scatter": ("by", "x"),
    "heatmap": ("by", "x", "y"),
    "parallel": ("by",),
    "importance": ("by",),
    "progress": ("by",),
    "front": ("by",),
}


@command(
    "jobman plot DB curves --exproot experiments --by results.valid_nll -n 5 -o curves.png\n"
    "jobman plot DB scatter --by results.valid_nll --x hyper_parameters.learning_rate -o lr.svg\n"
    "jobman plot DB heatmap --by results.valid_nll --x hyper_parameters.learning_rate "
    "--y hyper_parameters.nhid -o table.html\n"
    "jobman plot DB curves --by results.valid_nll --over hyper_parameters.seed -o bands.png"
)
@table_argument
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("ids", metavar="[ID]...", nargs=-1, type=int)
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE", help="What to write: a .png, .svg, .pdf or .html file.",
)  # fmt: skip
@click.option(
    "--by", multiple=True, metavar="KEY",
    help="The result; KEY:max is wanted high. Of front, given twice.",
)  # fmt: skip
@click.option(
    "--highest", is_flag=True, help="The highest result (or value of --channel) is the best."
)
@click.option("--x", metavar="KEY", help="The hyper-parameter on the horizontal axis.")
@click.option("--y", metavar="KEY", help="The hyper-parameter on the vertical axis.")
@click.option(
    "--keys", metavar="KEYS",
    help="The hyper-parameters of parallel and importance, with commas between; 'results.*' stands "
    "for all that begin so  [default: those that differ].",
)  # fmt: skip
@click.option("--where", metavar="COMPARISON", help="Only jobs like 'results.epoch > 10'.")
@exproot_option("Where the jobs' files are, with the records of their curves.", remote=True)
@click.option(
    "--channel", "channels", multiple=True,
    help="A channel for the curves; repeatable  [default: the main ones].",
)  # fmt: skip
@click.option(
    "--along", type=click.Choice(POSITIONS), default="epoch", show_default=True,
    help="What the curves go along.",
)  # fmt: skip
@over_option
@click.option(
    "-n", "number", default=10, show_default=True,
    help="How many jobs to draw curves of: the best ones, if --by is given.",
)  # fmt: skip
def plot(table: str, kind: str, output: Path, **options: Any) -> None:
    """Draw results: a figure of one of these kinds.

    \b
    curves      channels of jobs over the training, from their monitor.csv, or, thinned, from the
                table where that cannot be read
    scatter     a result against one hyper-parameter, with medians
    heatmap     the median result over two hyper-parameters
    parallel    every job as a line across its hyper-parameters
    importance  how much each hyper-parameter matters, by scikit-learn's random forest and
                permutation importance
    progress    the result of each job in the order in which they ended, and the best so far
    front       two results, and the jobs that no other beats in both

    All but curves show finished jobs. With --over, jobs that differ in nothing but these keys are
    one point, at the mean of the finished ones, or one curve, in a band that is its interval.
    """  # noqa: D301
    missing = [name for name in _NEEDED[kind] if not options[name]]
    if missing:
        raise click.UsageError(f"{kind} needs {' and '.join(f'--{name}' for name in missing)}")
    if len(options["by"]) not in ((2,) if kind == "front" else (0, 1)):
        raise click.UsageError(f"{kind} takes --by {'twice' if kind == 'front' else 'once'}")
    wanted = [Objective.parse(text, options["highest"]) for text in options.pop("by")]
    options["by"], options["highest"] = wanted[0] if wanted else (None, options["highest"])
    options["second"] = wanted[1] if wanted[1:] else None
    if options["over"] is not None and kind in ("progress", "front"):
        raise click.UsageError(f"{kind} shows jobs, not averages: it takes no --over")
    if options["over"] in POSITIONS:
        raise click.UsageError(f"what curves go along is --along {options['over']}")
    from pylearn2_jobman.jobman.plots import save
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        figure = _curves(jobs, **options) if kind == "curves" else _draw(kind, jobs, **options)
        where = f", where {options['where']}" if options["where"] else ""
        save(figure, output, caption=f"{jobs.url}{where}")
    click.echo(f"Wrote {output}")


def _draw(
    kind: str,
    jobs: "JobTable",
    *,
    ids: tuple[int, ...],
    by: str,
    x: str,
    y: str,
    keys: str | None,
    where: str | None,
    highest: bool,
    over: str | None,
    second: tuple[str, bool] | None,
    **_curves_only: Any,
) -> "Figure":
    from pylearn2_jobman.jobman import plots

    known = jobs.keys()
    chosen = choose_keys((key.strip() for key in keys.split(",")), known) if keys else None
    shown = chosen or list(filter(is_hyper_parameter, known))
    others = (x, y, second[0] if second else None, HEARTBEAT if kind == "progress" else None)
    wanted = dict.fromkeys([by, *(key for key in others if key), *shown])
    if over is None:
        frame = jobs.dataframe(keys=wanted, ids=ids or None, status=Status.DONE, where=where)
    else:
        frame = jobs.dataframe(
            keys=wanted, over=over, ids=ids or None, where=where, order_by=by, descending=highest
        )
        means = {f"{key}.mean": key for key in wanted}
        frame = frame.rename(columns=means)
    if frame.empty:
        raise UsageError("no job that is chosen is DONE")
    if kind == "scatter":
        return plots.result_against(frame, by, x, highest=highest)
    if kind == "heatmap":
        return plots.heat_map(frame, by, x, y, highest=highest)
    if kind == "progress":
        return plots.best_so_far(frame, by, highest=highest)
    if second is not None:
        return plots.pareto_front(frame, by, second[0], highest=(highest, second[1]))
    if kind == "parallel":
        return plots.parallel_coordinates(frame, by, chosen, highest=highest)
    return plots.importance(frame, by, chosen)


def _curves(
    jobs: "JobTable",
    *,
    ids: tuple[int, ...],
    by: str | None,
    where: str | None,
    highest: bool,
    exproot: Path | str | None,
    channels: tuple[str, ...],
    along: str,
    over: str | None,
    number: int,
    **_others_only: Any,
) -> "Figure":
    from pylearn2_jobman.jobman.files.job_view import JobView
    from pylearn2_jobman.jobman.plots import learning_curves

    limit = None if ids else number
    if over is not None:
        averages = jobs.columns(
            keys=[by] if by else [], over=over, ids=ids or None, where=where, order_by=by,
            descending=highest, limit=limit,
        )  # fmt: skip
        groups = [list(jobs.jobs(ids=members)) for members in averages.columns[IDS]]
        names = _names([f"group {number}" for number in averages.ids], averages.columns)
    else:
        chosen = (
            jobs.best(by, n=number, highest=highest, where=where)
            if by is not None and not ids
            else jobs.jobs(ids=ids or None, where=where, limit=limit)
        )
        groups = [[job] for job in chosen]
        flats = [flatten(job.state) for (job,) in groups]
        columns = {key: [flat.get(key) for flat in flats] for flat in flats for key in flat}
        names = _names([f"job {job.id}" for (job,) in groups], columns)
    curves: dict[str, Records | list[Records]] = {}
    live = jobs.live(ids=[job.id for group in groups for job in group])
    where_else = "" if exproot is None else f" below {exproot}"
    for name, group in zip(names, groups, strict=True):
        records: list[Records] = []
        for job in group:
            view = JobView.of(jobs, job, exproot, live.get(job.id, Live()))
            try:
                found = view.records()
            except OSError as error:
                click.echo(f"jobman: the files of job {job.id} cannot be read: {error}", err=True)
                found = view.live.records()
            if found:
                records.append(found)
            else:
                click.echo(f"jobman: job {job.id} has no {FILE}{where_else}", err=True)
        if records:
            curves[name] = records if over is not None else records[0]
    if not curves:
        number = sum(map(len, groups))
        raise UsageError(f"none of {number} chosen jobs has a {FILE}{where_else}")
    # Of the channels that are shown by default, the lowest value is the best.
    return learning_curves(curves, channels, x=along, highest=highest and bool(channels))


def _names(numbers: list[str], columns: "Mapping[str, Sequence[Any]]") -> list[str]:
    """Return names of jobs, or groups: their numbers, and the hyper-parameters that vary."""
    apart = sorted(varying_keys(columns, is_hyper_parameter))
    short = short_names(apart)
    names = []
    for number, *values in zip(numbers, *(columns[key] for key in apart), strict=True):
        pairs = [f"{name}={value}" for name, value in zip(short, values, strict=True)]
        names.append(f"{number}: {', '.join(pairs)}" if pairs else number)
    return names
