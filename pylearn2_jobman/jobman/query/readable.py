"""The half of a job table that reads: jobs, results of queries, counts, views."""

__all__ = ["ReadableTable"]

import importlib
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, overload

import sqlalchemy as sa

from pylearn2_jobman.errors import UnknownJobError, UsageError, suggest
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import Cursor
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.query.front import Objective, front
from pylearn2_jobman.jobman.query.groups import Group, Grouping, as_keys
from pylearn2_jobman.jobman.query.keys import ID, STATUS, choose_keys
from pylearn2_jobman.jobman.query.reading import Reading
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.query.select import parse_query
from pylearn2_jobman.jobman.query.selection import (
    RankBy,
    Ranking,
    RowFilter,
    Selection,
    SortKey,
    Statuses,
    parse_statuses,
)
from pylearn2_jobman.jobman.query.view import ViewName, create_view_sql
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    import pandas

F = TypeVar("F", bound=Callable[..., Any])


def _selecting(method: F) -> F:
    """Let help(), notebooks and the documentation show ``**selection`` keyword by keyword."""
    own = inspect.signature(method)
    named = [one for one in own.parameters.values() if one.kind is not one.VAR_KEYWORD]
    _, *keywords = inspect.signature(Reading.select).parameters.values()
    method.__signature__ = own.replace(parameters=named + keywords)  # type: ignore[attr-defined]
    return method


class ReadableTable:
    """The half of `JobTable`, whose docstring holds the contract, that changes no job."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema
        self._reading = Reading(database, schema)

    @property
    def url(self) -> str:
        """The address, the password masked."""
        return str(self._database.address)

    @property
    def name(self) -> str:
        """The table's name."""
        return self._schema.table

    @property
    def database(self) -> str:
        """The database's folder name under an experiment root."""
        return self._database.address.database

    def __repr__(self) -> str:
        return f"<JobTable {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; used again, the table opens new ones."""
        self._database.close()

    def get(self, job_id: int) -> Job:
        """Return one job.

        Raises
        ------
        UnknownJobError
            If there is none with this id.
        UnreadableJobError
            If it holds something that cannot be read, naming the key.
        """
        job = self._reading.job(job_id)
        if job is None:
            raise UnknownJobError(f"there is no job {job_id} in {self.url}")
        return job

    def load_model(self, job_id: int, exproot: str | None = None) -> Any:
        """Return the model that a job has left, ready for ``predict``.

        It is what the job's ``Train`` or adapter saved to its ``save_path``, or a
        ``MonitorBasedSaveBest``: of several, that of the last phase, the best before the last.
        Loading obeys ``JOBMAN_ALLOW``; without it, a model file may run anything, as any pickle.

        Parameters
        ----------
        job_id
            Which job.
        exproot
            The experiment root, a directory or ``ssh://host:path``, if it has moved since the job
            ran or ``JOBMAN_ALLOW`` is set.

        Raises
        ------
        UsageError
            If the job's files are not there, or none is a model.
        UnknownJobError
            If there is no such job.
        Exception
            Whatever keeps the file from being read, with a note on its versions.
        """
        # By its name: files stand above tables.
        models = importlib.import_module("pylearn2_jobman.jobman.files.models")
        return models.load_model(self, job_id, exproot)

    @_selecting
    def jobs(self, **selection: Unpack[Selection]) -> Iterator[Job]:
        """Yield jobs, in constant memory; a job that cannot be read is logged and skipped.

        Each job is as it stood at one moment; jobs that come and go meanwhile may be missed.

        Parameters
        ----------
        ids
            Only these.
        status
            Only jobs of this status, or of these: ``Status.DONE`` or ``'DONE'``.
        where
            Only jobs that this selects: ``'results.valid_nll < 0.1'``; see
            `pylearn2_jobman.jobman.query.where`.
        order_by
            The key to sort by, jobs without it last; by id, if None.
        descending
            Whether to start from the other end.
        limit
            At most so many.
        offset
            How many to leave out at the beginning.
        """
        return self._reading.jobs(self._reading.select(**selection))

    @overload
    def best(self, key: str, *, over: None = None, **ranking: Unpack[Ranking]) -> list[Job]: ...

    @overload
    def best(
        self, key: str, *, over: str | Iterable[str], **ranking: Unpack[Ranking]
    ) -> list[Group]: ...

    def best(
        self,
        key: str,
        *,
        n: int = 10,
        highest: bool = False,
        where: str | None = None,
        status: Statuses = Status.DONE,
        over: str | Iterable[str] | None = None,
        rank_by: RankBy = "mean",
    ) -> list[Job] | list[Group]:
        """Return the finished jobs with the lowest, or highest, values of a result.

        Jobs without a number there, or with NaN, are not among them.

        Parameters
        ----------
        key
            The result: ``'results.valid_nll'``.
        n
            How many jobs.
        highest
            Whether the highest value is the best.
        where
            Only of the jobs that this selects.
        status
            Only of the jobs of this status, or of these.
        over, rank_by
            If given: the best groups of jobs that differ in nothing but these keys; see `groups`.

        Raises
        ------
        UsageError
            If no job of the table has such a key; near ones are suggested.
        """
        if over is not None:
            groups = self.groups(
                key, over=over, highest=highest, rank_by=rank_by, where=where, status=status
            )
            return [group for group in groups if group.n][:n]
        wanted = self._reading.filter(status=status, where=where)
        number = self._reading.filter(where=f"{key!r} <= inf")
        both = RowFilter([*wanted.tests, *number.tests], wanted.bound)
        pages = self._reading.ids(both, [SortKey(key, highest)], limit=n)
        return list(self._reading.jobs(pages))

    def front(
        self,
        keys: Sequence[str],
        *,
        highest: bool = False,
        where: str | None = None,
        status: Statuses = Status.DONE,
    ) -> list[Job]:
        """Return the finished jobs that no other beats in several results: the Pareto front.

        Parameters
        ----------
        keys
            The results; ``'results.seconds:min'`` or ``:max`` says of one which way it is wanted.
        highest
            Whether those without such an ending are wanted high.
        where, status
            As for `best`.

        Raises
        ------
        UsageError
            If no job of the table has such a key; near ones are suggested.
        """
        names, maximize = zip(*(Objective.parse(key, highest) for key in keys), strict=True)
        numbers = " and ".join(f"{name!r} <= inf" for name in names)
        both = numbers if where is None else f"({where}) and {numbers}"
        found = self.columns(keys=names, status=status, where=both)
        places = front(list(zip(*(found.columns[name] for name in names), strict=True)), maximize)
        ids = [found.ids[place] for place in places]
        jobs = {job.id: job for job in self.jobs(ids=ids)}
        return [jobs[job_id] for job_id in ids if job_id in jobs]

    def groups(
        self,
        key: str,
        *,
        over: str | Iterable[str] | None = None,
        by: str | Iterable[str] | None = None,
        highest: bool = False,
        rank_by: RankBy = "mean",
        where: str | None = None,
        ids: Iterable[int] | None = None,
        status: Statuses = Status.DONE,
    ) -> list[Group]:
        """Return groups of jobs with the statistics of a result of theirs, the best group first.

        Groups of whose numbers some are NaN or infinite come behind all others; behind them come
        those that have none (ranked by the bound, those of a single number too).

        Parameters
        ----------
        key
            The result: ``'results.valid_nll'``.
        over
            The keys in which the jobs of a group may differ, such as ``'hyper_parameters.seed'``:
            jobs that were inserted equal in everything else are a group. Several are a list, or
            have commas between; ``*`` stands for any characters.
        by
            Instead: the keys in which the jobs of a group are equal.
        highest
            Whether the highest value is the best.
        rank_by
            ``'mean'``, or ``'bound'``: the worse end of the mean's 95 % interval.
        where, ids
            Only of these jobs, as for `jobs`.
        status
            The status, or statuses, of the jobs whose results count. All others are counted as
            failed or missing.

        Raises
        ------
        UsageError
            If no job has one of the keys, near ones are suggested; or SciPy is not installed.
        """
        pages = self._reading.select(ids=ids, where=where)
        counted = parse_statuses(status)
        if (over is None) == (by is None):
            raise UsageError("jobs are grouped either over some keys or by some keys")
        if over is not None:
            grouping = Grouping.over(self._reading, pages, over, [key], counted=counted)
        else:
            by = choose_keys(as_keys(by or ()), self.keys())
            found = self._result(pages, [key, STATUS, *by])
            shared = {one: found.columns.get(one, found.ids) for one in by}
            grouping = Grouping(found, shared, counted)
        return grouping.groups(key, highest=highest, rank_by=rank_by)

    @_selecting
    def live(self, **selection: Unpack[Selection]) -> dict[int, Live]:
        """Return what jobs show of themselves while they run, and showed last: see `Live`.

        The parameters are those of `jobs`. Jobs that never ran have none.
        """
        return self._reading.live(self._reading.select(**selection))

    def count(self, *, status: Statuses | None = None, where: str | None = None) -> int:
        """Return how many jobs there are, of these statuses and like this, if given."""
        return self._reading.count(self._reading.filter(status=status, where=where))

    def counts(self) -> dict[Status, int]:
        """Return how many jobs there are of every status."""
        return self._reading.counts()

    def now(self) -> datetime:
        """Return the time by the database's clock, which the times of jobs are by."""
        return self._reading.now()

    def version(self) -> str:
        """Return a text that is another one once some job was added, removed or written to.

        It costs one pass over the trial table, and tells those who watch when to look again. Two
        writes within a tick of the database's clock (SQLite's: a millisecond) may look like one,
        and keys that a person changed in a job that was never claimed do not show.
        """
        return self._reading.version()

    def keys(self) -> list[str]:
        """Return the keys that some job has, sorted."""
        return sorted({key for key, _ in self._reading.key_types()})

    def query(self, text: str, *, over: str | Iterable[str] | None = None) -> QueryResult:
        """Return the jobs that a query asks for, with the keys that it names.

        Parameters
        ----------
        text
            ``'select hyper_parameters.*, results.valid_nll where results.valid_nll < 0.1
            order by results.valid_nll limit 10'``; see `pylearn2_jobman.jobman.query.select`.
        over
            If given, the rows are groups of jobs, as for `dataframe`, which are sorted and limited.

        Raises
        ------
        UsageError
            Saying where the text is not understood, or which key no job has.
        """
        query = parse_query(text, self._schema)
        self._reading.check_keys(query.compared)
        if over is not None:
            pages = self._reading.ids(RowFilter(query.tests, {}))
            grouping = Grouping.over(self._reading, pages, over, query.patterns, query.sort_keys)
            return grouping.result(query.sort_keys, limit=query.limit, offset=query.offset)
        pages = self._reading.ids(
            RowFilter(query.tests, {}), query.sort_keys, limit=query.limit, offset=query.offset
        )
        return self._result(pages, query.patterns)

    @_selecting
    def columns(
        self,
        *,
        keys: Iterable[str] | None = None,
        over: str | Iterable[str] | None = None,
        **selection: Unpack[Selection],
    ) -> QueryResult:
        """Return jobs column by column, for programs that do without pandas.

        The parameters are those of `dataframe`, and so are the columns; a missing value is None.
        """
        if over is not None:
            status = selection.get("status")
            sort_keys = [
                SortKey(selection.pop("order_by", None) or ID, selection.pop("descending", False))
            ]
            limit, offset = selection.pop("limit", None), selection.pop("offset", 0)
            pages = self._reading.select(**selection)
            counted = parse_statuses(Status.DONE if status is None else status)
            grouping = Grouping.over(self._reading, pages, over, keys, sort_keys, counted)
            return grouping.result(sort_keys, limit=limit, offset=offset)
        return self._result(self._reading.select(**selection), keys)

    @_selecting
    def dataframe(
        self,
        *,
        keys: Iterable[str] | None = None,
        over: str | Iterable[str] | None = None,
        **selection: Unpack[Selection],
    ) -> "pandas.DataFrame":
        """Return jobs as a pandas DataFrame: a row a job, a column a key.

        The index ``jobman.id`` holds the ids. Columns are dotted keys and have the type of their
        values: integers stay integers where some are missing (``Int64``), None counts as missing,
        ``jobman.status`` is a category of the statuses' names, ``jobman.created``,
        ``jobman.claimed`` and ``jobman.heartbeat`` are times in UTC. A value that cannot be read
        is logged, and missing.

        Parameters
        ----------
        keys
            The columns: keys, or patterns like ``'results.*'``; if None, all that there are.
        over
            If given, a row is a group of jobs that were inserted equal in everything but these
            keys, such as ``'hyper_parameters.seed'``; see `groups`. Its columns are
            ``jobman.jobs``, how many there are; ``jobman.failed``, how many of them failed; the
            keys that they share, as far as ``keys`` names them or groups differ in them; for each
            result, ``results.nll.n``, ``.mean``, ``.std``, ``.low``, ``.high``, ``.nan`` and
            ``.missing``, as `Group` has them, of the jobs that are DONE, or of ``status``; and
            ``jobman.ids``. The index ``jobman.group`` counts from 1. Sorting, limit and offset are
            those of the groups: ``order_by='results.nll'`` is by the mean.
        ids, status, where, order_by, descending, limit, offset
            As for `jobs`.

        Raises
        ------
        UsageError
            If no job has one of the keys, or pandas is not installed.
        """
        return self.columns(keys=keys, over=over, **selection).dataframe()

    def _result(self, pages: Iterable[list[int]], patterns: Iterable[str] | None) -> QueryResult:
        """Return jobs with the keys that patterns name; a pattern that names none is an error."""
        if patterns is None:
            return self._reading.columns(pages)
        keys = list(dict.fromkeys(patterns))
        if any("*" in key for key in keys):
            return self._reading.columns(pages, choose_keys(keys, self.keys()))
        result = self._reading.columns(pages, keys)
        # Looking through all keys of all jobs takes longer than reading a page of them.
        empty = [key for key, all_ in result.columns.items() if all(v is None for v in all_)]
        if empty:
            choose_keys(empty, self.keys())
        return result

    # Views

    def create_view(
        self, name: str, *, readable: bool = False, keys: Collection[str] | None = None
    ) -> str:
        """Make a view of the jobs, a row a job by id, a column a key, replacing one of this name.

        Parameters
        ----------
        name
            The view's name as SQL has it: ``view``, ``"View"`` or ``schema.view``. PostgreSQL takes
            capital letters that are not in quotes for small ones.
        readable
            Whether columns are named as the keys are (``hyper_parameters.nhid``), instead of as the
            original did (``hyperparameters_nhid``).
        keys
            The keys to show; all, if None.

        Returns
        -------
        str
            The SQL that made it.
        """
        dialect = self._database.engine.dialect
        view = ViewName.parse(name, dialect)
        sql = create_view_sql(
            view,
            self._schema,
            self._reading.key_types(),
            dialect,
            readable=readable,
            keys=keys,
        )

        def make(cursor: Cursor) -> None:
            cursor.execute(f"DROP VIEW IF EXISTS {view}")
            cursor.execute(sql)

        self._database.write(make)
        return sql

    def view_rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a view, by column."""
        view = ViewName.parse(name, self._database.engine.dialect)

        def read(cursor: Cursor) -> list[dict[str, Any]]:
            rows = cursor.execute(f"SELECT * FROM {view}").fetchall()  # noqa: S608 - quoted
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in rows]

        return self._database.read(read)

    def drop_view(self, name: str) -> str:
        """Remove a view; return the SQL that did.

        Raises
        ------
        UsageError
            If there is no such view; near names are suggested.
        """
        engine = self._database.engine
        view = ViewName.parse(name, engine.dialect)
        views = self._database.explaining(lambda: sa.inspect(engine).get_view_names(view.schema))
        if not view.is_among(views, engine.dialect):
            raise UsageError(f"there is no view {name!r}{suggest(name, views)} in {self.url}")
        sql = f"DROP VIEW {view}"
        self._database.write(lambda cursor: cursor.execute(sql))
        return sql
