"""A plain installation gives a working ``jobman`` without PyTorch."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest
from required import require

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A fresh virtual environment with the package installed, and nothing that it does not need."""
    directory = tmp_path_factory.mktemp("install")
    # With this environment's pip: to give the new one its own, and to compile all of NumPy, took
    # longer than the installation.
    venv.create(directory / "env")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    install = ["--python", directory / "env", "install", "--no-compile"]
    installed = subprocess.run(
        [*pip, *install, "-c", ROOT / "constraints.txt", ROOT],
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    failed = installed.returncode != 0
    require("installation", f"pip fails: {installed.stderr[-300:]}" if failed else None)
    return directory / "env" / "bin"


def run(program, *words, cwd):
    return subprocess.run(
        [program, *words], cwd=cwd, text=True, capture_output=True, check=False, timeout=300
    )


def test_jobs_are_scheduled_run_and_listed(environment, tmp_path):
    (tmp_path / "lab.py").write_text(
        "def f(state, channel):\n    state.results = {'y': state.x ** 2}\n"
        "    return channel.COMPLETE\n"
    )
    jobman = environment / "jobman"
    db = "sqlite:///jobs.db?table=t"
    assert (
        "Added 3 on 3"
        in run(jobman, "sqlschedules", db, "lab.f", "x={{1,2,3}}", cwd=tmp_path).stdout
    )
    done = run(jobman, "sql", "-n0", "-j2", db, "exp", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 DONE" in run(jobman, "sqlstatus", db, cwd=tmp_path).stdout
    best = run(jobman, "best", db, "--by", "results.y", "--show", "x", cwd=tmp_path).stdout
    assert best.split() == ["job", "y", "x", "1", "1", "1", "2", "4", "2", "3", "9", "3"]


def test_it_brings_no_torch_and_help_needs_nothing_heavy(environment, tmp_path):
    code = (
        "from importlib.util import find_spec\n"
        "print([name for name in ('torch', 'psycopg', 'pandas') if find_spec(name)])"
    )
    assert run(environment / "python", "-c", code, cwd=tmp_path).stdout == "[]\n"
    code = (
        "import sys\nfrom pylearn2_jobman.jobman.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'sqlalchemy', 'numpy', 'yaml', 'rich'} & set(sys.modules)))"
    )
    assert run(environment / "python", "-c", code, cwd=tmp_path).stdout.endswith("\n[]\n")


def test_what_is_missing_is_named_with_the_command_that_installs_it(environment, tmp_path):
    (tmp_path / "t.conf").write_text("yaml_template = '!obj:pylearn2.models.mlp.MLP {}'\n")
    trained = run(
        environment / "jobman",
        *("cmdline", "pylearn2_jobman.experiment.train_experiment", "t.conf"),
        cwd=tmp_path,
    )
    assert trained.returncode == 1
    assert "torch" in trained.stderr
    opened = run(
        environment / "jobman",
        "sqlstatus",
        "postgres://u:secret@127.0.0.1:1/d?table=t",
        cwd=tmp_path,
    )
    assert opened.returncode in (2, 3)
    assert "pip install 'pylearn2_jobman[postgres]'" in opened.stderr
    assert "secret" not in opened.stderr


def test_a_training_is_scheduled_from_there_and_what_was_not_checked_is_said(environment, tmp_path):
    (tmp_path / "t.conf").write_text("yaml_template = '!obj:pylearn2.train.Train {a: %(lr)f}'\n")
    train = "pylearn2.scripts.jobman.experiment.train_experiment"
    command = (environment / "jobman", "sqlschedule", "sqlite:///jobs.db?table=t", train, "t.conf")
    refused = run(*command, "hyper_parameters.l=3", cwd=tmp_path)
    assert refused.returncode == 2
    assert "there is no hyper-parameter 'lr'" in refused.stderr
    added = run(*command, "hyper_parameters.lr=3", cwd=tmp_path)
    assert "ADDING   job 1" in added.stdout
    assert "not checked: pylearn2.train.Train: there is no package 'torch' here" in added.stderr
