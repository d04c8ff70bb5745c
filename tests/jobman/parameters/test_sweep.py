"""Sweeps: which jobs parameters stand for, in which order, and what is told of mistakes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.parsers import filemerge
from pylearn2_jobman.jobman.parameters.sweep import Sweep, check_braces, one_job

GRID = json.loads((Path(__file__).parents[2] / "data/lisa/grid.json").read_text())["cases"]


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def jobs(*arguments, **options):
    return list(Sweep(arguments, **options))


def values(*arguments, **options):
    return [tuple(job.values()) for job in jobs(*arguments, **options)]


def arguments_themselves(*arguments):
    return {"arguments": list(arguments)}


@pytest.mark.parametrize("case", GRID, ids=lambda case: " ".join(case["args"]) or "nothing")
def test_what_the_originals_syntax_meant_it_still_means(case):
    made = jobs(*case["args"], parser_name=f"{__name__}.arguments_themselves")
    assert [job["arguments"] for job in made] == case.get("ours", case.get("commands"))


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        ("{{1..4}}", [1, 2, 3, 4]),
        ("{{ 1 .. 4 .. 3 }}", [1, 4]),
        ("{{.5...75...25}}", [0.5, 0.75]),
        ("{{1..100..33}}", [1, 34, 67, 100]),
        ("{{1..9..3}}", [1, 4, 7]),
        ("{{3..1}}", [3, 2, 1]),
        ("{{-1..1}}", [-1, 0, 1]),
        ("{{0.1..0.5..0.1}}", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("{{1..0..0.5}}", [1.0, 0.5, 0.0]),
        ("{{1e-4..3e-4..1e-4}}", [1e-4, 2e-4, 3e-4]),
        ("{{1..3,10,x}}", [1, 2, 3, 10, "x"]),
        ("{{../a,b..c,'1..2'}}", ["../a", "b..c", "1..2"]),
    ],
)
def test_ranges_have_both_ends(grid, expected):
    made = [job["a"] for job in jobs(f"a={grid}")]
    assert made == expected
    assert list(map(type, made)) == list(map(type, expected))


def test_the_last_place_varies_fastest_and_draws_slowest():
    made = values("a={{1,2}}", "b={{x,y}}", "c ~ randint(0, 1000000)", draws=2)
    assert [job[:2] for job in made] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")] * 2
    first, second = {job[2] for job in made[:4]}, {job[2] for job in made[4:]}
    assert (len(first), len(second), len(first | second)) == (1, 1, 2)


def test_grids_with_one_label_go_together():
    made = values("a={{1,2}}@1", "b={{x,y}}@1", "c={{3..4}}@2", "d={{5..6}}@2", "e={{z}}-{{w}}")
    assert made == [(1, "x", 3, 5, "z-w"), (1, "x", 4, 6, "z-w"), (2, "y", 3, 5, "z-w"),
                    (2, "y", 4, 6, "z-w")]  # fmt: skip


def test_a_file_has_grids_draws_and_blocks(directory):
    Path("mlp.conf").write_text("lr = 0.1  # {{no,grid}}\ntext = '{{a,b}}'\n")
    Path("sweep.conf").write_text(
        "mlp.conf\n"
        "seed = {{1..2}}@1\n"
        "[wide]\n"
        "nhid = {{100,200}}  # each block is a product of its own\n"
        "[ deep nets ]\n"
        "nhid = 50\n"
        "layers = 3\n"
        "[as it is]\n"
    )
    common = {"lr": 0.1, "text": "{{a,b}}"}
    made = jobs("k <- sweep.conf", "x={{u,v}}@1")
    assert made == [
        {**{f"k.{key}": value for key, value in {**common, "seed": seed, **block}.items()}, "x": x}
        for seed, x in ((1, "u"), (2, "v"))
        for block in ({"nhid": 100}, {"nhid": 200}, {"nhid": 50, "layers": 3}, {})
    ]
    assert [job["nhid"] for job in jobs("sweep.conf", "seed=0", "x={{u,v}}@1", "nhid=1")] == [1] * 8


def test_a_grid_may_choose_among_files_with_choices_of_their_own(directory):
    Path("a.conf").write_text("x = {{1,2}}\n")
    Path("b.conf").write_text("y = 3\n")
    made = jobs("{{a,b}}.conf", "z={{4,5}}")
    assert made == [{"x": 1, "z": 4}, {"x": 1, "z": 5}, {"x": 2, "z": 4}, {"x": 2, "z": 5},
                    {"y": 3, "z": 4}, {"y": 3, "z": 5}]  # fmt: skip


def test_what_a_drawn_key_is_computed_from_follows_it():
    made = jobs("n ~ randint(1, 99)", "half := %n / 2", draws=5)
    assert all(job["half"] == job["n"] / 2 for job in made)


distributions = st.sampled_from(
    ["uniform()", "loguniform(1e-4, 1)", "normal()", "randint(0, 100)", "choice(x, y, z)"]
)


@given(
    st.dictionaries(st.sampled_from("abcd"), distributions, min_size=1),
    st.sampled_from(["e ~ normal()", "e={{1,2}}", "e=5"]),
    st.integers(0, 5),
    st.integers(-9, 10**20),
    st.integers(1, 4),
)
def test_a_seed_draws_the_same_and_a_key_added_changes_nothing_drawn(
    drawn, added, place, seed, draws
):
    arguments = [f"{key} ~ {distribution}" for key, distribution in drawn.items()]
    made = jobs(*arguments, draws=draws, seed=seed)
    assert made == jobs(*arguments, draws=draws, seed=seed)
    assert made == jobs(*arguments, draws=draws + 1, seed=seed)[:draws]
    more = jobs(*arguments[:place], added, *arguments[place:], draws=draws, seed=seed)
    without = [{key: value for key, value in job.items() if key != "e"} for job in more]
    assert without == [job for job in made for _ in range(len(more) // len(made))]


def test_another_seed_draws_otherwise():
    assert jobs("a ~ normal()", seed=1) != jobs("a ~ normal()", seed=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a={{1,2}}@1"], r"'a={{1\,2}}@1': no other grid has @1"),
        (["a={{1,2}}@1", "b={{1,2,3}}@1"], r"'b=.*' has 3 values, and 'a=.*', which .*@1, has 2"),
        (["a={{1,2,}}"], r"'a={{1,2,}}': nothing stands behind a comma.*: {{,a,b}}"),
        (["a={{1,,2}}"], "nothing stands behind a comma"),
        (["a={{1,2"], "never closes it"),
        (["a={{0.1..0.5}}"], r"need a step: 0\.1\.\.0\.5\.\.0\.1"),
        (["a={{1..5..0}}"], "1..5..0 is no range"),
        (["a={{01..10}}"], "begin with no 0"),
        (["a={{1..1000000}}"], "at most 100,000 numbers"),
        (["a={{1e999999..2e999999..1}}"], "100,000 numbers|no range"),
        (["a={{1..400}}", "b={{1..400}}"], "160,000 jobs; 100,000 are the most"),
        (["lr={0.1}", "lr={0.01}"], r"the shell took braces.*around it, 'lr={{0\.1,0\.01}}'"),
        (["c=1", "a={x}{1}", "a={x}{2}", "a={y}{1}", "a={y}{2}"], r"'a={{x,y}}{{1\,2}}'"),
        (["a ~ unifrom(1)"], "did you mean 'uniform'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told(arguments, message):
    with pytest.raises(UsageError, match=message):
        jobs(*arguments)


@pytest.mark.parametrize("options", [{"draws": 5}, {"seed": 5}])
def test_draws_of_nothing_are_an_error(options):
    with pytest.raises(UsageError, match="there is nothing to draw"):
        jobs("a={{1,2}}", **options)


@pytest.mark.parametrize("arguments", [["a={1}"], ["a={1}", "b={2}"], ["a={'k': 1}", "a={'k': 2}"]])
def test_sets_and_dictionaries_are_no_grids_without_quotes(arguments):
    check_braces(arguments)


def test_a_block_of_a_name_that_there_is_and_one_that_is_none(directory):
    Path("a.conf").write_text("[a]\nx = 1\n[a]\n")
    with pytest.raises(UsageError, match=r"a\.conf, line 3: there is a block \[a\] above already"):
        jobs("a.conf")
    Path("a.conf").write_text("x = [1,\n2]\n")
    with pytest.raises(UsageError, match=r"a\.conf, line 2: there is no file '2\]'"):
        jobs("a.conf")


def test_where_there_is_one_job_what_stands_for_several_is_refused(directory):
    Path("a.conf").write_text("x = {{1,2}}\n")
    Path("b.conf").write_text("[wide]\nx = 1\n[deep]\nx = 2\n")
    Path("c.conf").write_text("[only]\nx ~ randint(0, 99)\n")
    for arguments in (["x={{1,2}}"], ["x={{1}}"], ["a.conf"]):
        with pytest.raises(UsageError, match=r"stands for several jobs.*jobman sqlschedules"):
            one_job("filemerge", arguments)
    with pytest.raises(UsageError, match=r"b\.conf has the blocks \[wide\], \[deep\]"):
        one_job("filemerge", ["b.conf"])
    with pytest.raises(UsageError, match="the shell took braces"):
        one_job("filemerge", ["x={1}", "x={2}"])
    assert one_job("filemerge", ["c.conf"], seed=3) == jobs("c.conf", seed=3)[0]


def test_the_text_of_a_grid_can_be_given_to_one_job():
    assert one_job("filemerge", ["x='{{1,2}}'"]) == {"x": "{{1,2}}"}
    assert one_job("raw", ["x={{1,2}}"]) == {"x": "{{1,2}}"}
    assert one_job("filemerge", ["x={{a,b}}"], grids_are_text=True) == {"x": "{{a,b}}"}
    assert filemerge("x={{a,b}}") == {"x": "{{a,b}}"}
