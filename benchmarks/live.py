"""The live row of running jobs: what it adds to a heartbeat, and what ``report()`` costs.

    python benchmarks/live.py [--jobs 1000] [--rounds 5]

Prints the time of a heartbeat of one of many running jobs, alone and with a row of 1 kB and of 4 kB
that is another one each time, in turns, so that what else the machine does meets all alike; what
the heartbeats of all of them leave behind; and the time of ``report()``.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1] / "tests")  # see queue.py

from postgres import Server, missing  # noqa: E402

import pylearn2_jobman  # noqa: E402
from pylearn2_jobman.jobman.live import Curves, Live  # noqa: E402
from pylearn2_jobman.jobman.table import open_table  # noqa: E402


def row(epochs: int, channels: int, output: str) -> str:
    """Return a live row after so many epochs."""
    curves = Curves()
    for epoch in range(epochs):
        values = {f"valid_channel_{i}": time.perf_counter() % 1 for i in range(channels)}
        curves.add({"epoch": epoch, "batch": 100 * epoch, "seconds": 2.5 * epoch, **values})
    return Live(time.time(), curves.at, curves.points(), output, memory=2**30).text()


def heartbeats(url: str, jobs: int, rounds: int) -> None:
    """Print what the heartbeats of some running jobs cost."""
    rows = {
        "alone": lambda: None,
        "1 kB": lambda: row(20, 2, "a line of output\n" * 20),
        "4 kB": lambda: row(400, 6, "a line of output\n" * 99),
    }
    times: dict[str, list[float]] = {name: [] for name in rows}
    with open_table(url) as table:
        table.insert_many({"x": x} for x in range(jobs))
        claims = [claim for _ in range(jobs) if (claim := table.claim()) is not None]
        for claim in claims:
            table.write_back(claim, claim.state, live=row(1, 2, ""))
        for _ in range(rounds):
            for name, make in rows.items():
                live = make()
                began = time.perf_counter()
                for claim in claims:
                    table.heartbeat(claim, live)
                times[name].append((time.perf_counter() - began) / jobs)
        base = statistics.median(times["alone"])
        for name, each in times.items():
            median = statistics.median(each)
            print(f"  {name:6} {1e3 * median:7.3f} ms, {median / base:5.2f} of one alone")
        began = time.perf_counter()
        found = len(table.live())
        print(f"  reading the rows of all {found}: {1e3 * (time.perf_counter() - began):.0f} ms")


def reports(count: int) -> None:
    """Print what a report costs."""
    os.chdir(tempfile.mkdtemp())
    clock, began = time.perf_counter(), time.process_time()
    for epoch in range(count):
        pylearn2_jobman.report(epoch=epoch, valid_nll=0.25, train_nll=0.125)
    wall, spent = time.perf_counter() - clock, time.process_time() - began
    print(f"report(): {1e6 * wall / count:.1f} us, {1e6 * spent / count:.1f} of them our own")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000, help="how many run")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    options = parser.parse_args()
    reports(50_000)
    with tempfile.TemporaryDirectory() as directory:
        print(f"SQLite, a heartbeat of one of {options.jobs} jobs")
        heartbeats(f"sqlite:///{directory}/jobs.db?table=t", options.jobs, options.rounds)
    if (problem := missing()) is not None:
        sys.exit(problem)
    server = Server()
    try:
        server.start()
        server.create_database("jobs")
        print(f"PostgreSQL, a heartbeat of one of {options.jobs} jobs")
        heartbeats(f"{server.url('jobs')}?table=t", options.jobs, options.rounds)
    finally:
        server.remove()


if __name__ == "__main__":
    main()
