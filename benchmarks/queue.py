"""The job table against hand-written SQL in the same database, and against its peers.

    python benchmarks/queue.py [--jobs 20000] [--quick] [--only sqlite] [--peers]

Prints ratios of rates measured in one run, in one process unless it says otherwise: machines
differ, ratios less so. An experiment has 15 parameters and 3 results and does nothing. Hand-written
means: the same rows, sqlite3 or psycopg without anything around it, SQLite in WAL with synchronous
NORMAL. With ``--peers``, procrastinate, PgQueuer and Optuna are installed into an environment of
their own, and do jobs of 1 ms on the same server with as many processes (queue_peers.py).
"""

import argparse
import gc
import itertools
import multiprocessing
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# In place of this directory, whose queue.py would hide the standard library's.
sys.path[0] = str(Path(__file__).parents[1] / "tests")

from postgres import Server, missing  # noqa: E402

from pylearn2_jobman.jobman.database.codec import encode  # noqa: E402
from pylearn2_jobman.jobman.database.job import Wanted  # noqa: E402
from pylearn2_jobman.jobman.status import Status  # noqa: E402
from pylearn2_jobman.jobman.table import JobTable, open_table  # noqa: E402

PROCESSES = multiprocessing.get_context("fork")
RESULTS = {"best_epoch": 17, "valid_nll": 0.25, "test_misclass": 0.02}
# LISA's jobman on CPython 2.7 with PostgreSQL and SQLite, recorded on a machine like CI's.
ORIGINAL_INSERTS_PER_SECOND, ORIGINAL_JOBS_PER_SECOND = 33.4, 1.2

PEERS = ["procrastinate", "pgqueuer", "optuna"]
PEERS_NEED = ["asyncpg", "psycopg[binary,pool]"]
PEER_WORKERS = 4

# Ours and hand-written by turns, so often that what else the machine does meets both alike.
ROUNDS, TURNS = 20, 5

TARGETS = {
    "insert": ("at least", 0.25),
    "cycle": ("at least", 0.60),
    "four": ("at least", 1.00),
    "flat": ("at most", 1.30),
    "read": ("at most", 1.50),
    "view": ("at most", 1.00),
    "frame": ("at most", 2.00),
}


def states(count: int, start: int = 0) -> Iterator[dict[str, Any]]:
    """Yield experiments of 15 parameters: 5 integers, 5 floats, 5 strings."""
    rng = random.Random(start)
    for number in range(start, start + count):
        parameters = {f"count_{i}": number + i for i in range(5)}
        parameters |= {f"rate_{i}": rng.random() for i in range(5)}
        parameters |= {f"name_{i}": f"layer_{number}_{i}" for i in range(5)}
        yield {"hyper_parameters": parameters, "jobman": {"experiment": "lab.train"}}


def rows(count: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the trial and keyval rows that these experiments make."""
    trials, keyvals = [], []
    for job, state in enumerate(states(count), start=1):
        trials.append((job, 0, 1.0, hash(str(state))))
        flat = {f"hyper_parameters.{k}": v for k, v in state["hyper_parameters"].items()}
        flat |= {"jobman.experiment": "lab.train", "jobman.status": 0, "jobman.sql.priority": 1.0}
        keyvals += [(job, name, *encode(value)) for name, value in flat.items()]
    return trials, keyvals


class Database:
    """A place for tables, and the hand-written SQL to compare with."""

    name = "sqlite"
    mark = "?"
    clock = staticmethod(time.process_time)  # the database is part of the process

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.numbers = itertools.count()

    def url(self) -> str:
        """The address of a new table."""
        return f"sqlite:///{self.directory}/{next(self.numbers)}.db?table=t_"

    def connect(self, url: str) -> Any:
        """Return a plain connection to the database of an address."""
        connection = sqlite3.connect(url.partition("///")[2].partition("?")[0])
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def hold(self, url: str) -> Any:
        """Return a connection that goes on seeing the database as it is now."""
        connection = self.connect(url)
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM t_trial").fetchall()
        return connection

    def begin(self, cursor: Any) -> None:
        cursor.execute("BEGIN IMMEDIATE")

    def commit(self, connection: Any) -> None:
        connection.execute("COMMIT")

    lock = ""


class PostgreSQL(Database):
    name = "postgresql"
    mark = "%s"
    clock = staticmethod(time.perf_counter)
    lock = "FOR UPDATE SKIP LOCKED"

    def __init__(self, server: Server) -> None:
        self.server = server
        self.numbers = itertools.count()

    def url(self) -> str:
        name = f"bench{next(self.numbers)}"
        self.server.create_database(name)
        return f"{self.server.url(name)}?table=t_"

    def connect(self, url: str) -> Any:
        connection = self.server.connect(url.rpartition("/")[2].partition("?")[0])
        connection.autocommit = False
        connection.prepare_threshold = 0
        return connection

    def hold(self, url: str) -> Any:
        connection = self.connect(url)
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM t_trial").fetchall()
        return connection

    def begin(self, cursor: Any) -> None:
        """psycopg begins by itself."""

    def commit(self, connection: Any) -> None:
        connection.commit()


def seconds(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    gc.collect()
    start = clock()
    work()
    return clock() - start


def measure_insert(database: Database, jobs: int) -> float:
    """Return our rate of insertion over that of a hand-written executemany of the same rows."""
    url = database.url()
    with open_table(url):
        pass
    trials, keyvals = rows(jobs)
    values = ", ".join([database.mark] * 7)

    def by_hand() -> None:
        connection = database.connect(url)
        cursor = connection.cursor()
        database.begin(cursor)
        cursor.executemany(
            "INSERT INTO t_trial (id, status, priority, hash) "
            f"VALUES ({', '.join([database.mark] * 4)})",
            trials,
        )
        cursor.executemany(
            f"INSERT INTO t_keyval (dict_id, name, type, ival, fval, sval, bval) VALUES ({values})",
            keyvals,
        )
        database.commit(connection)
        connection.close()

    hand = seconds(by_hand)
    with open_table(database.url()) as table:
        ours = seconds(lambda: table.insert_many(states(jobs)))
    print(f"  insert {jobs}: {jobs / ours:,.0f}/s, by hand {jobs / hand:,.0f}/s")
    return hand / ours


def run_ours(table: JobTable, count: int) -> None:
    claim = table.claim()
    for left in reversed(range(count)):
        assert claim is not None
        claim.state["results"] = RESULTS
        following = Wanted() if left else None
        claim = table.write_back(claim, claim.state, status=Status.DONE, then_claim=following)


def run_by_hand(database: Database, connection: Any, count: int) -> None:
    """Claim, read, and write back with the four statements that it takes at least."""
    mark = database.mark
    claim = (
        "UPDATE t_trial SET status = 1 WHERE id = (SELECT id FROM t_trial WHERE status = 0 "
        f"ORDER BY priority DESC, id LIMIT 1 {database.lock}) RETURNING id"
    )
    read = f"SELECT name, type, ival, fval, sval, bval FROM t_keyval WHERE dict_id = {mark}"
    done = f"UPDATE t_trial SET status = 2 WHERE id = {mark}"
    insert = (
        "INSERT INTO t_keyval (dict_id, name, type, ival, fval, sval, bval) "
        f"VALUES ({', '.join([mark] * 7)})"
    )
    cursor = connection.cursor()
    for _ in range(count):
        database.begin(cursor)
        ((job,),) = cursor.execute(claim).fetchall()
        cursor.execute(read, (job,)).fetchall()
        database.commit(connection)
        database.begin(cursor)
        cursor.execute(done, (job,))
        cursor.executemany(
            insert, [(job, f"results.{name}", *encode(value)) for name, value in RESULTS.items()]
        )
        database.commit(connection)


def measure_cycle(database: Database, count: int) -> float:
    """Return our rate of claiming and writing back over a hand-written loop's."""
    url = database.url()
    ours: list[float] = []
    hand: list[float] = []
    with open_table(url) as table:
        table.insert_many(states(count * 2 * (ROUNDS + 1)))
        connection = database.connect(url)
        run_ours(table, count)
        run_by_hand(database, connection, count)
        for _ in range(ROUNDS):
            ours.append(seconds(lambda: run_ours(table, count)))
            hand.append(seconds(lambda: run_by_hand(database, connection, count)))
        connection.close()
    rates = (count / statistics.median(times) for times in (ours, hand))
    print("  claim and write back: {:,.0f}/s, by hand {:,.0f}/s".format(*rates))
    return statistics.median(by_hand / by_us for by_hand, by_us in zip(hand, ours, strict=True))


def drain(url: str, start: Any, seconds_each: float = 0) -> None:
    with open_table(url) as table:
        start.wait()
        claim = table.claim()
        while claim is not None:
            time.sleep(seconds_each)
            state = claim.state
            state["results"] = {**RESULTS, "runs": state.get("results", {}).get("runs", 0) + 1}
            claim = table.write_back(claim, state, status=Status.DONE, then_claim=Wanted())


def drained(url: str, clients: int, seconds_each: float = 0) -> float:
    """Return how long some clients take to do all waiting jobs."""
    start = PROCESSES.Barrier(clients + 1)
    arguments = (url, start, seconds_each)
    processes = [PROCESSES.Process(target=drain, args=arguments) for _ in range(clients)]
    for process in processes:
        process.start()
    start.wait()
    begin = time.perf_counter()
    for process in processes:
        process.join()
    return time.perf_counter() - begin


def measure_clients(database: Database, jobs: int) -> float:
    """Return the rate of four clients at once over one's; check that every job is done once."""
    count = max(jobs // TURNS, 1000)  # the last pauses shall not count

    def rate(clients: int) -> float:
        url = database.url()
        with open_table(url) as table:
            table.insert_many(states(count))
        elapsed = drained(url, clients)
        with open_table(url) as table:
            wrong = [
                job.id
                for job in table.jobs()
                if job.status is not Status.DONE or job.state.results.runs != 1
            ]
            assert not wrong, f"jobs lost, doubled or corrupted: {wrong}"
            assert table.counts()[Status.DONE] == count
            assert table.inconsistencies() == []
        return count / elapsed

    pairs = [(rate(1), rate(4)) for _ in range(TURNS)]
    one, four = map(statistics.median, zip(*pairs, strict=True))
    print(
        f"  {TURNS} times {count} jobs: one client {one:,.0f}/s, "
        f"four clients {four:,.0f}/s, none lost"
    )
    return statistics.median(four / one for one, four in pairs)


def measure_flatness(database: Database, many: int, count: int) -> list[tuple[str, float]]:
    """Return the cost of a claim among many waiting jobs over that among 1,000, in bad moments."""
    url = database.url()
    with open_table(database.url()) as small, open_table(url) as large:
        small.insert_many({"a": number} for number in range(1000))
        large.insert_many({"a": number} for number in range(many))

        def ratio(when: str) -> tuple[str, float]:
            pairs = [(seconds(small.claim), seconds(large.claim)) for _ in range(count // 3)]
            few, lots = map(statistics.median, zip(*pairs, strict=True))
            print(f"  claim among {many:,}, {when}: {lots * 1e6:.0f} us, "
                  f"among 1,000: {few * 1e6:.0f} us")  # fmt: skip
            return when, lots / few

        def leave_dead_rows() -> None:
            for _ in range(count):
                claim = large.claim()
                assert claim is not None
                for _ in range(3):
                    large.heartbeat(claim)
                large.write_back(claim, claim.state, status=Status.DONE)

        found = [ratio("just inserted")]
        leave_dead_rows()
        found.append(ratio(f"{count} jobs done since"))
        holder = database.hold(url)
        leave_dead_rows()
        found.append(ratio(f"{count} more under a snapshot that is held"))
        holder.close()
    return found


def measure_processes(directory: str, jobs: int) -> None:
    """Print how many jobs that do nothing a worker runs a second, each in its process."""
    Path(directory, "nothing.py").write_text("def run(state, channel):\n    pass\n")
    url = f"sqlite:///{directory}/nothing.db?table=t"
    with open_table(url) as table:
        table.insert_many({"jobman.experiment": "nothing.run", "n": n} for n in range(jobs))
    command = [sys.executable, "-m", "pylearn2_jobman.jobman", "sql", "-j2", "--import", "nothing"]

    def run_some(count: int) -> None:
        arguments = [f"-n{count}", url, f"{directory}/root"]
        subprocess.run([*command, *arguments], check=True, cwd=directory, stdout=subprocess.DEVNULL)

    def cpu() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def work(count: int) -> tuple[float, float]:
        before = cpu()
        return seconds(lambda: run_some(count)), cpu() - before

    start, cpu_of_start = work(1)
    elapsed, cpu_of_all = work(jobs - 1)
    print(
        f"  jobs in processes, -j2 --import: {(jobs - 2) / (elapsed - start):.0f}/s, "
        f"{(cpu_of_all - cpu_of_start) / (jobs - 2) * 1e3:.1f} ms of CPU each"
    )


def measure_reading(database: Database, jobs: int) -> tuple[float, float, float]:
    """Return the CPU seconds of finished jobs' states, and of their DataFrame, and a view's."""
    with open_table(database.url()) as table:
        finished = ({**state, "results": RESULTS} for state in states(jobs))
        ids = table.insert_many(finished).ids
        table.set_status(ids, Status.DONE)

        def read_all() -> None:
            assert len([job.state for job in table.jobs(status=Status.DONE)]) == jobs

        def view() -> None:
            table.create_view("jobs")
            table._database.read(lambda cursor: cursor.execute("SELECT * FROM jobs").fetchall())

        # The quickest of three: what else the machine does can only add.
        read = min(seconds(read_all, time.process_time) for _ in range(3))
        shown = min(seconds(view, database.clock) for _ in range(3))
        table.dataframe(ids=[])  # imports pandas
        frame = seconds(table.dataframe, time.process_time)
    print(
        f"  {jobs:,} finished jobs: states in {read:.2f} s of CPU, DataFrame in {frame:.2f} s of "
        f"CPU, view in {shown:.2f} s"
    )
    return read, frame, shown


def measure_peers(server: Server, jobs: int) -> None:
    """Print the rates of other queues; fail if one cannot be installed or run."""
    database = PostgreSQL(server)

    def our_rate() -> float:
        url = database.url()
        with open_table(url) as table:
            table.insert_many(states(jobs))
        return jobs / drained(url, PEER_WORKERS, 0.001)

    print(f"\npeers (PostgreSQL, {PEER_WORKERS} processes, jobs of 1 ms, each beside ours)")
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS, *PEERS_NEED], check=True)
        for peer in PEERS:
            server.create_database(peer)
            count = jobs // 20 if peer == "optuna" else jobs
            script = Path(__file__).with_name("queue_peers.py")
            done = subprocess.run(
                [python, script, peer, server.url(peer), str(count), str(PEER_WORKERS), "1"],
                check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": ""},
            )  # fmt: skip
            rate, ours = float(done.stdout), our_rate()
            print(f"  {peer}: {rate:.1f}/s, ours {ours:.1f}/s, x{ours / rate:.2f}", flush=True)


def report(name: str, what: str, value: float) -> bool:
    bound, target = TARGETS[name]
    met = value >= target if bound == "at least" else value <= target
    print(f"{'met   ' if met else 'MISSED'} {what}: {value:.2f} ({bound} {target})", flush=True)
    return met


def run(database: Database, options: argparse.Namespace) -> list[bool]:
    print(f"\n{database.name}", flush=True)
    scale = 10 if options.quick else 1
    # So many that SQLite copies its write-ahead log back in every round.
    cycles = 150 if database.name == "sqlite" else 50
    read, frame, view = measure_reading(database, 10_000 // scale)
    many = 100_000 // scale
    return [
        report("insert", "insert, of the hand-written rate",
               measure_insert(database, options.jobs // scale)),
        report("cycle", "claim and write back, of the hand-written rate",
               measure_cycle(database, cycles)),
        report("four", "four clients, of one client's rate",
               measure_clients(database, 10_000 // scale)),
        *(
            report("flat", f"claim among {many:,} waiting, {when}, of the cost among 1,000", value)
            for when, value in measure_flatness(database, many, 900)
        ),
        report("read", "seconds of CPU to read the states of 10,000 jobs", read * scale),
        report("frame", "seconds of CPU for a DataFrame of 10,000 jobs", frame * scale),
        report("view", "seconds for a view of 10,000 jobs", view * scale),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=20_000, help="states to insert in one call")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--peers", action="store_true", help="install others, and measure them")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database")
    options = parser.parse_args()
    met: list[bool] = []
    with tempfile.TemporaryDirectory() as directory:
        if options.only != "postgresql":
            sqlite_database = Database(directory)
            met += run(sqlite_database, options)
            with open_table(sqlite_database.url()) as table:
                inserting = 2000 / seconds(lambda: table.insert_many(states(2000)))
                running = 500 / seconds(lambda: run_ours(table, 500))
            measure_processes(directory, 500 // (10 if options.quick else 1))
            print("  the original, recorded, is exceeded: "
                  f"insert x{inserting / ORIGINAL_INSERTS_PER_SECOND:.0f}, "
                  f"run x{running / ORIGINAL_JOBS_PER_SECOND:.0f}")  # fmt: skip
        if options.only != "sqlite":
            if missing():
                print(f"\npostgresql: {missing()}")
                if options.peers:
                    return 1
            else:
                server = Server()
                try:
                    server.start()
                    met += run(PostgreSQL(server), options)
                    if options.peers:
                        measure_peers(server, 200 if options.quick else 2000)
                finally:
                    server.remove()
    print(f"\n{sum(met)} of {len(met)} targets met, on {os.cpu_count()} cores")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
