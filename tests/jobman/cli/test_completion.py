"""What a shell completes."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from pylearn2_jobman.jobman.cli import jobman
from pylearn2_jobman.jobman.table import open_table

SCRIPT = """
eval "$(_JOBMAN_COMPLETE=bash_source jobman)"
try() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _jobman_completion jobman; echo "${COMPREPLY[*]}"
}
try jobman sqlsch
try jobman best "'$1'" --by results.
"""


@pytest.fixture
def url(tmp_path):
    url = f"sqlite:///{tmp_path}/jobs.db?table=t"
    with open_table(url) as table:
        table.insert({"hyper_parameters": {"lr": 1, "nhid": 2}, "results": {"nll": 0.1}})
    return url


def completed(*words):
    *before, begun = words
    found = ShellComplete(jobman, {}, "jobman", "_JOBMAN_COMPLETE").get_completions(before, begun)
    return [item.value for item in found]


def test_commands_and_options_are_completed():
    assert completed("sqls") == ["sqlschedule", "sqlschedules", "sqlstatus"]
    assert "--remove" in completed("edit", "--re")
    assert completed("query", "--format", "") == ["table", "csv", "json"]


def test_statuses_are_completed():
    errors = ["ERR_START", "ERR_SYNC", "ERR_RUN"]
    for option in ("retry", "--status"), ("sqlstatus", "--set_status"), ("export", "--status"):
        assert completed(*option, "err") == errors


def test_the_keys_of_the_table_are_completed(url, monkeypatch):
    assert completed("best", url, "--by", "res") == ["results.nll"]
    assert completed("best", "--by", "res") == []
    assert completed("best", "sqlite:///no/file.db?table=t", "--by", "res") == []
    assert completed("edit", url, "3", "hyper_parameters.n") == ["hyper_parameters.nhid"]
    monkeypatch.setenv("JOBMAN_DB", url)
    assert completed("best", "--by", "res") == ["results.nll"]
    assert completed("edit", "3", "hyper_parameters.n") == ["hyper_parameters.nhid"]
    assert completed("export", "-", "--keys", "results.nll,jobman.cr") == [
        "results.nll,jobman.created"
    ]
    assert completed("plot", "sc") == ["scatter"]


def test_bash_completes_by_the_documented_line(url):
    done = subprocess.run(
        ["bash", "-c", SCRIPT, "bash", url],
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("sqlschedule sqlschedules\nresults.nll\n", "")
