"""A laboratory: a directory with experiments, a table, and the ``jobman`` command in it."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pylearn2_jobman.jobman.parameters.grid import expand_grid
from pylearn2_jobman.jobman.parameters.parsers import standard
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.jobman.table.schedule import job_state

EXPERIMENTS = '''
"""Experiments of a lab, in the directory where its people work."""

import os
import sys
import time
from pathlib import Path


def double(state, channel):
    Path("note.txt").write_text("a file of the experiment")
    print("doubling", state.x)
    state.results = {"y": 2 * state.x, "text": "it's # \\n 'quoted' \\u00e9"}
    return channel.COMPLETE


def fail(state, channel):
    state.reached = 1
    raise ValueError("deliberate failure")


def leave(state, channel):
    sys.exit(3)


def die(state, channel):
    print("last words", file=sys.stderr)
    os._exit(7)


def killed(state, channel):
    os.kill(os.getpid(), 9)


def fill_memory(state, channel):
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    state.hoard = [bytearray(2**26) for _ in range(2**10)]


def chatter(state, channel):
    for _ in range(100):
        sys.stdout.write("x" * 2**20)


def delete_workdir(state, channel):
    import shutil

    shutil.rmtree(os.getcwd())
    state.results = {"y": 1}


def daemon(state, channel):
    if os.fork() == 0:
        os.setsid()
        if pid := os.fork():
            Path("pid").write_text(str(pid))
        else:
            time.sleep(120)
        os._exit(0)
    os.wait()
    state.results = {"pid": int(Path("pid").read_text())}


def steps(state, channel):
    """Count to n, one step every 0.1 s, and go on from where it was stopped."""
    while state.get("i", 0) < state.n:
        state.i = state.get("i", 0) + 1
        Path("progress.txt").write_text(str(state.i))
        time.sleep(0.1)
        request = channel.switch(f"step {state.i}")
        if request in ("stop", "finish-up"):
            channel.save()
            return channel.INCOMPLETE
        if request == "save":
            channel.save()
    state.results = {"y": state.i}
    return channel.COMPLETE


def deaf(state, channel):
    """Never ask whether to stop."""
    state.i = 1
    channel.save()
    time.sleep(state.n)
    state.results = {"y": 1}


def never_ready(state, channel):
    return channel.INCOMPLETE


def show(state, channel):
    import jobman.tools
    import pylearn2.config.yaml_parse

    state.results = {
        "cwd": os.getcwd(),
        "pid": os.getpid(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "mkl_threads": os.environ.get("MKL_NUM_THREADS"),
        "gpus": os.environ.get("CUDA_VISIBLE_DEVICES"),
    }
'''


class Lab:
    """A directory to work in, a table, and an experiment root."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.url = url
        (path / "lab.py").write_text(EXPERIMENTS)
        self.workdirs = path / "workdirs"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")},
            "TMPDIR": str(self.workdirs),
        }
        self.workdirs.mkdir()
        self.processes = []

    def command(self, *arguments):
        return [sys.executable, "-m", "pylearn2_jobman.jobman", *map(str, arguments)]

    def jobman(self, *arguments, code=0, timeout=120, **options):
        """Run a command, check its exit code, return what it printed (output, then errors)."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.path, env=self.environment, timeout=timeout,
            capture_output=True, text=True, check=False, **options,
        )  # fmt: skip
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def insert(self, experiment, *parameters):
        """Put a grid of jobs into the table, without the cost of a command."""
        states = [
            job_state(f"lab.{experiment}", standard(*line)) for line in expand_grid(parameters)
        ]
        with self.table() as table:
            return table.insert_many(states).ids

    def worker(self, *options, code=0, **more):
        return self.jobman("sql", *options, self.url, "exp", code=code, **more)

    def start(self, *arguments, **more):
        """Start a command and return its process."""
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.path, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def start_worker(self, *options, **more):
        """Start a worker and return its process."""
        return self.start("sql", *options, self.url, "exp", **more)

    @property
    def address(self):
        """The table's address from anywhere."""
        if self.url.startswith("sqlite:///") and not self.url.startswith("sqlite:////"):
            return f"sqlite:///{self.path / self.url.removeprefix('sqlite:///')}"
        return self.url

    def table(self):
        return open_table(self.address)

    def job(self, job_id):
        with self.table() as table:
            return table.get(job_id)

    def statuses(self):
        """Return the names of the statuses of all jobs, by id."""
        with self.table() as table:
            return {job.id: job.status.name for job in table.jobs()}

    def files(self, job_id):
        """Return the directory with the files of a job."""
        (directory,) = (self.path / "exp").glob(f"*/*/{job_id}")
        return directory

    def write(self, name, text):
        (self.path / name).write_text(textwrap.dedent(text))

    def leftovers(self):
        return sorted(path.name for path in self.workdirs.glob("jobman-*"))

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture
def lab(tmp_path):
    """A laboratory with its table in a SQLite file."""
    lab = Lab(tmp_path, "sqlite:///jobs.db?table=t")
    yield lab
    lab.close()


@pytest.fixture
def postgres_lab(tmp_path, postgres_server, postgres_url):
    """A laboratory with its table in PostgreSQL."""
    lab = Lab(tmp_path, postgres_url)
    lab.server = postgres_server
    yield lab
    lab.close()
