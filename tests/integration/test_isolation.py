"""An experiment that misbehaves costs its own job, never the worker or the others."""

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import descendants, until


@pytest.mark.parametrize(
    ("experiment", "reason"),
    [
        ("fail", "ValueError: deliberate failure"),
        ("leave", "called sys.exit"),
        ("die", "ended with exit code 7 before the experiment returned; its last words:\nlast"),
        ("killed", "was killed by SIGKILL, as the kernel does when memory runs out"),
        ("fill_memory", "MemoryError"),
    ],
)
def test_a_job_that_dies_leaves_the_reason_and_the_others_go_on(lab, experiment, reason):
    lab.insert(experiment)
    lab.insert("double", "x=1")
    lab.worker("-n0", code=1)
    assert lab.statuses() == {1: "ERR_RUN", 2: "DONE"}
    assert reason in lab.job(1).state.jobman.error
    assert lab.leftovers() == []


def test_much_output_goes_to_the_file(lab):
    lab.insert("chatter")
    lab.worker()
    assert lab.statuses() == {1: "DONE"}
    assert (lab.files(1) / "stdout").stat().st_size > 100 * 2**20


def test_an_experiment_may_delete_its_working_directory(lab):
    lab.insert("delete_workdir")
    lab.worker()
    assert lab.statuses() == {1: "DONE"}
    assert lab.job(1).state.results.y == 1


def test_a_daemon_that_an_experiment_leaves_behind_holds_nothing_up(lab):
    lab.insert("daemon")
    lab.worker()
    assert lab.statuses() == {1: "DONE"}
    pid = lab.job(1).state.results.pid
    assert _runs(pid)
    os.kill(pid, signal.SIGKILL)


def test_what_an_experiment_left_running_in_its_session_is_ended(lab):
    lab.write(
        "leaves.py",
        """
        import subprocess

        def sleeper(state, channel):
            state.results = {"pid": subprocess.Popen(["sleep", "60"]).pid}
        """,
    )
    lab.jobman("sqlschedule", lab.url, "leaves.sleeper")
    lab.worker()
    pid = lab.job(1).state.results.pid
    until(lambda: not _runs(pid), 5)


def _runs(pid):
    """Return whether a process lives; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_temporary_directory_of_any_length_will_do(lab):
    long = lab.path / "/".join(["scratch"] * 20)
    long.mkdir(parents=True)
    lab.environment["TMPDIR"] = str(long)
    lab.insert("double", "x=3")
    lab.worker()
    assert lab.job(1).state.results.y == 6
    assert list(long.iterdir()) == []


def test_jobs_do_not_share_memory(lab):
    lab.write(
        "shared.py",
        """
        seen = []

        def count(state, channel):
            seen.append(state.x)
            state.results = {"seen": len(seen)}
        """,
    )
    lab.jobman("sqlschedules", lab.url, "shared.count", "x={{1,2,3}}")
    lab.worker("-n0", "--import", "shared")
    assert [lab.job(i).state.results.seen for i in (1, 2, 3)] == [1, 1, 1]


def test_a_module_to_preload_that_fails_is_named(lab):
    lab.write("broken.py", "raise ValueError('not today')\n")
    lab.insert("double", "x=1")
    printed = lab.worker("--import", "broken", code=2)
    assert "not today" in printed
    assert "--import" in printed
    assert lab.statuses() == {1: "START"}


def test_the_worker_is_not_run_again_by_its_children(lab):
    """A script that starts a worker needs no ``if __name__ == '__main__'``."""
    lab.insert("double", "x={{1,2}}")
    lab.write(
        "script.py",
        f"""
        import os
        from pylearn2_jobman.jobman.cli import main
        print("begun")
        main(["sql", "-n0", "{lab.url}", "exp"])
        """,
    )
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=lab.path, env=lab.environment | {"PYTHONPATH": ""},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.count("begun") == 1
    assert lab.statuses() == {1: "DONE", 2: "DONE"}


def test_a_job_that_returns_incomplete_without_progress_fails_in_the_end(lab):
    lab.insert("never_ready")
    lab.insert("double", "x=1")
    lab.worker("-n0", code=1)
    assert lab.statuses() == {1: "ERR_RUN", 2: "DONE"}
    assert "INCOMPLETE 3 times in a row" in lab.job(1).state.jobman.error


def test_a_job_that_gets_on_may_return_incomplete_as_often_as_it_likes(lab):
    lab.write(
        "slowly.py",
        """
        def on(state, channel):
            state.i = state.get("i", 0) + 1
            return channel.COMPLETE if state.i == 5 else channel.INCOMPLETE
        """,
    )
    lab.jobman("sqlschedule", lab.url, "slowly.on")
    lab.worker("-n0")
    assert (lab.job(1).state.i, lab.statuses()) == (5, {1: "DONE"})


def test_an_experiment_may_use_processes_of_its_own(lab):
    lab.write(
        "pools.py",
        """
        import multiprocessing

        def square(x):
            return x * x

        def run(state, channel):
            results = []
            for method in ("fork", "forkserver", "spawn"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    results.append(sum(pool.map(square, range(4))))
            state.results = {"sums": results}
        """,
    )
    lab.environment["TMPDIR"] = "/tmp"  # sockets of multiprocessing's fork server have short paths
    lab.jobman("sqlschedule", lab.url, "pools.run")
    lab.worker()
    assert lab.job(1).state.results.sums == [14, 14, 14]


def test_what_an_experiment_forks_can_be_terminated(lab):
    lab.write(
        "forks.py",
        """
        import multiprocessing
        import time

        def wait(ready):
            ready.set()
            time.sleep(120)

        def run(state, channel):
            context = multiprocessing.get_context("fork")
            ready = context.Event()
            process = context.Process(target=wait, args=(ready,))
            process.start()
            ready.wait()
            process.terminate()
            process.join()
            state.results = {"code": process.exitcode}
        """,
    )
    lab.jobman("sqlschedule", lab.url, "forks.run")
    lab.worker()
    assert lab.job(1).state.results.code == -signal.SIGTERM


def test_what_the_table_cannot_hold_costs_only_itself(lab):
    lab.write(
        "odd.py",
        """
        def run(state, channel):
            state.results = {"good": 1, "k" * 200: 2}
            channel.save()

        def vandal(state, channel):
            state.jobman = None
            state.results = {"y": 1}
        """,
    )
    lab.jobman("sqlschedule", lab.url, "odd.run")
    lab.jobman("sqlschedule", lab.url, "odd.vandal")
    lab.insert("double", "x=1")
    lab.worker("-n0", code=1)
    assert lab.statuses() == {1: "ERR_RUN", 2: "DONE", 3: "DONE"}
    assert "has 208 characters" in lab.job(1).state.jobman.error
    assert lab.job(1).state.results == {"good": 1}
    assert "k" * 200 in (lab.files(1) / "current.conf").read_text()
    assert lab.job(2).state.results == {"y": 1}
    assert lab.job(2).state.jobman.experiment == "odd.vandal"


ORDINARY = """
import os
import signal
import sys
import threading
import time

import numpy


def draw(state, channel):
    import random
    state.results = {"x": [random.random(), float(numpy.random.rand())]}


def lingers(state, channel):
    threading.Thread(target=time.sleep, args=(600,)).start()
    state.results = {"y": 1}


def fails_without_descriptors(state, channel):
    state.results = {"y": 1}
    os.closerange(0, 65536)
    raise ValueError("deliberate")


def alarmed(state, channel):
    state.results = {"y": 1}
    signal.signal(signal.SIGALRM, lambda number, frame: 1 / 0)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.001)


def crashes_at_the_end(state, channel):
    import atexit
    atexit.register(os.kill, os.getpid(), signal.SIGSEGV)
    state.results = {"y": 1}


def forks(state, channel):
    codes = []
    for error in (SystemExit(5), ValueError("of a fork")):
        if os.fork() == 0:
            raise error
        codes.append(os.waitstatus_to_exitcode(os.wait()[1]))
    print("codes", codes, "in", sorted(os.listdir()))


def takes_streams_and_signals(state, channel):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, lambda number, frame: 1 / 0)
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.001)
    with open("own.log", "w") as sys.stdout:
        sys.stderr.close()
    os.closerange(1, 3)


def has_them(state, channel):
    signal.getsignal(signal.SIGTERM)(signal.SIGTERM, None)
    state.results = {"timer": signal.getitimer(signal.ITIMER_REAL), "asked": channel.switch()}


def waits(state, channel):
    with open("progress.txt", "w"):
        signal.pause()
"""


@pytest.fixture
def ordinary(lab):
    lab.write("ordinary.py", ORDINARY)

    number = itertools.count()  # jobs that are equal would be one

    def add(*names):
        with lab.table() as table:
            table.insert_many(
                [{"jobman.experiment": f"ordinary.{name}", "n": next(number)} for name in names]
            )

    lab.add = add
    return lab


def test_jobs_draw_numbers_of_their_own(ordinary):
    ordinary.add("draw", "draw")
    ordinary.worker("-n0", "--import", "ordinary")
    drawn = {x for number in (1, 2) for x in ordinary.job(number).state.results.x}
    assert len(drawn) == 4
    ordinary.write(
        "seeded.py", "import random, numpy, ordinary\nrandom.seed(1); numpy.random.seed(1)"
    )
    ordinary.add("draw")
    ordinary.worker("-n0", "--import", "seeded")
    assert ordinary.job(3).state.results.x == [0.13436424411240122, 0.417022004702574]


def test_a_result_outlives_the_end_of_its_process(ordinary):
    ordinary.add("lingers", "alarmed", "crashes_at_the_end")
    printed = ordinary.worker("-n0", "--grace", "1")
    assert set(ordinary.statuses().values()) == {"DONE"}
    assert [ordinary.job(number).state.results.y for number in (1, 2, 3)] == [1, 1, 1]
    assert "job 1: its process lived on after the experiment: killed (--grace 1)" in printed


def test_an_error_is_known_though_all_descriptors_are_closed(ordinary):
    ordinary.add("fails_without_descriptors")
    ordinary.worker("-n0", code=1)
    assert ordinary.job(1).state.jobman.error.endswith("ValueError: deliberate")
    assert ordinary.job(1).state.results.y == 1


def test_a_process_that_was_forked_in_the_workers_own_is_no_second_worker(ordinary):
    ordinary.add("forks", "forks")
    printed = ordinary.worker("-n0", "--in-process")
    assert printed.count("codes [5, 1]") == 2
    assert printed.count("ValueError: of a fork") == 2
    assert printed.count("No more jobs to run") == 1


def test_a_process_that_was_forked_in_a_dry_run_leaves_its_directory_alone(ordinary):
    printed = ordinary.jobman("cmdline", "--dry-run", "ordinary.forks")
    assert "codes [5, 1] in ['.lock.no_sync', 'orig.conf']" in printed


def test_the_workers_own_process_gets_its_streams_and_signals_back(ordinary):
    ordinary.add("takes_streams_and_signals", "has_them")
    printed = ordinary.worker("-n0", "--in-process", code=128 + signal.SIGTERM)
    assert printed.count("DONE after") == 2
    assert ordinary.job(2).state.results == {"timer": (0.0, 0.0), "asked": "stop"}


def test_an_interrupt_of_all_processes_puts_the_job_back(ordinary):
    ordinary.add("waits")
    worker = ordinary.start_worker("-n0")
    until(lambda: any(ordinary.workdirs.glob("jobman-*/progress.txt")))
    for pid in descendants(worker.pid):
        os.kill(pid, signal.SIGINT)
    worker.communicate(timeout=60)
    assert worker.returncode == 128 + signal.SIGINT
    assert ordinary.statuses() == {1: "START"}
    assert "error" not in ordinary.job(1).state.jobman
