"""LISA's way to start workers, on the engines of today."""

import re
import shlex

import pytest
from click.testing import CliRunner

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.run.dispatch import jobdispatch
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table


@pytest.fixture
def url(sqlite_url):
    with open_table(sqlite_url) as table:
        table.insert({"a": 1})
    return sqlite_url


def said(*arguments, code=0):
    """Run jobdispatch and return what it says."""
    done = CliRunner().invoke(jobdispatch, [str(argument) for argument in arguments])
    if isinstance(done.exception, UsageError):
        assert code == 2, done.exception
        return str(done.exception)
    assert done.exit_code == code, done.output
    return done.output


def test_an_old_line_becomes_a_slurm_array(url):
    printed = said(
        *("--slurm", "--repeat_jobs=16", "--nb_proc=4", "--mem=2000", "--cpu=2", "--gpu"),
        *("--duree=12:13:15", "--queue=long", "--env=A=1 B=$HOME", "--raw=--constraint=avx"),
        *("--test", "jobman", "sql", "-n0", url, "./"),
    )  # fmt: skip
    directives = re.findall("^#SBATCH (.*)", printed, re.MULTILINE)
    for expected in (
        "--array=0-15%4", "--mem=2000M", "--cpus-per-task=2", "--gpus=1", "--time=0-12:13:15",
        "--partition=long", "--constraint=avx",
    ):  # fmt: skip
        assert expected in directives
    assert "export A=1; export B='$HOME'" in printed
    assert shlex.split(re.search("^.* sql .* &$", printed, re.MULTILINE)[0])[-4:-1] == [
        "-n0", url, "./",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--local", "--repeat_jobs=40"], ["-n", "40", "-j", "1"]),
        (["--local=4", "--repeat_jobs=40"], ["-n", "40", "-j", "4"]),
        (["--local", "--nb_proc=2"], ["-n", "1", "-j", "2"]),
    ],
)
def test_local_workers_run_as_many_jobs_as_before(url, options, expected):
    printed = said(*options, "--test", "jobman", "sql", url, ".")
    first, line = printed.splitlines()
    assert first.startswith("1 worker on this machine")
    assert shlex.split(line)[-6:-2] == expected


def test_without_a_number_a_worker_runs_one_job(url):
    printed = said("--slurm", "--repeat_jobs=3", "--test", "/usr/bin/jobman", "sql", url, ".")
    assert f"-n 1 {shlex.quote(url)} ." in printed


def test_it_runs_the_jobs_of_a_table_here(tmp_path, monkeypatch, sqlite_url):
    monkeypatch.chdir(tmp_path)
    experiment = "jobman.examples.def_addition.addition_example"
    with open_table(sqlite_url) as table:
        table.insert_many(
            {"first": x, "second": 1, "jobman": {"experiment": experiment}} for x in range(4)
        )
        said("--local=2", "--repeat_jobs=3", "jobman", "sql", sqlite_url, "exp")
        assert table.counts()[Status.DONE] == 3


def test_the_engine_that_is_here_is_found(url, tmp_path, monkeypatch):
    (tmp_path / "bsub").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "1 worker on PSI/J" in said("--test", "--duree=1h", "jobman", "sql", url, ".")
    (tmp_path / "bsub").unlink()
    assert "--local starts workers" in said("jobman", "sql", url, ".", code=2)


def test_default_options_come_from_the_environment(url, monkeypatch):
    monkeypatch.setenv("JOBDISPATCH_DEFAULT_OPTION", "--slurm --mem=3G")
    printed = said("--mem=5G", "--tasks_filename=nb0", "--test", "jobman", "sql", url, ".")
    assert "--mem=5120M" in printed
    assert "note: --tasks_filename has no meaning here" in printed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--condor"],
            "--condor is not covered: start a Dask cluster there with dask-jobqueue's H",
        ),
        (["--sge=3"], "--sge is not covered: start a Dask cluster"),
        (["--bqtools"], "--bqtools is not covered: use --torque"),
        (["--repeat_job=3"], "no option '--repeat_job=3'; did you mean 'repeat_jobs'?"),
        (["--slurm", "--mem=lots"], "--mem is a number of MiB"),
        (["--slurm", "--repeat_jobs=x"], "--repeat_jobs is a whole number, not 'x'"),
        (["--pbs"], "--psij needs --time"),
    ],
)
def test_what_is_not_covered_is_said_with_what_to_use(url, options, message):
    assert message in said(*options, "jobman", "sql", url, ".", code=2)


def test_what_an_engine_has_no_use_for_is_noted(url):
    options = ("--mem=3G", "--raw=x", "--test")
    printed = said("--local", *options, "jobman", "sql", url, ".")
    assert printed.startswith(
        "jobdispatch: note: --mem has no meaning here\njobdispatch: note: --raw"
    )
    printed = said("--lsf", "--duree=1h", *options, "jobman", "sql", url, ".")
    assert printed.startswith("jobdispatch: note: --raw has no meaning here\n1 worker")


def test_other_commands_are_refused(url):
    assert "jobman sqlschedules" in said("--slurm", "python", "train.py", code=2)
    assert "which command?" in said("--slurm", code=2)
    assert "before DB and EXPROOT" in said("--slurm", "jobman", "sql", url, ".", "-n0", code=2)
