"""The commands that look at results: best, query, export, show, diff, summary, plot and others."""

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tables import age_heartbeats

from pylearn2_jobman.jobman.cli.results import follow
from pylearn2_jobman.jobman.files.records import FILE
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.parameters.conf import write_conf
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table

Command = Callable[..., str]
TRACEBACK = "Traceback (most recent call last):\nValueError: nan"
TEMPLATE = "lr: %(lr)f\nnhid: %(nhid)d\n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A table of a grid of six finished jobs, one that failed and one that waits."""
    url = f"sqlite:///{tmp_path}/jobs.db?table=t_"
    grid = [(lr, nhid) for lr in (0.1, 0.01) for nhid in (10, 20, 30)]
    with open_table(url) as table:
        for lr, nhid in grid:
            hyper = {"lr": lr, "nhid": nhid, "epochs": 5}
            results = {"nll": round(lr + 1 / nhid, 4), "epoch": nhid // 10}
            state = {"yaml_template": TEMPLATE, "hyper_parameters": hyper, "results": results}
            table.insert({**state, "jobman.experiment": "lab.train"})
        table.set_status(range(1, 7), Status.DONE)
        table.insert({"hyper_parameters": {"lr": 5.0, "nhid": 10, "act": "\x1b[2Jclear"}})
        claim = table.claim()
        assert claim is not None
        claim.state["jobman"]["error"] = TRACEBACK
        table.write_back(claim, claim.state, status=Status.ERR_RUN)
        table.insert({"hyper_parameters": {"lr": 0.5, "nhid": 10}})
    return url


@pytest.fixture
def files(url: str, tmp_path: Path) -> Path:
    """An experiment root with the files of the jobs."""
    with open_table(url) as table:
        for job in table.jobs(status="DONE"):
            directory = tmp_path / "exp" / "jobs.db" / "t_" / str(job.id)
            directory.mkdir(parents=True)
            write_conf(directory / "current.conf", flatten(job.state))
            (directory / "stderr").write_text("a warning\n" if job.id == 1 else "")
            lines = [f"{epoch},{epoch},{epoch},{epoch}.5,{1 / (epoch + job.id)}" for epoch in "01"
                     for epoch in [int(epoch)]]  # fmt: skip
            (directory / FILE).write_text(
                "\n".join(["epoch,batch,example,seconds,valid_objective", *lines, ""])
            )
    return tmp_path / "exp"


def table_of(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


class TestBest:
    def test_shows_what_differs_and_the_results(self, run: Command, url: str) -> None:
        assert table_of(run("best", url, "--by", "results.nll", "-n", "2")) == [
            ["job", "nll", "lr", "nhid", "epoch"],
            ["6", "0.0433", "0.01", "30", "3"],
            ["5", "0.06", "0.01", "20", "2"],
        ]

    def test_of_some_jobs_with_chosen_keys(self, run: Command, url: str) -> None:
        said = run("best", url, "--by", "results.nll", "--where", "hyper_parameters.lr > 0.05",
                   "--show", "hyper_parameters.n*,hyper_parameters.epochs", "-n", "1")  # fmt: skip
        assert table_of(said) == [["job", "nll", "nhid", "epochs"], ["3", "0.1333", "30", "5"]]

    def test_over_seeds_ranks_means_and_counts_what_failed(self, run: Command, url: str) -> None:
        over = ("--by", "results.nll", "--over", "hyper_parameters.nhid")
        words = ("best", url, *over, "--show", "hyper_parameters.epochs")
        assert table_of(run(*words, "--where", "hyper_parameters.lr < 0.5", "-n", "1")) == [
            ["group", "jobs", "n", "mean", "std", "low", "high", "epochs", "lr", "ids"],
            ["1", "3", "3", "0.0711", "0.03471", "0.0433", "0.11", "5", "0.01", "[4,", "5,", "6]"],
        ]
        *_, failed, waits = table_of(run("best", url, *over))
        assert (failed[1:4], waits[1:4]) == (["1", "1", "0"], ["1", "0", "0"])
        (first, *_) = json.loads(run(*words, "--rank-by", "bound", "--highest", "--format", "json"))
        assert (first["hyper_parameters.lr"], first["results.nll.n"]) == (0.1, 3)
        said = run("best", url, "--by", "yaml_template", "--over", "hyper_parameters.lr", code=2)
        assert "no finished job has a number as 'yaml_template'" in said

    def test_of_none_says_why(self, run: Command, url: str) -> None:
        condition = ("--where", "hyper_parameters.lr > 9")
        said = run("best", url, "--by", "results.nll", *condition, code=2)
        assert "no finished job like this has a number as 'results.nll'" in said
        said = run("best", url, "--by", "results.nl", code=2)
        assert "no job has the key 'results.nl'; did you mean 'results.nll'" in said

    def test_of_several_results_the_front(self, run: Command, url: str) -> None:
        said = run("best", url, "--by", "results.nll", "--by", "hyper_parameters.nhid",
                   "--show", "hyper_parameters.lr")  # fmt: skip
        assert [row[:3] for row in table_of(said)[1:]] == [
            ["6", "0.0433", "30"], ["5", "0.06", "20"], ["4", "0.11", "10"],
        ]  # fmt: skip
        said = run("best", url, "--by", "results.nll:max", "--by", "results.epoch:max", "-n", "1")
        assert [row[0] for row in table_of(said)[1:]] == ["1", "2", "3"]
        said = run("best", url, "--by", "results.nll", "--by", "results.epoc", code=2)
        assert "did you mean 'results.epoch'" in said


class TestQuery:
    TEXT = "select hyper_parameters.lr, results.nll where results.nll < 0.1 order by results.nll"

    def test_prints_a_table(self, run: Command, url: str) -> None:
        assert table_of(run("query", url, self.TEXT)) == [
            ["job", "lr", "nll"], ["6", "0.01", "0.0433"], ["5", "0.01", "0.06"],
        ]  # fmt: skip

    def test_prints_csv_and_json_with_whole_keys(self, run: Command, url: str) -> None:
        rows = list(csv.reader(io.StringIO(run("query", url, self.TEXT, "--format", "csv"))))
        assert rows[0] == ["jobman.id", "hyper_parameters.lr", "results.nll"]
        assert rows[1] == ["6", "0.01", "0.0433"]
        jobs = json.loads(run("query", url, self.TEXT, "--format", "json"))
        assert jobs[1] == {"jobman.id": 5, "hyper_parameters.lr": 0.01, "results.nll": 0.06}

    def test_over_seeds_chooses_jobs_and_sorts_means(self, run: Command, url: str) -> None:
        words = ("query", url, f"{self.TEXT} desc", "--over", "hyper_parameters.nhid")
        rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv"))))
        assert [row["jobman.ids"] for row in rows] == ["[5, 6]"]
        assert float(rows[0]["results.nll.mean"]) == pytest.approx((0.06 + 0.0433) / 2)

    def test_shows_no_control_characters(self, run: Command, url: str) -> None:
        said = run("query", url, "select hyper_parameters.act where hyper_parameters.act like '%'")
        assert "\x1b" not in said
        assert r"\x1b[2Jclear" in said


def test_export_writes_the_chosen_jobs(run: Command, url: str, tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    said = run("export", url, file, "--keys", "results.*", "--status", "DONE", "--where",
               "results.epoch > 1")  # fmt: skip
    assert said == f"Wrote 4 jobs with 2 keys to {file}\n"
    assert file.read_text().splitlines()[:2] == ["jobman.id,results.epoch,results.nll", "2,2,0.15"]


class TestShow:
    def test_prints_state_yaml_and_files(self, run: Command, url: str, files: Path) -> None:
        said = run("show", url, 1, "--exproot", files)
        assert said.startswith("Job 1: DONE, priority 1\ncreated 20")
        assert "hyper_parameters.lr = 0.1\n" in said
        assert re.search(r"\nYAML\nlr: 0.1 *\nnhid: 10", said)
        assert "yaml_template" not in said
        assert f"Files in {files}/jobs.db/t_/1" in said
        assert "10 bytes  stderr" in said
        assert "The end of stderr\na warning" in said

    def test_prints_the_error_and_nothing_a_terminal_obeys(self, run: Command, url: str) -> None:
        said = run("show", url, 7)
        assert "Job 7: ERR_RUN" in said
        assert f"\nError\n{TRACEBACK}\n" in said
        assert "\x1b" not in said

    def test_of_an_unknown_job(self, run: Command, url: str) -> None:
        assert "there is no job 99" in run("show", url, 99, code=2)

    def test_of_a_template_that_cannot_be_filled_in(self, run: Command, url: str) -> None:
        with open_table(url) as table:
            number = table.insert({"yaml_template": "x: %(missing)d", "hyper_parameters": {"y": 1}})
        assert re.search(r"cannot be rendered: .*missing", run("show", url, number))


class TestLive:
    def test_a_job_whose_files_are_elsewhere_is_shown_drawn_and_followed(
        self, run: Command, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(follow, "_LOOK_SECONDS", 0)
        curves = {"valid_nll": [(0, 1.0), (1, 0.5)]}
        live = Live(at={"epoch": 1}, curves=curves, output="one\ntwo\nth\x1bree", message="halfway")
        with open_table(url) as table:
            claim = table.claim()
            assert claim is not None
            table.write_back(claim, claim.state, live=live.text())
        shown = run("show", url, claim.job_id)
        assert "Progress\nhalfway\nepoch = 1\nvalid_nll = 0.5\n" in shown
        assert "The end of its output\none\ntwo\nth" in shown
        assert "\x1b" not in shown
        run("plot", url, "curves", claim.job_id, "-o", tmp_path / "curves.svg")
        assert "valid_nll" in (tmp_path / "curves.svg").read_text()
        with open_table(url) as table:
            table.write_back(claim, claim.state, status=Status.CANCELED)
        assert run("show", url, claim.job_id, "--follow", "--lines", 1) == (
            f"th\\x1bree\njob {claim.job_id} CANCELED: epoch 1, valid_nll 0.5, halfway\n"
        )

    def test_an_address_of_files_that_is_none_is_refused_before_anything(
        self, run: Command, url: str
    ) -> None:
        assert "is not of the form ssh://" in run("show", url, 1, "--exproot", "ssh://x", code=2)


class TestDiff:
    def test_prints_the_keys_that_differ(self, run: Command, url: str) -> None:
        assert table_of(run("diff", url, 1, 2)) == [
            ["key", "job", "1", "job", "2"],
            ["hyper_parameters.nhid", "10", "20"],
            ["results.epoch", "1", "2"],
            ["results.nll", "0.2", "0.15"],
        ]

    def test_shows_a_missing_key_as_a_dash_and_compares_three(self, run: Command, url: str) -> None:
        said = run("diff", url, 1, 7, 8)
        assert ["results.nll", "0.2", "-", "-"] in table_of(said)
        assert "jobman.error" not in said
        assert "jobman.error" in run("diff", url, 1, 7, "--all")

    def test_compares_texts_of_two_jobs_line_by_line(self, run: Command, url: str) -> None:
        with open_table(url) as table:
            number = table.insert({"yaml_template": TEMPLATE.replace("%(lr)f", "0.5")})
        said = run("diff", url, 1, number)
        assert "-lr: %(lr)f\n+lr: 0.5\n nhid: %(nhid)d\n" in said

    def test_of_equal_jobs(self, run: Command, url: str) -> None:
        with open_table(url) as table:
            ids = [table.insert({"x": 1}, force=True) for _ in range(2)]
        assert run("diff", url, *ids) == "They do not differ (--all compares jobman's own keys)\n"
        assert "two jobs or more" in run("diff", url, 1, 1, code=2)


def test_summary_prints_counts_and_failures(run: Command, url: str) -> None:
    said = run("summary", url)
    assert said.startswith("8 jobs: 1 START, 6 DONE, 1 ERR_RUN\n")
    assert ["1", "ERR_RUN:", "ValueError:", "nan", "7"] in table_of(said)


SUGGESTION = "did you mean 'a_much_longer_name_of_a_function_of_ones_own'?"
NO_NAME = (
    "pylearn2_jobman.errors.NameResolutionError: cannot import 'my_laboratory.extractors.standard."
    f"a_much_longer_nam_of_a_function_of_ones_own': the module has none; {SUGGESTION}; more"
)


def test_an_error_is_not_cut_before_what_it_suggests(run: Command, url: str) -> None:
    with open_table(url) as table:
        table.change(7, {"jobman.error": NO_NAME})
    for command in ("summary", "check"):
        assert SUGGESTION in run(command, url)


class TestJson:
    """See docs/reference/json.rst."""

    def test_of_jobs(self, facts: Command, url: str) -> None:
        (job,) = facts("query", url, "select results.nll, jobman.created where jobman.id = 6")
        assert (job["jobman.id"], job["results.nll"]) == (6, 0.0433)
        assert datetime.fromisoformat(job["jobman.created"]).tzinfo == UTC
        best = facts("best", url, "--by", "results.nll", "-n", 2)
        assert [job["jobman.id"] for job in best] == [6, 5]
        listed = facts("sqlstatus", url, "--status", "DONE", "--print", "results.epoch")
        assert listed[0] == {
            "jobman.id": 1, "jobman.status": "DONE", "results.epoch": 1, "jobman.sql.priority": 1.0,
        }  # fmt: skip

    def test_of_one_job(self, facts: Command, url: str, files: Path) -> None:
        shown = facts("show", url, 1, "--exproot", files)
        assert shown["job"]["hyper_parameters.lr"] == 0.1
        assert shown["yaml"] == "lr: 0.1\nnhid: 10\n"
        assert {"name": "stderr", "size": 10} in shown["files"]
        assert shown["stderr"] == "a warning"
        assert facts("show", url, 7)["yaml"] is None

    def test_of_differences(self, facts: Command, url: str) -> None:
        found = facts("diff", url, 1, 7)
        assert found["hyper_parameters.lr"] == {"1": 0.1, "7": 5.0}
        assert found["hyper_parameters.act"] == {"7": "\x1b[2Jclear"}

    def test_of_tables(self, facts: Command, url: str) -> None:
        counts = dict.fromkeys((status.name for status in Status), 0)
        counts |= {"START": 1, "DONE": 6, "ERR_RUN": 1}
        assert facts("sqlstatus", url) == {"counts": counts}
        summed = facts("summary", url)
        assert summed["counts"] == counts
        assert summed["failures"] == [{"error": "ERR_RUN: ValueError: nan", "ids": [7]}]
        failed = {"job_id": 7, "status": "ERR_RUN", "error": "ValueError: nan"}
        checked = facts("check", url)
        assert (checked["counts"], checked["failed"], checked["left"]) == (counts, [failed], 1)
        assert facts("launch", "--status", url) == {"workers": [], "counts": counts}

    def test_of_running_jobs(self, facts: Command, url: str) -> None:
        with open_table(url) as table:
            table.claim(info={"jobman.sql.host_name": "n1", "jobman.sql.host_pid": 7})
        age_heartbeats(url, 1000)
        (worker,) = facts("launch", "--status", url)["workers"]
        assert (worker["host"], worker["pid"], worker["jobs"]) == ("n1", 7, [8])
        (silent,) = facts("check", url)["silent"]
        assert (silent["job_id"], silent["host"], silent["gone"]) == (8, "n1", True)
        assert facts("check", url, "--repair")["silent"][0]["put_back"]

    def test_of_directories(self, facts: Command, files: Path) -> None:
        (path,) = facts("findjob", files, "hyper_parameters.lr=0.1", "hyper_parameters.nhid=10")
        assert path == f"{files}/jobs.db/t_/1"
        groups = facts("findjob", "--group", files, "hyper_parameters.lr")
        assert [group["keys"] for group in groups] == [
            {"hyper_parameters.lr": 0.01}, {"hyper_parameters.lr": 0.1},
        ]  # fmt: skip

    def test_of_values_that_json_does_not_have(self, facts: Command, url: str) -> None:
        values = {"nan": math.nan, "inf": [-math.inf], "none": None, "deep": (1, {2: {3}})}
        with open_table(url) as table:
            table.change(8, {**values, "text": "é\0", "big": 2**70})
        job = facts("show", url, 8)["job"]
        assert [job[key] for key in ("nan", "inf", "none", "text", "big")] == [
            "nan", ["-inf"], None, "é\0", 2**70,
        ]  # fmt: skip
        assert job["deep"] == [1, "{2: {3}}"]

    def test_goes_to_standard_output_where_a_dash_stands_for_the_file(
        self, run: Command, facts: Command, url: str
    ) -> None:
        chosen = ("--where", "jobman.id < 3", "--keys", "results.epoch")
        assert run("export", url, "-", *chosen) == "jobman.id,results.epoch\n1,1\n2,2\n"
        assert facts("export", url, "-", *chosen)[1] == {"jobman.id": 2, "results.epoch": 2}


class TestTags:
    def test_stand_beside_the_jobs(self, run: Command, url: str) -> None:
        run("edit", url, 6, "jobman.tags=good", "jobman.note=lowest")
        said = table_of(run("best", url, "--by", "results.nll", "-n", "2"))
        assert said[0] == ["job", "nll", "lr", "nhid", "epoch", "tags", "note"]
        assert said[1][-2:] == ["good", "lowest"]
        assert said[2][-2:] == ["-", "-"]
        assert "tags: good\nnote: lowest\n" in run("show", url, 6)
        condition = "select jobman.tags where jobman.tags like '%good%'"
        assert table_of(run("query", url, condition)) == [["job", "tags"], ["6", "good"]]


class TestRetry:
    def test_puts_failed_jobs_back(self, run: Command, url: str) -> None:
        assert run("retry", url, "--status", "ERR_RUN", "-n").startswith("1 jobs would be put back")
        assert run("retry", url, "--status", "ERR_RUN") == "1 jobs are put back to START: 7\n"
        with open_table(url) as table:
            assert table.get(7).status is Status.START

    def test_takes_a_condition(self, run: Command, url: str) -> None:
        assert run("retry", url, "--where", "jobman.error like '%memory%'").startswith("0 jobs")
        assert run("retry", url, "--where", "jobman.error like '%NAN%'").endswith(": 7\n")

    def test_changes_nothing_if_a_named_job_did_not_fail(self, run: Command, url: str) -> None:
        said = run("retry", url, 7, 8, 99, code=2)
        assert re.search("jobs 8, 99: not in the table, .*nothing was changed", said)
        with open_table(url) as table:
            assert table.get(7).status is Status.ERR_RUN
        assert run("retry", url, 1, "--status", "DONE").endswith(": 1\n")

    def test_takes_what_failed_or_was_cancelled_where_nothing_is_selected(
        self, run: Command, url: str
    ) -> None:
        with open_table(url) as table:
            table.set_status([2], Status.CANCELED)
        assert run("retry", url, "-n") == "2 jobs would be put back to START: 2 7\n"
        assert run("retry", url) == "2 jobs are put back to START: 2 7\n"
        assert run("retry", url) == "0 jobs are put back to START\n"

    def test_is_for_ended_jobs(self, run: Command, url: str) -> None:
        assert "need no retry" in run("retry", url, "--status", "RUNNING", code=2)


class TestFindjob:
    def found(self, said: str) -> list[str]:
        return [line.rpartition("/")[2] for line in said.splitlines()]

    def test_lists_the_directories_that_hold_the_values(self, run: Command, files: Path) -> None:
        lr = "hyper_parameters.lr=0.1"
        assert self.found(run("findjob", files / "jobs.db/t_", lr)) == ["1", "2", "3"]
        nhid = "hyper_parameters.nhid=10:hyper_parameters.nhid=30"
        assert self.found(run("findjob", files, lr, nhid)) == ["1", "3"]
        assert run("findjob", files, "hyper_parameters.lr=77") == ""

    def test_groups_by_the_values_of_keys(self, run: Command, files: Path) -> None:
        said = run("findjob", "--group", files, "hyper_parameters.lr", "jobman.error").splitlines()
        assert said[:2] == ["Keys: ('hyper_parameters.lr', 'jobman.error')", "Keys = (0.01, None)"]
        assert self.found("\n".join(said[2:5])) == ["4", "5", "6"]
        write_conf(files / "jobs.db/t_/2/current.conf", {"layers": [1, 2]})
        assert "Keys = ([1, 2],)" in run("findjob", "--group", files, "layers")
        said = run("findjob", "--group", "--dont-sort", files, "hyper_parameters.lr")
        assert said.splitlines()[1] == "Keys = (0.1,)"

    def test_a_key_that_no_job_has_is_an_error(self, run: Command, files: Path) -> None:
        meant = "did you mean 'hyper_parameters.nhid'?"
        for arguments in ((files, "nhid=10"), ("--group", files, "nhid")):
            assert meant in run("findjob", *arguments, code=2)

    def test_skips_a_damaged_file_and_says_so(
        self, run: Command, files: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (files / "jobs.db/t_/2/current.conf").write_text("x")
        said = run("findjob", files, "hyper_parameters.lr=0.1")
        assert re.search(r"skipped: .*2/current\.conf, line 1", caplog.text)
        assert "t_/1\n" in said

    def test_wants_a_directory(self, run: Command, tmp_path: Path) -> None:
        said = run("findjob", tmp_path / "nowhere", "x=1", code=2)
        assert re.search("no directory '.*nowhere'", said)
        assert "which keys" in run("findjob", "--group", tmp_path, code=2)


class TestPlot:
    @pytest.mark.parametrize(
        "words",
        [
            ("scatter", "--by", "results.nll", "--x", "hyper_parameters.lr"),
            ("heatmap", "--by", "results.nll", "--x", "hyper_parameters.lr", "--y",
             "hyper_parameters.nhid", "--highest"),
            ("parallel", "--by", "results.nll", "--keys", "hyper_parameters.n*"),
            ("progress", "--by", "results.nll:max"),
            ("front", "--by", "results.nll", "--by", "results.epoch:max"),
        ],
        ids=lambda words: words[0],
    )  # fmt: skip
    def test_writes_a_file(
        self, run: Command, url: str, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        file = tmp_path / "plot.svg"
        assert run("plot", url, *words, "-o", file) == f"Wrote {file}\n"
        assert file.read_text().startswith("<?xml")

    def test_draws_the_curves_of_the_best_jobs(
        self, run: Command, url: str, files: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "curves.svg"
        words = ("plot", url, "curves", "--exproot", files, "-o", file)
        assert run(*words, "--by", "results.nll", "-n", "2", "--along", "seconds").startswith(
            "Wrote"
        )
        run(*words, 1, 2, "--channel", "valid_objective")
        said = run(*words, 1, "--channel", "valid_nll", code=2)
        assert re.search("no job has the channel 'valid_nll'.*valid_objective", said)
        said = run(*words, 8, code=2)
        assert "job 8 has no monitor.csv below" in said

    def test_draws_means_over_seeds(
        self, run: Command, url: str, files: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "bands.svg"
        words = ("plot", url, "--over", "hyper_parameters.nhid", "-o", file)
        run(*words, "curves", "--exproot", files, "--by", "results.nll", "--where",
            "jobman.status = DONE")  # fmt: skip
        assert "group 1: lr=0.01: 3 runs" in file.read_text()
        run(*words, "scatter", "--by", "results.nll", "--x", "hyper_parameters.lr")
        assert "2 groups, 2 without a finite nll left out" in file.read_text()
        said = run(*words[:3], "seconds", *words[4:], "curves", "--exproot", files, code=2)
        assert "what curves go along is --along seconds" in said

    def test_says_what_to_install(
        self, run: Command, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(sys.modules, "pylearn2_jobman.jobman.plots", raising=False)
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        said = run("plot", url, "parallel", "--by", "x", "-o", tmp_path / "x.svg", code=2)
        assert "plots need matplotlib: pip install 'pylearn2_jobman[analysis]'" in said

    def test_says_what_is_missing(self, run: Command, url: str, tmp_path: Path) -> None:
        said = run("plot", url, "heatmap", "--by", "results.nll", "-o", tmp_path / "x.svg", code=2)
        assert "heatmap needs --x and --y" in said
        words = ("plot", url, "parallel", "--by", "results.nll", "-o")
        said = run(*words, tmp_path / "x.gif", code=2)
        assert "a plot's file ends in .png, .svg, .pdf, .html" in said
        said = run(*words, tmp_path / "x.svg", "--where", "results.nll > 9", code=2)
        assert "no job that is chosen is DONE" in said
