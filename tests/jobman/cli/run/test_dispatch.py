"""LISA's way to start workers, on the engines of today."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import ClassVar

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
    assert "on this machine" in said("--test", "jobman", "sql", url, ".")


def test_default_options_come_from_the_environment(url, monkeypatch):
    monkeypatch.setenv("JOBDISPATCH_DEFAULT_OPTION", "--slurm --mem=3G")
    printed = said("--mem=5G", "--tasks_filename=nb0", "--test", "jobman", "sql", url, ".")
    assert "--mem=5120M" in printed
    assert "note: --tasks_filename has no meaning here" in printed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ssh"], "--ssh is not covered: use jobman launch --ssh"),
        (["--sharcnet"], "--sharcnet is not covered: use --slurm"),
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


def test_a_command_is_wanted(url):
    assert "which command?" in said("--slurm", code=2)
    assert "'no.txt' cannot be read" in said("--slurm", "--file=no.txt", code=2)
    assert "before DB and EXPROOT" in said("--slurm", "jobman", "sql", url, ".", "-n0", code=2)


class TestTasks:
    """Commands of any kind, one a line."""

    @pytest.fixture(autouse=True)
    def directory(self, tmp_path, monkeypatch):
        """Work in a directory where a program of any system notes what it was given."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "bin").mkdir()
        for name in ("condor_submit", "condor_submit_dag", "qsub", "msub", "bqsubmit", "sbatch"):
            program = tmp_path / "bin" / name
            program.write_text(f'#!/bin/sh\necho "$0" "$@" >> {tmp_path}/submitted\n')
            program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
        monkeypatch.delenv("JOBDISPATCH_LOGDIR", raising=False)
        return tmp_path

    def written(self, *options, command=("python", "train.py", "lr={{0.1,0.01}}", "n=5")):
        """Return the files that are written, by their names."""
        printed = said("--exp_dir=here", *options, *command)
        assert "in LOGS/here" in printed
        return {path.name: path.read_text() for path in Path("LOGS/here").iterdir()}

    COMMANDS: ClassVar = ["python train.py lr=0.1 n=5", "python train.py lr=0.01 n=5"]

    @pytest.mark.parametrize("system", ["condor", "sge", "torque", "moab", "bqtools", "slurm"])
    def test_are_written_and_submitted(self, directory, system):
        files = self.written(f"--{system}")
        assert files["tasks"].splitlines() == self.COMMANDS
        assert (directory / "submitted").read_text().count("\n") == 1
        self.written(f"--{system}", "--test")
        assert (directory / "submitted").read_text().count("\n") == 1

    def test_a_submit_description_of_condor_has_one_after_the_other(self):
        files = self.written(
            *("--condor", "--mem=2G", "--cpu=4", "--gpu", "--env=A=1 B=2", "--nice"),
            *("--req=Memory>9", "--machine=m1,m2", "--raw=+x = 1", "--raw=+y = 2", "--test"),
            command=["python", "train.py", "name='it'", 'x="{{1,2}}"'],
        )  # fmt: skip
        lines = [re.sub(" += ", " = ", line) for line in files["submit_file.condor"].splitlines()]
        for expected in (
            "executable = LOGS/here/launch.sh", "universe = vanilla", "request_memory = 2048",
            "request_cpus = 4", "request_gpus = 1", "nice_user = True", "+x = 1", "+y = 2",
            'requirements = (Memory>9)&&((Machine=="m1")||(Machine=="m2"))',
            "arguments = \"'python train.py name=''it'' x=\"\"1\"\"'\"",
            "output = LOGS/here/0.x=_1_.out", "error = LOGS/here/1.x=_2_.error",
        ):  # fmt: skip
            assert expected in lines
        assert lines.count("queue") == 2
        for expected in ("export A=1", "export B=2", "export OMP_NUM_THREADS=4"):
            assert expected in files["launch.sh"].splitlines()

    def test_so_many_at_once_on_condor(self, directory):
        files = self.written("--condor=3", command=["echo", "a\\b", 'x="{{1,2}}"'])
        assert files["submit_file.condor"].count("queue") == 1
        assert files["submit_file.condor.dag"].splitlines()[:2] == [
            "JOB 0 LOGS/here/submit_file.condor",
            r'VARS 0 args="' + "'" + r"echo a\\b x=\"\"1\"\"" + "'" + '" log="LOGS/here/0.x=_1_"',
        ]
        assert "condor_submit_dag -maxjobs 3" in (directory / "submitted").read_text()

    @pytest.mark.parametrize(
        ("options", "directives"),
        [
            (
                ["--sge=2", "--project=abc", "--duree=1:00:00", "--cpu=2", "--mem=500"],
                "-N t -P abc -l h_rt=1:00:00 -pe smp 2 -l ml=500M -t 1-2:1 -tc 2",
            ),
            (["--sge"], "-N t -l h_rt=23:59:59 -pe smp 1 -t 1-2:1"),
            (
                ["--torque=2", "--queue=q", "--mem=1G"],
                "-N t -q q -l walltime=47:59:59 -l nodes=1:ppn=1 -l mem=1024mb -t 1-2%2",
            ),
            (["--torque", "--cpu=-1"], "-N t -l walltime=47:59:59 -t 1-2"),
            (["--moab"], "-N t -l walltime=47:59:59 -l nodes=1:ppn=1 -t jobs[1-2]"),
            (["--slurm=1", "--gpu"], "--job-name=t --cpus-per-task=1 --gpus=1 --array=1-2%1"),
            (["--lsf=2", "--test"], '-n 1 -J "jobs[1-2]%2"'),
        ],
    )
    def test_an_array_is_told_what_it_needs(self, options, directives):
        files = self.written("--jobs_name=t", *options)
        lines = re.findall(r"^#(?:\$|PBS|SBATCH|BSUB) (.*)", files["submit.sh"], re.MULTILINE)
        assert " ".join(lines) == directives

    def test_bqsubmit_is_told_what_it_needs(self, directory):
        files = self.written("--bqtools=5", "--micro", "--mem=1G", command=["echo", "it's"])
        assert files["tasks"] == "echo it'\\''s\n"
        assert files["logfiles"] == f"{directory}/LOGS/here/0\n"
        for expected in (
            "submitOptions = -q qwork@ms -l ncpus=1,mem=1024M,walltime=120:00:00",
            "param1 = (task, logfile) = load tasks, logfiles", "concurrentJobs = 5",
            "microJobs = 20",
        ):  # fmt: skip
            assert expected in files["bqsubmit.dat"].splitlines()

    def test_an_array_runs_the_line_of_its_number(self):
        self.written("--sge", "--pre_tasks=export X=7", command=["echo", "$X", "'a  b'{{1,2}}"])
        subprocess.run(["bash", "LOGS/here/launcher", "2"], check=True)
        (out,) = Path("LOGS/here").glob("1.*.out")
        assert out.read_text() == "7 a  b2\n"

    def test_commands_come_from_files(self, directory):
        (directory / "a.txt").write_text("echo {{1,2}}\n\necho x{{3, 4}} y\n")
        (directory / "b.txt").write_text("true\n")
        files = self.written("--condor", "--file=a.txt", "--file=b.txt", command=())
        assert files["tasks"].splitlines() == ["echo 1", "echo 2", "echo x{{3, 4}} y", "true"]
        files = self.written("--condor", "--file=a.txt", "--whitespace", command=())
        assert files["tasks"].splitlines() == ["echo 1", "echo 2", "echo x3 y", "echo x4 y"]
        files = self.written(
            "--sge", "--only_n_first=1", "--repeat_jobs=3", "--file=a.txt", command=()
        )
        assert files["tasks"].splitlines() == ["echo 1"] * 3
        assert files["logfiles"].splitlines()[0] == "LOGS/here/0.1"

    def test_here_they_run_one_after_another(self):
        line = ["--local", "--env=A=5", "echo", "$A", ">>", "out;", "exit", "{{0,3}}"]
        done = CliRunner().invoke(jobdispatch, line, standalone_mode=False)
        assert done.return_value == 3
        assert done.output.startswith("2 tasks in LOGS/echo__A____out__exit___0_3___")
        assert Path("out").read_text() == "5\n5\n"

    def test_workers_are_commands_too(self, url):
        files = self.written(
            "--condor", "--repeat_jobs=3", command=["jobman", "sql", "-n", "5", url, "."]
        )
        assert files["tasks"].splitlines() == [f"jobman sql -n 5 {url} ."] * 3

    def test_pbs_has_no_array_of_one(self):
        files = self.written("--pbs", command=["true"])
        assert " -J " not in files["submit.sh"]
        assert "${PBS_ARRAY_INDEX:-1}" in files["submit.sh"]

    def test_a_command_is_one_line(self):
        assert "a command is one line" in said("--condor", "echo", "a\nb", code=2)

    def test_a_program_that_is_not_here_is_named(self, monkeypatch):
        monkeypatch.setenv("PATH", "/nowhere")
        assert "condor_submit is not on this machine; --test" in said("--condor", "true", code=2)

    def test_a_password_is_no_part_of_a_directorys_name(self):
        printed = said("--condor", "--test", "jobman", "sql", "postgres://me:hush@host/db/t", ".")
        assert "hush" not in printed
