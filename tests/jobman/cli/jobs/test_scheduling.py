"""``sqlschedule``, ``sqlschedules``, ``render`` and ``init``."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli import jobman
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.table import open_table

ADD = "jobman.examples.def_addition.addition_example"
URL = "sqlite:///jobs.db?table=t"
TEMPLATE = "{ lr: %(lr)f, nhid: %(nhid)d }\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a directory of its own; return what it prints."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        result = CliRunner(catch_exceptions=False).invoke(jobman, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def states():
    with open_table(URL) as table:
        return [flatten(job.state) for job in table.jobs()]


def test_what_varies_comes_first_in_the_line_of_a_job(run):
    said = run("sqlschedules", URL, ADD, "z=1", "hyper_parameters.b=2", "first={{1..2}}")
    assert said.splitlines() == [
        "ADDING   job 1: first=1 hyper_parameters.b=2 z=1",
        "ADDING   job 2: first=2 hyper_parameters.b=2 z=1",
        "Added 2 on 2 jobs",
    ]
    said = run("sqlschedule", URL, ADD, "z=1", "hyper_parameters.b=2")
    assert said == "ADDING   job 3: hyper_parameters.b=2 z=1\n"


def test_quiet_prints_how_many_and_why_not_all(run):
    assert run("sqlschedule", "-q", URL, ADD, "first=1") == "Added 1 on 1 jobs\n"
    assert run("sqlschedule", "-q", URL, ADD, "first=1") == (
        "Added 0 on 1 jobs; 1 were there already (--force adds them)\n"
    )
    assert run("sqlschedules", "-q", URL, ADD, "first={{1,2,3}}", "first={{1,2}}") == (
        "Added 1 on 6 jobs; 1 were there already, 4 are equal to others of them "
        "(--force adds them)\n"
    )


def test_a_dry_run_shows_the_sweep_and_makes_no_table(run):
    Path("mlp.yaml").write_text(TEMPLATE)
    Path("mlp.conf").write_text("yaml_template := @__builtin__.open('mlp.yaml').read()\n")
    sweep = ("hyper_parameters.nhid={{10,20}}", "hyper_parameters.lr ~ uniform()", "--draws", "3")
    said = run("sqlschedules", URL, ADD, "mlp.conf", *sweep, "--dry-run", "--seed", "7")
    lr = run("render", "mlp.conf", *sweep, "--seed", "7").split()[-4].rstrip(",")
    assert [line.rstrip() for line in said.splitlines()] == [
        "6 jobs, 6 of them new; the table is yet to be made",
        "",
        "what varies            values  which",
        "hyper_parameters.nhid       2  10, 20",
        said.splitlines()[4].rstrip(),
        "",
        "The YAML of the first:",
        "",
        f"{{ lr: {lr}, nhid: 10 }}",
    ]
    drawn = r"hyper_parameters\.lr         3  0\.\d+ to 0\.\d+, of uniform\(low=0\.0, high=1\.0\)"
    assert re.match(drawn, said.splitlines()[4])
    assert sorted(path.name for path in Path().iterdir()) == ["mlp.conf", "mlp.yaml"]


def test_a_dry_run_shows_a_key_that_some_jobs_have_or_draw(run):
    Path("a.conf").write_text("[a]\nx ~ uniform()\ny ~ choice(p, q)\n[b]\nz = 3\n[c]\nx = text\n")
    more = ("w={{,None}}", "v ~ randint({{0,5}},6)")
    said = run("sqlschedules", "--dry-run", URL, ADD, "a.conf", *more).splitlines()
    assert [line.split() for line in said[2:]] == [
        ["what", "varies", "values", "which"],
        ["x", "3", "0.9268376234887165,", "-,", "text"],
        ["y", "2", "q,", "-"],
        ["w", "2", "'',", "None"],
        ["v", "2", "1,", "5"],
        ["z", "2", "-,", "3"],
    ]


def test_a_dry_run_says_how_long_it_would_take(run):
    run("sqlschedules", "-q", URL, ADD, "first={{1..4}}", "second=1")
    said = run("sqlschedules", "--dry-run", URL, ADD, "first={{1..10}}", "second=1")
    assert said.startswith("10 jobs, 6 of them new\n")
    assert said.endswith("\nHow fast this table's jobs end is not known yet\n")
    run("sql", "-n", "3", URL, "experiments")
    said = run("sqlschedules", "--dry-run", URL, ADD, "first={{1..10}}", "second=1")
    assert re.search(
        r"At this table's past speed, .* jobs an hour: .* s, after .* for those that wait", said
    )


numbers = st.lists(st.integers(0, 3).map(str), min_size=1, max_size=3)
parameters = st.one_of(
    numbers.map(lambda values: f"a={{{{{','.join(values)}}}}}"),
    numbers.map(lambda values: f"b={{{{{values[0]}..{values[-1]}}}}}"),
    st.sampled_from(["a ~ randint(0, 3)", "c ~ choice(x, y)", "b=1", "a=1.0", "c={{x,'x'}}"]),
)


@settings(deadline=None, max_examples=25)
@given(
    sweeps=st.lists(st.lists(parameters, min_size=1, max_size=3), min_size=2, max_size=2),
    repeat=st.sampled_from([[], ["-r2"], ["-f"]]),
)
def test_a_dry_run_and_a_real_run_agree(sweeps, repeat, tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('dry')}/jobs.db?table=t"
    for sweep in sweeps:
        arguments = [url, ADD, *sweep]
        runs = [
            CliRunner().invoke(jobman, ["sqlschedules", *options, *repeat, *arguments]).output
            for options in (["--dry-run"], ["-q"], ["--dry-run"])
        ]
        total, new = map(int, re.match(r"(\d+) jobs?, (\d+) of them new", runs[0]).groups())
        assert runs[1].startswith(f"Added {new} on {total} jobs")
        left = total if repeat == ["-f"] else 0
        assert runs[2].startswith(f"{total} job{'s' * (total > 1)}, {left} of them new")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sqlschedule", URL, ADD, "first={{1,2}}"), "stands for several jobs"),
        (("cmdline", ADD, "first={{1,2}}"), "stands for several jobs"),
        (("sqlschedule", URL, ADD, "first={1}", "first={2}"), "the shell took braces"),
        (("sqlschedules", URL, ADD, "first={1}", "first={2}"), "the shell took braces"),
        (("sqlschedules", URL, ADD, "first={{1,2,}}"), "nothing stands behind a comma"),
        (("sqlschedules", URL, ADD, "first={{1,2}}", "--draws", "3"), "nothing to draw"),
        (("render", "first=1"), "there is no yaml_template"),
        (("render", "nosuch.conf"), r"there is no file 'nosuch\.conf'"),
        (("render", URL, "1"), r"there is no file 'jobs\.db'"),
    ],
)
def test_a_mistake_adds_nothing(run, arguments, message):
    with pytest.raises(UsageError, match=message):
        run(*arguments)
    assert list(Path().iterdir()) == []


def test_render_prints_the_yaml_that_a_job_has(run, monkeypatch):
    parameters = (f"yaml_template='''{TEMPLATE[:-1]}'''", "hyper_parameters.lr={{0.1,1e-7}}")
    parameters += ("hyper_parameters.nhid=5",)
    run("sqlschedules", URL, ADD, *parameters)
    for number, lr in enumerate(["0.1", "1.0e-07"], 1):
        expected = f"{{ lr: {lr}, nhid: 5 }}\n"
        assert run("render", URL, str(number)) == expected
        assert run("render", *parameters, "-n", str(number)).endswith(expected)
    monkeypatch.setenv("JOBMAN_DB", URL)
    assert run("render", "2") == expected
    assert run("render", *parameters).startswith("jobman: job 1 of 2 (--number shows others)\n")


def test_the_seed_of_one_job_is_chosen(run):
    for seed in ("1", "2", "1"):
        run("sqlschedule", URL, ADD, "first ~ normal()", "--seed", seed)
    assert len({state["first"] for state in states()}) == len(states()) == 2


def test_init_writes_over_nothing(run):
    Path("moons.py").write_text("mine")
    with pytest.raises(UsageError, match=r"moons\.py in '\.' would be written over"):
        run("init")
    assert [path.name for path in Path().iterdir()] == ["moons.py"]
    assert "cd 'a b/c'" in run("init", "a b/c")
    assert sorted(path.name for path in Path("a b/c").iterdir()) == [
        "moons.conf", "moons.py", "moons.yaml",
    ]  # fmt: skip
