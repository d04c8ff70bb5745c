"""DB and EXPROOT from the environment, where they are left out."""

import pytest

from pylearn2_jobman.jobman.cli import jobman
from pylearn2_jobman.jobman.table import open_table

EXPERIMENT = "pylearn2_jobman.jobman.examples.def_addition.addition_example"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A table and an experiment root that the environment names, and a table beside it."""
    url = f"sqlite:///{tmp_path}/jobs.db?table=here"
    monkeypatch.setenv("JOBMAN_DB", url)
    monkeypatch.setenv("JOBMAN_EXPROOT", str(tmp_path / "exp"))
    for name in ("here", "there"):
        with open_table(f"sqlite:///{tmp_path}/jobs.db?table={name}") as table:
            table.insert({"at": name, "n": 1})
    return tmp_path


def parsed(name, *words):
    """Return where a command of these words finds the table, and its other arguments."""
    command = jobman.get_command(None, name)
    params = command.make_context(name, [str(word) for word in words]).params
    own = [one.name for one in command.params if one.param_type_name == "argument"]
    return [params[name] for name in own]


def test_an_address_is_taken_as_before(run, places):
    there = f"sqlite:///{places}/jobs.db?table=there"
    assert "at = 'there'" in run("show", there, 1)
    assert "at = 'here'" in run("show", 1)
    assert run("sqlstatus", there).startswith("1 jobs")


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("sql", [], ["DB", "EXPROOT"]),
        ("sql", ["elsewhere"], ["DB", "elsewhere"]),
        ("sql", ["ssh://host:exp"], ["DB", "ssh://host:exp"]),
        ("sql", ["sqlite:///x?table=t"], ["sqlite:///x?table=t", "EXPROOT"]),
        ("sql", ["postgres://h/d?table=t", "exp"], ["postgres://h/d?table=t", "exp"]),
        ("sql", ["-n0", "--import", "torch", "exp"], ["DB", "exp"]),
        ("sync", ["exp"], ["DB", "exp", ()]),
        ("sync", [], ["DB", "EXPROOT", ()]),
        ("launch", ["--local"], ["DB", "EXPROOT", ()]),
        ("launch", ["--local", "exp", "--grace", "3"], ["DB", "exp", ("--grace", "3")]),
        ("launch", ["--local", "--", "--grace", "3"], ["DB", "EXPROOT", ("--grace", "3")]),
        ("launch", ["--local", "sqlite:///x?table=t", "--grace", "3"],
         ["sqlite:///x?table=t", "EXPROOT", ("--grace", "3")]),
        ("query", ["select n where a = 'http://x'"], ["DB", "select n where a = 'http://x'"]),
        ("diff", ["3", "7"], ["DB", (3, 7)]),
        ("plot", ["curves", "1", "2", "-o", "x.png"], ["DB", "curves", (1, 2)]),
        ("sqlschedule", [EXPERIMENT, "a=1"], ["DB", EXPERIMENT, ("a=1",)]),
        ("edit", ["3", "a=1"], ["DB", ("3", "a=1")]),
        ("retry", [], ["DB", ()]),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_left_out_is_what_the_environment_says(places, name, words, expected):
    stand_for = {"DB": f"sqlite:///{places}/jobs.db?table=here", "EXPROOT": f"{places}/exp"}
    found = parsed(name, *words)
    assert found == [stand_for.get(one, one) if isinstance(one, str) else one for one in expected]


def test_every_command_that_takes_a_table_can_do_without(places):
    for name in jobman.list_commands(None):
        arguments = [one for one in jobman.get_command(None, name).params if one.name == "table"]
        assert all(one.envvar == "JOBMAN_DB" for one in arguments), name
        roots = [one for one in jobman.get_command(None, name).params if one.name == "exproot"]
        assert all(one.envvar == "JOBMAN_EXPROOT" for one in roots), name


def test_too_many_arguments_and_missing_ones_are_told(run, places, monkeypatch):
    assert "unexpected extra argument (8)" in run("show", 7, 8, code=2)
    monkeypatch.delenv("JOBMAN_DB")
    monkeypatch.delenv("JOBMAN_EXPROOT")
    assert "Missing argument 'DB' (or the variable JOBMAN_DB)" in run("summary", code=2)
    said = run("sql", f"sqlite:///{places}/jobs.db?table=here", code=2)
    assert "Missing argument 'EXPROOT' (or the variable JOBMAN_EXPROOT)" in said
    assert "'7' is not the address of a job table" in run("sqlstatus", 7, code=2)


def test_the_commands_for_directories_find_them(run, places):
    job = places / "exp" / "jobs.db" / "here" / "1"
    job.mkdir(parents=True)
    (job / "current.conf").write_text("at = 'here'\nn = 2\njobman.experiment = 'lab.f'\n")
    with open_table(f"sqlite:///{places}/jobs.db?table=here") as table:
        table.change(1, {"jobman.experiment": "lab.f", "jobman.tags": "kept"})
    assert run("findjob", "n=2") == f"{job}\n"
    assert run("sqlreload", 1) == "job 1 is START now\n"
    assert run("sqlreload", "--all") == "job 1 is START now\n"
    assert "n = 2" in run("show", 1)
    assert "tags: kept" in run("show", 1)
