"""The job table under faults, with real processes: killed clients, stopped servers."""

import multiprocessing
import random
import signal
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Server
from waiting import until

from pylearn2_jobman.errors import ClaimLostError, TableError, TableUnreachableError
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table

PROCESSES = multiprocessing.get_context("fork")
KILLED = 100
LEASE_SECONDS = 2.0


def work_until_done(url: str, last: int) -> None:
    """Be a client: claim, save in mid-run, finish; take back dead ones; end when all is done."""
    table: JobTable | None = None
    while True:
        try:
            table = table or open_table(url)
            claim = table.claim()
            if claim is not None:
                state = claim.state
                state.results = {"twice": state.a * 2}
                table.write_back(claim, state)
                time.sleep(random.uniform(0, 0.004))
                table.heartbeat(claim)
                # Counts how often the table took this job for done.
                state.results["times_done"] = state.results.get("times_done", 0) + 1
                table.write_back(claim, state, status=Status.DONE)
                continue
            table.take_back(LEASE_SECONDS, max_restarts=1000)
            if table.counts()[Status.DONE] == last:
                return
            time.sleep(0.05)
        except ClaimLostError:
            pass
        except TableUnreachableError:
            time.sleep(0.1)


def check_all_done_once(table: JobTable, jobs: int) -> None:
    done = list(table.jobs())
    assert len(done) == jobs
    for job in done:
        assert job.status is Status.DONE
        assert job.state.results == {"twice": job.state.a * 2, "times_done": 1}
    assert table.inconsistencies() == []


def test_clients_killed_at_random_lose_no_job_and_do_none_twice(
    table_url: str, table: JobTable
) -> None:
    jobs = 1000
    table.insert_many({"a": number} for number in range(jobs))

    def start() -> multiprocessing.process.BaseProcess:
        process = PROCESSES.Process(target=work_until_done, args=(table_url, jobs), daemon=True)
        process.start()
        return process

    steady = [start() for _ in range(4)]
    victims = [start() for _ in range(3)]
    killed = 0
    while killed < KILLED:
        time.sleep(random.uniform(0.02, 0.2))
        victim = victims.pop(random.randrange(len(victims)))
        victim.kill()  # nothing if it has ended: its number may be another's now
        victim.join()
        killed += victim.exitcode == -signal.SIGKILL
        victims.append(start())
        # Never run dry while the killing goes on.
        if table.counts()[Status.START] < 200:
            more = table.insert_many({"a": number} for number in range(jobs, jobs + 500))
            jobs += len(more.ids)
    for process in [*steady, *victims]:
        process.kill()
        process.join()
    finish = [PROCESSES.Process(target=work_until_done, args=(table_url, jobs)) for _ in range(4)]
    for process in finish:
        process.start()
    for process in finish:
        process.join(120)
        assert process.exitcode == 0
    check_all_done_once(table, jobs)


@pytest.fixture
def table(table_url: str) -> Iterator[JobTable]:
    with open_table(table_url) as table:
        yield table


@pytest.mark.postgresql
def test_clients_survive_a_restart_of_the_server(own_server: Server) -> None:
    own_server.create_database("jobs")
    url = f"{own_server.url('jobs')}?table=t_"
    table = open_table(url)
    jobs = 600
    table.insert_many({"a": number} for number in range(jobs))
    clients = [PROCESSES.Process(target=work_until_done, args=(url, jobs)) for _ in range(3)]
    for client in clients:
        client.start()
    for how in (signal.SIGINT, signal.SIGQUIT):  # in order, and as in a crash
        done = table.counts()[Status.DONE]
        until(lambda done=done: table.counts()[Status.DONE] > done + 20, 60)
        own_server.stop(how)
        with pytest.raises(TableUnreachableError, match="does not answer"):
            table.counts()
        own_server.start()
    for client in clients:
        client.join(120)
        assert client.exitcode == 0
    check_all_done_once(table, jobs)
    table.close()


@pytest.mark.postgresql
def test_an_idle_client_does_not_notice_a_restart(own_server: Server) -> None:
    own_server.create_database("jobs")
    with open_table(f"{own_server.url('jobs')}?table=t_") as table:
        table.insert({"a": 1})
        claim = table.claim()
        assert claim is not None
        own_server.stop()
        own_server.start()
        assert table.heartbeat(claim) is Status.RUNNING
        own_server.stop()
        own_server.start()
        assert table.insert({"a": 2}) is not None


@pytest.mark.postgresql
def test_a_full_disk_of_the_server_is_waited_for(
    postgres_url: str, postgres_server: Server, postgres_database: str
) -> None:
    with open_table(postgres_url) as table:
        table.insert({"a": 1})
        with postgres_server.connect(postgres_database) as connection:
            connection.execute(
                "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
            )
            connection.execute(
                "CREATE TRIGGER full_disk BEFORE UPDATE ON t_trial "
                "FOR EACH ROW EXECUTE FUNCTION fill()"
            )
            with pytest.raises(TableUnreachableError, match="could not extend file"):
                table.claim()
            connection.execute("DROP TRIGGER full_disk ON t_trial")
        assert table.claim() is not None


@pytest.mark.postgresql
def test_the_password_comes_from_the_password_file_and_is_never_shown(
    own_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_server.create_database("jobs")
    entry = own_server.password.replace("\\", "\\\\").replace(":", "\\:")
    pgpass = tmp_path / ".pgpass"
    pgpass.write_text(f"127.0.0.1:{own_server.port}:jobs:jobman:{entry}\n")
    pgpass.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(pgpass))
    with open_table(f"{own_server.url('jobs', password=False)}?table=t_") as table:
        assert table.insert({"a": 1}) is not None
    with open_table(f"{own_server.url('jobs')}?table=t_") as table:
        assert own_server.password not in repr(table)
        assert "***" in table.url
    wrong = own_server.url("jobs").replace("s3cret", "wr0ng")
    with pytest.raises(TableUnreachableError, match="password authentication failed") as caught:
        open_table(f"{wrong}?table=t_")
    assert "wr0ng" not in str(caught.value)


def open_and_insert(url: str, start: "multiprocessing.synchronize.Barrier", number: int) -> None:
    start.wait(30)
    with open_table(url) as table:
        table.insert({"a": number})


def test_twenty_processes_may_make_the_table_at_once(table_url: str) -> None:
    start = PROCESSES.Barrier(20)
    openers = [
        PROCESSES.Process(target=open_and_insert, args=(table_url, start, number))
        for number in range(20)
    ]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(60)
        assert opener.exitcode == 0
    with open_table(table_url, create=False) as table:
        assert sorted(job.state.a for job in table.jobs()) == list(range(20))


def test_jobs_stream_in_constant_memory(sqlite_url: str) -> None:
    def peak(table: JobTable) -> int:
        tracemalloc.start()
        try:
            count = sum(1 for _ in table.jobs())
            assert count == table.counts()[Status.START]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peaks = []
    with open_table(sqlite_url) as table:
        for start, stop in ((0, 1000), (1000, 8000)):
            table.insert_many({"a": number} for number in range(start, stop))
            peak(table)  # the connection that the first reading opens, once
            peaks.append(peak(table))
    # Eight times the jobs: a list of them would take eight times the memory.
    assert peaks[1] < 1.2 * peaks[0]


def test_two_databases_with_the_same_job_ids_do_not_mix(tmp_path: Path) -> None:
    tables = [open_table(f"sqlite:///{tmp_path}/{name}.db?table=t_") for name in "ab"]
    tables.append(open_table(f"sqlite:///{tmp_path}/a.db?table=u_"))
    for number, table in enumerate(tables):
        assert table.insert({"a": number}) == 1
    claims = [table.claim() for table in tables]
    for table, claim in zip(tables, claims, strict=True):
        assert claim is not None
        table.write_back(claim, claim.state, status=Status.DONE)
    assert [table.get(1).state.a for table in tables] == [0, 1, 2]


def test_a_file_that_is_no_database_and_one_that_cannot_be_made_say_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to look like one\n" * 50)
    with pytest.raises((TableError, ValueError), match="not an SQLite database"):
        open_table(f"sqlite:///{tmp_path}/notes.txt?table=t_")
    with pytest.raises(TableUnreachableError, match="is there such a directory"):
        open_table(f"sqlite:///{tmp_path}/missing/jobs.db?table=t_")
    with pytest.raises(ValueError, match="there is no file"):
        open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_", create=False)
    assert not (tmp_path / "jobs.db").exists()


def test_an_unknown_table_suggests_the_nearest(table_url: str) -> None:
    open_table(table_url).close()
    match = r"no job table 't'.* in (sqlite:///|postgres://jobman:\*\*\*@).*job tables there: t_"
    with pytest.raises(ValueError, match=match):
        open_table(table_url.removesuffix("_"), create=False)


@pytest.mark.postgresql
def test_a_server_that_is_not_there_does_not_answer() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(TableUnreachableError, match="does not answer"):
        open_table("postgres://user:hush@127.0.0.1:1/lab?table=t_")


@pytest.mark.postgresql
def test_text_with_a_nul_is_refused_where_the_database_cannot_hold_it(
    postgres_url: str, sqlite_url: str
) -> None:
    with open_table(postgres_url) as table, pytest.raises(TypeError, match="'a' holds a NUL"):
        table.insert({"a": "x\0y"})
    with open_table(sqlite_url) as table:
        table.insert({"a": "x\0y"})
        assert table.get(1).state.a == "x\0y"


@pytest.mark.postgresql
def test_a_table_whose_indexes_one_may_not_add_is_used_with_a_notice(
    postgres_server: Server, postgres_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    sql = (Path(__file__).parents[1] / "data" / "lisa" / "lisa_jobs_pg.sql").read_bytes()
    with postgres_server.connect(postgres_database) as connection:
        connection.execute(sql)
        connection.execute("DROP ROLE IF EXISTS student")
        connection.execute("CREATE ROLE student LOGIN PASSWORD 'student'")
        for name in ("t_trial", "t_keyval"):
            connection.execute(f"GRANT ALL ON public.{name} TO student")
            connection.execute(f"GRANT ALL ON SEQUENCE public.{name}_id_seq TO student")
    url = f"postgres://student:student@127.0.0.1:{postgres_server.port}/{postgres_database}"
    with open_table(f"{url}?table=t_") as table:
        assert "no index for its queue" in caplog.text
        assert table.insert({"a": 1}) is not None
        claim = table.claim()
        assert claim is not None
        table.write_back(claim, claim.state, status=Status.DONE)
    with postgres_server.connect(postgres_database) as connection:
        connection.execute("DROP OWNED BY student")
        connection.execute("DROP ROLE student")
