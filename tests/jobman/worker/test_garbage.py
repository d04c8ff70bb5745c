"""A worker passes over whatever stands in the rows of a job, to the good job behind it."""

import contextlib
import itertools
import math

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pylearn2_jobman.jobman.bookkeeping import ATTEMPTS, ERROR, PRIORITY, Bookkeeping
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.files.roots import open_root
from pylearn2_jobman.jobman.query.export import write_csv
from pylearn2_jobman.jobman.query.summary import summarize
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.jobman.worker.loop import Worker
from pylearn2_jobman.jobman.worker.settings import WorkerSettings

EXPERIMENT = "jobman.examples.def_addition.addition_example"
BAD = range(1, 5)
GOOD = 5


class Silence:
    """A display that shows nothing, and remembers what went wrong."""

    wants_counts = True

    def __init__(self):
        self.errors = []

    def started(self, job_id, parameters): ...

    def message(self, job_id, text): ...

    def notice(self, text): ...

    def counts(self, counts): ...

    def ended(self, job_id, status, seconds, error):
        self.errors.append(error)


_names = itertools.count()


@contextlib.contextmanager
def table_with_good_job(url):
    """A fresh table with jobs to be spoilt, and a good one that comes last."""
    url = f"{url}{next(_names)}"
    with open_table(url) as table:
        for x in BAD:
            table.insert({"jobman.experiment": EXPERIMENT, "first": x, "second": 1}, priority=2)
        table.insert({"jobman.experiment": EXPERIMENT, "first": 1, "second": 2})
        yield table, url


def spoil(url, statements):
    """Write into a table as another program might."""
    address = Address.parse(url)
    engine = sa.create_engine(address.url, poolclass=sa.NullPool)
    for sql, parameters in statements:
        with contextlib.suppress(sa.exc.StatementError), engine.begin() as connection:
            connection.execute(sa.text(sql.format(t=address.table)), parameters)


def work(url, directory, **options):
    display = Silence()
    Worker(
        url,
        open_root(str(directory / "exp")),
        WorkerSettings(jobs=0, in_process=True, workdir_dir=directory, **options),
        display,
    ).run()
    return display


TEXTS = ["", "abc", "-1", "{[1]: 2}", "9" * 6000, "[" * 300, "nan", "é" * 200, "/", "a\nb", "2026"]
KEYS = [
    *("jobman", "jobman.sql", "jobman.status", "jobman.status.x", "jobman.experiment", "jobman.id"),
    *("jobman.sql.attempts", "jobman.sql.stalls", "jobman.sql.restarts", "jobman.sql.priority"),
    *("jobman.sql.host_workdir", "jobman.sql.host_name", "jobman.sql.host_pid", "jobman.error"),
    *("jobman.start_time", "jobman.hash", "jobman.progress", "", ".", "a..b", "first", "first.x"),
]
INTEGERS = st.sampled_from([None, -1, 0, 1, 7, 2**31 - 1, -(2**31)])
LARGE = st.sampled_from([None, -1, 0, 1, 7, 2**63 - 1, -(2**63)])
FLOATS = st.sampled_from([None, -1.0, 0.5, math.inf, -math.inf, math.nan, 1e308])
TEXT = st.sampled_from([None, *TEXTS])
BLOBS = st.sampled_from([None, *(text.encode() for text in TEXTS), b"\xff\x00", b"\0"])
TIMES = st.sampled_from(
    [None, "infinity", "-infinity", "0001-01-01", "9999-12-31 23:59:59", "294276-01-01"]
)
# SQLite takes any value in any column, and text that is none.
ANYTHING = st.one_of(LARGE, FLOATS, TEXT, BLOBS, TIMES)


def changes(columns, keyvals):
    """Statements that spoil a column of the trial table, a row of the other, or add a row there."""
    job = st.sampled_from(BAD)
    trial = [
        st.tuples(
            st.just(f"UPDATE {{t}}trial SET {name} = {cast} WHERE id = :id"),
            st.fixed_dictionaries({"id": job, "value": value}),
        )
        for name, (cast, value) in columns.items()
    ]
    keyval = [
        st.tuples(
            st.just(f"UPDATE {{t}}keyval SET {name} = {cast} WHERE dict_id = :id AND name = :key"),
            st.fixed_dictionaries({"id": job, "value": value, "key": st.sampled_from(KEYS)}),
        )
        for name, (cast, value) in keyvals.items()
    ]
    names = ", ".join(keyvals)
    casts = ", ".join(cast.replace(":value", f":{name}") for name, (cast, _) in keyvals.items())
    new = st.tuples(
        st.just(f"INSERT INTO {{t}}keyval (dict_id, {names}) VALUES (:id, {casts})"),
        st.fixed_dictionaries({"id": job, **{name: value for name, (_, value) in keyvals.items()}}),
    )
    return st.lists(st.one_of(*trial, *keyval, new, new), min_size=1, max_size=6)


LETTERS = st.sampled_from(["i", "f", "s", "b", "x", None])
NAMES = st.sampled_from(KEYS)
PLAIN = ":value"
SQLITE = changes(
    {
        **dict.fromkeys(['"create"', "write", "read", "priority", "hash"], (PLAIN, ANYTHING)),
        "status": (PLAIN, st.one_of(st.just(0), ANYTHING)),
    },
    {
        "name": (PLAIN, st.one_of(NAMES, st.just(b"blob"))),
        "type": (PLAIN, st.one_of(LETTERS, st.just(b"s"))),
        **dict.fromkeys(["ival", "fval", "bval"], (PLAIN, ANYTHING)),
        "sval": ("CAST(:value AS TEXT)", ANYTHING),
    },
)
POSTGRESQL = changes(
    {
        **dict.fromkeys(
            ['"create"', "write", "read"], ("CAST(CAST(:value AS TEXT) AS TIMESTAMP)", TIMES)
        ),
        "status": (PLAIN, INTEGERS),
        "priority": (PLAIN, FLOATS),
        "hash": (PLAIN, LARGE),
    },
    {
        "name": (PLAIN, NAMES),
        "type": (PLAIN, LETTERS),
        "ival": (PLAIN, LARGE),
        "fval": (PLAIN, FLOATS),
        "sval": (PLAIN, TEXT),
        "bval": (PLAIN, BLOBS),
    },
)


def check_all_passed_over(table, url, directory):
    display = work(url, directory)
    mistakes = [error for error in display.errors if error and "mistake of jobman" in error]
    assert not mistakes, mistakes[0]
    good = table.get(GOOD)
    assert (good.status, good.state.result) == (Status.DONE, 3)
    # What people look with does not fail either.
    table.counts()
    summarize(table)
    list(table.jobs())
    with (directory / "all.csv").open("w") as file:
        write_csv(table.columns(), file)
    table.set_status(BAD, Status.START)
    work(url, directory)


SETTINGS = settings(
    max_examples=12,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],  # what fails is short as it is
)


@SETTINGS
@given(statements=SQLITE)
def test_rows_of_garbage_in_sqlite(sqlite_url, tmp_path, statements):
    with table_with_good_job(sqlite_url) as (table, url):
        spoil(url, statements)
        check_all_passed_over(table, url, tmp_path)


@pytest.mark.postgresql
@SETTINGS
@given(statements=POSTGRESQL)
def test_rows_of_garbage_in_postgresql(postgres_url, tmp_path, statements):
    with table_with_good_job(postgres_url) as (table, url):
        spoil(url, statements)
        check_all_passed_over(table, url, tmp_path)


@pytest.mark.parametrize(
    "value", ["abc", math.nan, math.inf, [1], None, -3, "1e9", {"a": 1}, 10**30], ids=repr
)
@pytest.mark.parametrize("key", ["attempts", "stalls", "restarts", "priority", "host_workdir"])
def test_a_key_of_the_scheduler_may_hold_anything(sqlite_url, tmp_path, key, value):
    with table_with_good_job(sqlite_url) as (table, url):
        claim = table.claim()
        flat = flatten(claim.state) | {f"jobman.sql.{key}": value}
        table.write_back(claim, flat, status=Status.START)
        work(url, tmp_path)
        assert set(table.counts().items()) >= {(Status.DONE, 5), (Status.ERR_RUN, 0)}
        row = flatten(table.get(claim.job_id).state)
        assert row[ATTEMPTS] == (int(value) + 1 if (key, value) == ("attempts", 10**30) else 1)
        assert math.isfinite(row[PRIORITY])


def test_the_reason_names_the_key_that_cannot_be_read(sqlite_url, tmp_path):
    with table_with_good_job(sqlite_url) as (table, url):
        first = "UPDATE {t}keyval SET %s WHERE dict_id = %s AND name = 'first'"
        columns = ["type = 'b', bval = '{{[1]: 2}}'", "type = 's', sval = CAST(x'ff' AS TEXT)"]
        columns += ["name = x'00'"]
        spoil(url, [(first % (column, job), {}) for job, column in enumerate(columns, 1)])
        work(url, tmp_path)
        reasons = {
            job_id: dict(zip(answer.keys, *answer, strict=True))[ERROR]
            for job_id in (1, 2, 3)
            for answer in [table.columns(ids=[job_id], keys=[ERROR])]
        }
        assert table.counts()[Status.ERR_START] == 3
        assert "the key 'first' cannot be read" in reasons[1]
        assert "UTF-8" in reasons[2]
        assert r"b'\x00'" in reasons[3]


def test_defaults_stand_where_nothing_can_be_meant():
    assert Bookkeeping.read({PRIORITY: "high", ATTEMPTS: -1}) == Bookkeeping()
