"""Real workers and real jobs under faults and pressure: what is lost, doubled or wrong; the rate.

    python benchmarks/chaos.py [--seconds 10] [--on sqlite postgresql] [--only SCENARIO ...]
    python benchmarks/chaos.py --soak 20000

Four workers run jobs of 50 ms, each in a process of its own. Once they are at their pace a fault
lasts for some seconds, then they have as long again. A worker that ends is replaced, as a batch
system would. Every result is counted by a trigger of the database as it is taken, and all that was
begun is finished in the end. *lost*: not done then; *doubled*: a result was taken twice; *wrong*:
it is another. Exit code 1 if there is any; with 10 seconds and more, also if the rate afterwards is
below 0.9 of that before. The scenarios that need root, or a program that is missing, say so.
"""

import argparse
import contextlib
import math
import os
import platform
import random
import shutil
import signal
import socket
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
from tables import query  # noqa: E402
from waiting import descendants, until  # noqa: E402

from pylearn2_jobman.errors import TableError  # noqa: E402
from pylearn2_jobman.jobman.status import Status  # noqa: E402
from pylearn2_jobman.jobman.table import JobTable, open_table  # noqa: E402

WORKERS, LEASE_SECONDS = 4, 3
SETTLE_SECONDS = 5.0  # the lease, and what a worker takes to start
WANTED_RATE, WANTED_CLAIM = 0.9, 1.34
MEANINGFUL_SECONDS = 10  # rates of less say little
WAITING = 1500  # jobs, always

EXPERIMENT = """
import time

def job(state, channel):
    time.sleep(state.seconds)
    state.results = {"y": 2 * state.x + 1}
"""
LEDGER = {
    "sqlite": [
        "CREATE TABLE ledger (job INTEGER, at FLOAT)",
        "CREATE TRIGGER noted AFTER UPDATE OF status ON t_trial "
        "WHEN NEW.status = 2 AND OLD.status <> 2 "
        "BEGIN INSERT INTO ledger VALUES (NEW.id, (julianday('now') - 2440587.5) * 86400); END",
    ],
    "postgresql": [
        "CREATE TABLE ledger (job INTEGER, at FLOAT)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ledger "
        "VALUES (NEW.id, extract(epoch FROM clock_timestamp())); RETURN NEW; END $$",
        "CREATE TRIGGER noted AFTER UPDATE OF status ON t_trial FOR EACH ROW "
        "WHEN (NEW.status = 2 AND OLD.status <> 2) EXECUTE FUNCTION note()",
    ],
}


class SkippedError(Exception):
    """Why a scenario cannot be run here."""


class Arena:
    """A table, an experiment root and workers, all in a directory of their own."""

    def __init__(self, kind: str, server: Server | None, seconds: float = 0.05) -> None:
        self.kind, self.server, self.seconds = kind, server, seconds
        self.path = Path(tempfile.mkdtemp(prefix=f"jobman-chaos-{kind}-"))
        self.path.chmod(0o755)
        for name in ("table", "work", "exp"):
            (self.path / name).mkdir()
        (self.path / "lab.py").write_text(EXPERIMENT)
        self.url = f"sqlite:///{self.path}/table/jobs.db?table=t_"
        if server is not None:
            server.create_database(self.path.name)
            self.url = f"{server.url(self.path.name)}?table=t_"
        self.workers_url = self.url
        self.workers: list[subprocess.Popen[bytes]] = []
        self.wanted = WORKERS
        self.inserted = 0
        self.note = ""
        self.stack = contextlib.ExitStack()  # of what a scenario needs besides
        self.pooler: Callable[..., None] | None = None

    def open(self) -> JobTable:
        return open_table(self.url)

    def prepare(self) -> None:
        """Make the table, and what counts the results."""
        self.open().close()
        if self.server is not None:
            with self.server.connect(self.path.name) as connection:
                for sql in LEDGER["postgresql"]:
                    connection.execute(sql)
        else:
            for sql in LEDGER["sqlite"]:
                self._execute(sql)

    def _execute(self, sql: str) -> None:
        with contextlib.closing(sqlite3.connect(self.path / "table" / "jobs.db")) as connection:
            connection.execute(sql)
            connection.commit()

    def start_worker(self) -> "subprocess.Popen[bytes]":
        options = ["-n0", "--wait-for-jobs", "--lease", str(LEASE_SECONDS), "--heartbeat", "0.3"]
        options += ["--max-restarts", "1000", "--retry-for", "600", "--grace", "5"]
        where = ["--workdir-dir", str(self.path / "work"), self.workers_url, str(self.path / "exp")]
        return subprocess.Popen(
            [sys.executable, "-m", "pylearn2_jobman.jobman", "sql", *options, *where],
            cwd=self.path,
            stdout=(self.path / "workers.log").open("ab"),
            stderr=subprocess.STDOUT,
        )

    def tend(self, seconds: float, act: Callable[[], object] = lambda: None) -> None:
        """Let so much time pass: replace workers that have ended, and never run dry."""
        end, looked = time.monotonic() + seconds, -math.inf
        while (now := time.monotonic()) < end:
            self.workers = [worker for worker in self.workers if worker.poll() is None]
            while len(self.workers) < self.wanted:
                self.workers.append(self.start_worker())
            if now > looked + 1:
                looked = now
                with contextlib.suppress(TableError), self.open() as table:
                    if table.counts()[Status.START] < WAITING:
                        self.insert(table, WAITING)
            act()
            time.sleep(min(0.1, max(end - time.monotonic(), 0)))

    def insert(self, table: JobTable, count: int) -> None:
        numbers = range(self.inserted, self.inserted + count)
        experiment = {"jobman.experiment": "lab.job", "seconds": self.seconds}
        self.inserted += len(table.insert_many({**experiment, "x": x} for x in numbers).ids)

    def rate(self, begin: float, end: float) -> float:
        """Return how many results a second were taken between two times."""
        where = f"at >= {begin!r} AND at < {end!r}"
        ((number,),) = (
            row.values()
            for row in query(self.url, f"SELECT count(*) AS n FROM ledger WHERE {where}")
        )
        return number / (end - begin)

    def finish(self) -> tuple[int, int, int]:
        """Let all that was begun be finished; return the jobs lost, doubled and wrong."""
        with self.open() as table:

            def unfinished() -> int:
                waiting = table.columns(
                    keys=(), status=Status.START, where="jobman.sql.attempts is null"
                ).ids
                table.set_status(waiting, Status.CANCELED, among=[Status.START])
                counts = table.counts()
                return counts[Status.START] + counts[Status.RUNNING]

            end = time.monotonic() + 60
            while unfinished() and time.monotonic() < end:
                self.tend(0.5)
            for worker in self.workers:
                worker.terminate()
            for worker in self.workers:
                worker.wait(60)
            jobs = [job for job in table.jobs() if job.status is not Status.CANCELED]
            gone = self.inserted - sum(table.counts().values())
        done = [job for job in jobs if job.status is Status.DONE]
        wrong = sum(job.state.results.y != 2 * job.state.x + 1 for job in done)
        counted = query(self.url, "SELECT count(*) AS n, count(DISTINCT job) AS jobs FROM ledger")
        return gone + len(jobs) - len(done), counted[0]["n"] - counted[0]["jobs"], wrong

    def remove(self) -> None:
        self.stack.close()
        for worker in self.workers:
            worker.kill()
            worker.wait()
        if self.server is not None:
            with self.server.connect("postgres") as connection:
                connection.execute(f'DROP DATABASE "{self.path.name}" WITH (FORCE)')
                connection.execute("DROP TABLESPACE IF EXISTS small")
        for name in ("table", "work", "exp"):
            subprocess.run(["umount", self.path / name], capture_output=True, check=False)
        shutil.rmtree(self.path, ignore_errors=True)


# --- the faults: each lasts so many seconds, and what it broke works again afterwards ----------


def postgres_restart(arena: Arena, seconds: float) -> None:
    assert arena.server is not None
    for how in (signal.SIGINT, signal.SIGQUIT):  # fast, and immediate, as in a crash
        arena.server.stop(how)
        time.sleep(1)
        arena.server.start()
        arena.tend(seconds / 2 - 1)


def pg_backend_kill(arena: Arena, seconds: float) -> None:
    with arena.server.connect("postgres") as connection:

        def kill() -> None:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity "
                f"WHERE datname = '{arena.path.name}' ORDER BY random() LIMIT 1) AS victim"
            )

        arena.tend(seconds, kill)


def pool_exhaustion(arena: Arena, seconds: float) -> None:
    import psycopg

    server, held = arena.server, []
    assert server is not None

    def hold() -> None:
        held[0].execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{arena.path.name}'"
        )
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                held.append(server.connect("postgres"))

    with contextlib.suppress(psycopg.OperationalError):
        while True:
            held.append(server.connect("postgres"))
    try:
        arena.tend(2 * seconds, hold)
    finally:
        for connection in held:
            connection.close()
    arena.note = f"{len(held)} connections held"


def pgbouncer_exhausted(arena: Arena, seconds: float) -> None:
    """See `through_pgbouncer`: one of the server's connections, six of the workers' eight."""
    arena.pooler(pool=1, clients=6)
    arena.tend(seconds)
    arena.pooler(pool=20, clients=100)


def through_pgbouncer(arena: Arena) -> None:
    """Put pgbouncer between the workers and the server."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    if not Path(program).exists():
        raise SkippedError("pgbouncer is not installed (Debian: apt install pgbouncer)")
    server = arena.server
    assert server is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    directory = Path(tempfile.mkdtemp(prefix="jobman-pgbouncer-"))
    user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(directory, "postgres")
    process: list[subprocess.Popen[bytes]] = []

    def pooler(pool: int, clients: int) -> None:
        (directory / "ini").write_text(
            f"[databases]\n* = host=127.0.0.1 port={server.port} user=jobman "
            f"password='{server.password}'\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nauth_type = any\npool_mode = transaction\nunix_socket_dir =\n"
            f"default_pool_size = {pool}\nmax_client_conn = {clients}\nquery_wait_timeout = 2\n"
        )
        if process:
            process[0].terminate()
            process[0].wait()
        process[:] = [
            subprocess.Popen(
                [program, "-q", str(directory / "ini")],
                stderr=(arena.path / "pgbouncer.log").open("ab"), **user,
            )
        ]  # fmt: skip

    pooler(pool=20, clients=100)
    arena.pooler = pooler
    arena.stack.callback(lambda: (process[0].terminate(), process[0].wait()))
    arena.stack.callback(shutil.rmtree, directory)
    address = f"postgres://jobman@127.0.0.1:{port}/{arena.path.name}"
    arena.workers_url = f"{address}?table=t_&prepare_threshold=none"


def crash_recovery(arena: Arena, seconds: float) -> None:
    for worker in arena.workers:
        worker.kill()
        worker.wait()
    arena.tend(seconds)


def repeated_kills(arena: Arena, seconds: float) -> None:
    for _ in range(round(seconds)):
        arena.workers.pop(random.randrange(len(arena.workers))).kill()
        arena.tend(1)


def held_snapshot(arena: Arena, seconds: float) -> None:
    def claim_seconds() -> float:
        times = []
        with arena.open() as table:
            for _ in range(60):
                begin = time.perf_counter()
                claim = table.claim(info={"jobman.sql.attempts": 1})
                times.append(time.perf_counter() - begin)
                assert claim is not None
                result = {**claim.state, "results": {"y": 2 * claim.state.x + 1}}
                table.write_back(claim, result, status=Status.DONE)
        return statistics.quantiles(times, n=10)[0]  # without what the workers take meanwhile

    before = claim_seconds()
    with arena.server.connect(arena.path.name) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM t_trial")
        arena.tend(12 * seconds)
        ratio = claim_seconds() / before
    dead = query(
        arena.url, "SELECT n_dead_tup AS n FROM pg_stat_user_tables WHERE relname='t_trial'"
    )
    arena.note = (
        f"claim x {ratio:.2f}{'' if ratio <= WANTED_CLAIM else ' !'}, {dead[0]['n']} dead rows"
    )


def frozen_worker(arena: Arena, seconds: float) -> None:
    family = descendants(arena.workers[0].pid)
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    arena.tend(max(seconds, 2 * LEASE_SECONDS))
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def slow_disk(arena: Arena, seconds: float) -> None:
    """Four others write 8 MB and wait until the disk has it, again and again."""
    write = f"while :; do dd if=/dev/zero of={arena.path}/dirt$$ bs=8M count=1 conv=fsync; done"
    others = [subprocess.Popen(["sh", "-c", write], stderr=subprocess.DEVNULL) for _ in range(4)]
    try:
        arena.tend(seconds)
    finally:
        for other in others:
            other.kill()
            other.wait()
        for dirt in arena.path.glob("dirt*"):
            dirt.unlink()


def full_disk(name: str) -> Callable[[Arena, float], None]:
    def fault(arena: Arena, seconds: float) -> None:
        ballast = arena.path / name / "ballast.no_sync"

        def fill() -> None:
            with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
                while file.write(bytes(2**16)) == 2**16:
                    pass

        arena.tend(seconds, fill)
        ballast.unlink()

    return fault


def small_disk(name: str) -> Callable[[Arena], None]:
    def setup(arena: Arena) -> None:
        disk = ["mount", "-t", "tmpfs", "-o", "size=256m", "none", arena.path / name]
        if os.geteuid() != 0 or subprocess.run(disk, capture_output=True, check=False).returncode:
            raise SkippedError("root has to mount a disk of its own")
        if name == "table" and arena.server is not None:
            space, database = arena.path / name / "space", arena.path.name
            space.mkdir()
            shutil.chown(space, "postgres")
            with arena.server.connect("postgres") as connection:
                connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
                connection.execute(f'ALTER DATABASE "{database}" SET default_tablespace = small')

    return setup


def thundering_start(arena: Arena, seconds: float) -> None:
    arena.tend(seconds)


def twenty(arena: Arena) -> None:
    """Start twenty workers before there is a table."""
    arena.wanted = 20
    arena.workers = [arena.start_worker() for _ in range(20)]


Fault = Callable[[Arena, float], None]
Setup = Callable[[Arena], None]
SCENARIOS: dict[str, tuple[str, Fault, Setup | None]] = {
    "postgres_restart": ("postgresql", postgres_restart, None),
    "pg_backend_kill": ("postgresql", pg_backend_kill, None),
    "pool_exhaustion": ("postgresql", pool_exhaustion, None),
    "pgbouncer_exhausted": ("postgresql", pgbouncer_exhausted, through_pgbouncer),
    "held_snapshot": ("postgresql", held_snapshot, None),
    "crash_recovery": ("both", crash_recovery, None),
    "repeated_kills": ("both", repeated_kills, None),
    "frozen_worker": ("both", frozen_worker, None),
    "thundering_start": ("both", thundering_start, twenty),
    "slow_disk": ("both", slow_disk, None),
    "full_disk_table": ("both", full_disk("table"), small_disk("table")),
    "full_disk_work": ("both", full_disk("work"), small_disk("work")),
    "full_disk_root": ("both", full_disk("exp"), small_disk("exp")),
}


def run(name: str, kind: str, server: Server | None, seconds: float) -> bool:
    """Run a scenario and print its line; return whether all went well."""
    _, fault, setup = SCENARIOS[name]
    arena = Arena(kind, server)
    with contextlib.ExitStack() as stack:
        stack.callback(arena.remove)
        try:
            if setup is not None:
                setup(arena)
        except SkippedError as reason:
            print(f"{name:20} {kind:10} SKIPPED: {reason}", flush=True)
            return True
        arena.prepare()
        with arena.open() as table:
            arena.insert(table, WAITING)
        arena.tend(0.1)
        count = "SELECT count(*) AS n FROM ledger"
        until(lambda: query(arena.url, count)[0]["n"] >= 4 * arena.wanted, 120)
        times = [time.time()]
        arena.tend(seconds)
        times.append(time.time())
        fault(arena, seconds)
        times.append(time.time())
        arena.tend(SETTLE_SECONDS)
        times.append(time.time())
        arena.tend(seconds)
        times.append(time.time())
        before, during, after = (arena.rate(times[i], times[i + 1]) for i in (0, 1, 3))
        lost, doubled, wrong = arena.finish()
        tried = (arena.path / "workers.log").read_text().count("trying again")
        arena.note += f"{', ' if arena.note else ''}{tried} x tried again"
    slow = after < WANTED_RATE * before
    print(
        f"{name:20} {kind:10} {before:6.1f} {during:6.1f} {after:6.1f}{'!' if slow else ' '} "
        f"{lost:5} {doubled:7} {wrong:5}  {arena.note}",
        flush=True,
    )
    return not (lost or doubled or wrong) and not (slow and seconds >= MEANINGFUL_SECONDS)


# --- the soak -------------------------------------------------------------------------------------


def footprint(worker: "subprocess.Popen[bytes]", arena: Arena) -> str:
    """Return the memory and descriptors of a worker and its server, and the temporary files."""
    words = []
    for pid, who in zip(descendants(worker.pid), ("worker", "fork server"), strict=False):
        status = Path(f"/proc/{pid}/status").read_text()
        megabytes = int(status.partition("VmRSS:")[2].split()[0]) / 1024
        descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        words.append(f"{who} {megabytes:.1f} MB, {descriptors} descriptors")
    return f"{'; '.join(words)}; {len(list((arena.path / 'work').iterdir()))} working directories"


def soak(kind: str, server: Server | None, jobs: int) -> bool:
    """Run many short jobs under faults drawn at random; one worker is spared, to be looked at."""
    arena = Arena(kind, server, seconds=0.0)
    dice = random.Random(jobs)
    with contextlib.ExitStack() as stack:
        stack.callback(arena.remove)
        arena.prepare()
        arena.tend(15)
        spared, *_ = arena.workers
        print(f"soak {kind}: {jobs} jobs\n  at the start: {footprint(spared, arena)}", flush=True)
        names = ["repeated_kills", "frozen_worker"]
        names += ["pg_backend_kill", "postgres_restart"] if server is not None else []
        count = "SELECT count(*) AS n FROM ledger"
        while query(arena.url, count)[0]["n"] < jobs:
            arena.workers.remove(spared)
            arena.wanted = WORKERS - 1
            SCENARIOS[dice.choice(names)][1](arena, 3)
            arena.workers.append(spared)
            arena.wanted = WORKERS
            arena.tend(dice.uniform(2, 8))
        arena.tend(SETTLE_SECONDS)
        print(f"  at the end:   {footprint(spared, arena)}", flush=True)
        lost, doubled, wrong = arena.finish()
    print(f"  {lost} lost, {doubled} doubled, {wrong} wrong", flush=True)
    return not (lost or doubled or wrong)


@contextlib.contextmanager
def served(kind: str) -> Iterator[Server | None]:
    if kind == "sqlite":
        yield None
        return
    server = Server()
    server.start()
    try:
        yield server
    finally:
        server.remove()


def _machine() -> str:
    cores, python = len(os.sched_getaffinity(0)), platform.python_version()
    return f"{cores} cores, Python {python}, SQLite {sqlite3.sqlite_version}"


def main() -> int:
    if os.geteuid() == 0 and "CHAOS" not in os.environ:  # the disks that it mounts are its own
        command = ["unshare", "--mount", sys.executable, __file__, *sys.argv[1:]]
        os.execvpe(command[0], command, os.environ | {"CHAOS": "1"})
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10, help="how long each part takes")
    parser.add_argument("--on", nargs="+", choices=list(LEDGER), default=list(LEDGER))
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS))
    parser.add_argument("--soak", type=int, metavar="JOBS")
    options: Any = parser.parse_args()
    well = True
    print(f"{time.strftime('%Y-%m-%d')}: {_machine()}", flush=True)
    if not options.soak:
        print(f"{'':31} before during  after   lost doubled wrong   (jobs a second)", flush=True)
    for kind in options.on:
        if kind == "postgresql" and (reason := missing()) is not None:
            print(f"{kind}: SKIPPED: {reason}", flush=True)
            continue
        with served(kind) as server:
            if options.soak:
                well &= soak(kind, server, options.soak)
                continue
            for name in options.only:
                if SCENARIOS[name][0] in (kind, "both"):
                    well &= run(name, kind, server, options.seconds)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
