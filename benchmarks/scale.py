"""What many workers ask of one PostgreSQL: 1 to 64 clients measured, 10,000 calculated.

    python benchmarks/scale.py [--clients 1,2,4,8,16,32,64] [--seconds 2]

Each client is a process with a connection of its own that does nothing but ask. What a request
costs is the processor time of the server's processes for it, which other work on the machine
changes less than it changes rates. Durability is off, as for the tests: the disk is not measured.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# In place of this directory, whose queue.py would hide the standard library's.
sys.path[0] = str(Path(__file__).parents[1] / "tests")

from postgres import Server, missing  # noqa: E402

from pylearn2_jobman.jobman.status import Status  # noqa: E402
from pylearn2_jobman.jobman.table import JobTable, open_table  # noqa: E402

PROCESSES = multiprocessing.get_context("fork")
RESULTS = {"best_epoch": 17, "valid_nll": 0.25, "test_misclass": 0.02}
TICK = os.sysconf("SC_CLK_TCK")
WORKERS = 10_000
# As `WorkerSettings` and the worker have them.
HEARTBEAT_SECONDS, TAKE_BACK_SECONDS = 30.0, 30.0


def experiment(number: int) -> dict[str, Any]:
    """Return an experiment with 15 parameters."""
    parameters = {f"count_{i}": number + i for i in range(5)}
    parameters |= {f"rate_{i}": number / (i + 3) for i in range(5)}
    parameters |= {f"name_{i}": f"layer_{number}_{i}" for i in range(5)}
    return {"hyper_parameters": parameters, "jobman": {"experiment": "lab.train"}}


def heartbeat(table: JobTable) -> Callable[[], None]:
    """Give signs of life for one job."""
    claim = table.claim()
    assert claim is not None

    def beat() -> None:
        table.heartbeat(claim)

    return beat


def run_job(table: JobTable) -> Callable[[], None]:
    """Ask what a job asks of the table: a claim, its directory, its results, its end."""

    def run() -> None:
        claim = table.claim(info={"jobman.sql.host_name": "node", "jobman.sql.host_pid": 1})
        assert claim is not None
        state = claim.state
        state["jobman"]["sql"]["host_workdir"] = "/scratch/jobman-t-1-abcdefgh"
        table.write_back(claim, state)
        state["results"] = RESULTS
        table.write_back(claim, state)
        table.write_back(claim, state, status=Status.DONE)

    return run


def claim(table: JobTable) -> Callable[[], None]:
    """Claim jobs, and nothing else: what claiming several at once would save."""

    def take() -> None:
        assert table.claim() is not None

    return take


def look_for_dead(table: JobTable) -> Callable[[], None]:
    """Look for jobs whose worker is gone."""

    def look() -> None:
        table.expired(300.0)

    return look


def be_client(
    url: str, what: Callable[[JobTable], Callable[[], None]], seconds: float, start: Any, queue: Any
) -> None:
    """Ask for so many seconds, as fast as answers come; report how often."""
    with open_table(url) as table:
        ask = what(table)
        ask()
        start.wait()  # all are connected
        start.wait()  # the server's processor time is read
        until = time.perf_counter() + seconds
        count = 0
        while time.perf_counter() < until:
            ask()
            count += 1
        queue.put(count)
        start.wait()  # and read again


@dataclass
class Measured:
    """Requests a second, and the server's processor time for one, in milliseconds."""

    rate: float
    cost: float


def measure(
    server: Server,
    url: str,
    what: Callable[[JobTable], Callable[[], None]],
    clients: int,
    seconds: float,
) -> Measured:
    """Let clients ask at once."""
    start, queue = PROCESSES.Barrier(clients + 1), PROCESSES.Queue()
    processes = [
        PROCESSES.Process(target=be_client, args=(url, what, seconds, start, queue))
        for _ in range(clients)
    ]
    for process in processes:
        process.start()
    start.wait()
    before = processor_seconds(server.pid)
    start.wait()
    count = sum(queue.get() for _ in range(clients))
    cost = processor_seconds(server.pid) - before
    start.wait()
    for process in processes:
        process.join()
    return Measured(count / seconds, 1000 * cost / count)


def processor_seconds(postmaster: int) -> float:
    """Return the processor time of a server's living processes."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if postmaster in (int(fields[1]), int(stat.parent.name)):
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def new_table(server: Server, jobs: int) -> str:
    """Return the address of a new table of waiting jobs."""
    name = f"scale{time.monotonic_ns()}"
    server.create_database(name)
    url = f"{server.url(name)}?table=t"
    with open_table(url) as table:
        table.insert_many(experiment(number) for number in range(jobs))
    return url


def curve(
    server: Server,
    name: str,
    what: Callable[[JobTable], Callable[[], None]],
    clients: list[int],
    seconds: float,
) -> Measured:
    """Print how a request does as clients grow; return the last measurement."""
    measured = {}
    for number in clients:
        url = new_table(server, 100 if what is heartbeat else 3_000)
        measured[number] = measure(server, url, what, number, seconds)
        ratio = measured[number].rate / measured[clients[0]].rate
        print(
            f"  {name:<10} {number:>3} clients: {ratio:5.2f} of one's rate, "
            f"{measured[number].cost:6.3f} ms of the server each",
            flush=True,
        )
    return measured[clients[-1]]


def cost_of_looking(server: Server, running: int, seconds: float) -> float:
    """Return the milliseconds of the server to look through so many running jobs."""
    url = new_table(server, running)
    with open_table(url) as table:
        while table.claim():
            pass
    return measure(server, url, look_for_dead, 1, seconds).cost


def memory_of_a_connection(server: Server) -> float:
    """Return the MiB of its own that a server process holds once it has served a worker."""
    url = new_table(server, 100)
    with open_table(url) as table:
        run_job(table)()
        name = url.rpartition("/")[2].partition("?")[0]
        with server.connect("postgres") as connection:
            ((pid,),) = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s", (name,)
            ).fetchall()
        status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024


def extrapolate(job: float, beat: float, few: float, many: float, memory: float) -> None:
    """Print what the processor of the server has to do for 10,000 workers."""
    per_running = (many - few) / 9000
    print(f"\n{WORKERS:,} workers, heartbeats every {HEARTBEAT_SECONDS:g} s; cores of the server:")
    print("  job of   jobs/s  heartbeats/s  looks/s   jobs  heartbeats  looks  together")
    for job_seconds in (60, 600, 3600, 6 * 3600):
        jobs, beats = WORKERS / job_seconds, WORKERS / HEARTBEAT_SECONDS
        looks = WORKERS / max(job_seconds, TAKE_BACK_SECONDS)
        cores = [
            jobs * job / 1000,
            beats * beat / 1000,
            looks * (few + per_running * (WORKERS - 1000)) / 1000,
        ]
        print(
            f"  {job_seconds:>5} s {jobs:>8.1f} {beats:>13.0f} {looks:>8.1f}"
            f" {cores[0]:>6.2f} {cores[1]:>11.2f} {cores[2]:>6.2f} {sum(cores):>9.2f}"
        )
    connections = 2 * WORKERS  # one for a worker's heartbeats, one for its jobs
    gibibytes = connections * memory / 1024
    print(f"  connections: {connections:,} of {memory:.1f} MiB: {gibibytes:.0f} GiB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", default="1,2,4,8,16,32,64")
    parser.add_argument("--seconds", type=float, default=2.0, help="for every measurement")
    options = parser.parse_args()
    if missing():
        print(missing())
        return 1
    clients = [int(number) for number in options.clients.split(",")]
    server = Server()
    try:
        server.start()
        print(f"{os.cpu_count()} cores, shared by server and clients")
        job = curve(server, "job", run_job, clients, options.seconds)
        url = new_table(server, 3_000)
        alone = measure(server, url, claim, clients[-1], options.seconds / 4)
        print(f"  a claim alone: {alone.cost:.3f} ms")
        beat = curve(server, "heartbeat", heartbeat, clients, options.seconds)
        few = cost_of_looking(server, 1_000, options.seconds)
        many = cost_of_looking(server, 10_000, options.seconds)
        print(
            f"  a look for dead workers: {few:.3f} ms among 1,000 running, {many:.3f} among 10,000"
        )
        memory = memory_of_a_connection(server)
        extrapolate(job.cost, beat.cost, few, many, memory)
    finally:
        server.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
