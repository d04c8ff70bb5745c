"""A job is an ordinary Python process: the scripts in tests/ordinary do the same as jobs.

Each is run as ``python script.py`` and as a job of one worker. What differs by intent stands in a
table of docs/explanation/workers.rst.
"""

import ast
import csv
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table

SCRIPTS = Path(__file__).parents[1] / "ordinary"
WORKERS_RST = Path(__file__).parents[2] / "docs" / "explanation" / "workers.rst"
NOT_SCRIPTS = {"as_script", "neighbour"}
NAMES = sorted(path.stem for path in SCRIPTS.glob("*.py") if path.stem not in NOT_SCRIPTS)
AT_ONCE = 3
RECORDS = {"stdout", "stderr", "orig.conf", "current.conf"}


@dataclass
class Ran:
    """What has come of a script."""

    succeeded: bool
    files: dict[str, object]
    output: bytes
    errors: bytes
    state: dict[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("ordinary")


@pytest.fixture(scope="module")
def environment(place):
    (place / "tmp").mkdir()
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.endswith("_NUM_THREADS") and name != "PYTHONUNBUFFERED"
        },
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(SCRIPTS),
        "TMPDIR": str(place / "tmp"),
    }


@pytest.fixture(scope="module")
def scripts(place, environment):
    """Run every script; return what came of each."""

    def run(name):
        directory, results = place / "scripts" / name, place / f"{name}.results"
        directory.mkdir(parents=True)
        stdout, stderr = directory / "stdout", directory / "stderr"
        with stdout.open("wb") as output, stderr.open("wb") as errors:
            done = subprocess.run(
                [sys.executable, SCRIPTS / f"{name}.py"], cwd=directory, check=False, timeout=300,
                env=environment | {"RESULTS": str(results)},
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            )  # fmt: skip
        state = ast.literal_eval(results.read_text()) if results.exists() else {}
        printed = stdout.read_bytes(), stderr.read_bytes()
        return Ran(done.returncode == 0, files(directory), *printed, state)

    # As it is in a shell: what runs these tests in the background may ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(NAMES, pool.map(run, NAMES), strict=True))
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def jobs(place, environment):
    """Run every script as a job of one worker; return what came of each."""
    url = f"sqlite:///{place}/jobs.db?table=t"
    with open_table(url) as table:
        table.insert_many({"jobman.experiment": f"{name}.main"} for name in NAMES)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pylearn2_jobman.jobman", "sql", "-n0", f"-j{AT_ONCE}"),
            *("--import", "torch", "--lease", "3000", url, "exp"),
        ],
        cwd=place, env=environment, check=False, timeout=600, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert "No more jobs to run" in done.stdout, done.stdout
    ran = {}
    with open_table(url) as table:
        for job in table.jobs():
            name = job.state.jobman.experiment.removesuffix(".main")
            directory = place / "exp" / "jobs.db" / "t" / str(job.id)
            state = flatten(job.state)
            ran[name] = Ran(
                job.status is Status.DONE,
                files(directory),
                (directory / "stdout").read_bytes(),
                (directory / "stderr").read_bytes(),
                {key: value for key, value in state.items() if not key.startswith("jobman.")},
            )
            assert ran[name].succeeded or job.status is Status.ERR_RUN
    return ran


def files(directory):
    """Return what is in a directory, by relative path."""
    return {
        str(path.relative_to(directory)): (
            path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        )
        for path in directory.rglob("*")
        if path.name not in RECORDS
    }


def test_there_are_enough_scripts():
    assert len(NAMES) > 60


@pytest.mark.parametrize("name", [name for name in NAMES if name != "differences"])
def test_a_script_does_the_same_as_a_job(scripts, jobs, name):
    script, job = scripts[name], jobs[name]
    outliving = [ran.state.pop("outlives") for ran in (script, job) if "outlives" in ran.state]
    for pid in outliving:
        os.kill(pid, signal.SIGKILL)  # fails if it did not
    said = b"The experiment returned value is None\n"
    assert job.output.replace(said, b"") == script.output
    assert job.files == script.files
    assert job.succeeded == script.succeeded, job.errors.decode()
    if script.succeeded:
        assert job.state == script.state
        assert job.errors == script.errors
    elif script.errors:  # of the traceback, a job shows the user's frames alone
        assert script.errors.splitlines()[-1] in job.errors


def test_where_a_job_differs_stands_in_the_documentation(scripts, jobs):
    rows = WORKERS_RST.read_text(encoding="utf-8").partition(':header: "what"')[2].partition("\n\n")
    table = list(csv.reader(rows[2].partition("\n\n")[0].splitlines(), skipinitialspace=True))
    for results, column in ((scripts, 1), (jobs, 2)):
        state = results["differences"].state
        documented = {f"results.{row[0]}": row[column] for row in table}
        assert {key: documented.get(key) for key in state} == state
    assert b"a remark" in jobs["differences"].output
    assert b"a remark" not in scripts["differences"].output
