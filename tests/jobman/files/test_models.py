"""The model of a job is found by the job's number, wherever its files are."""

import os
import shutil
from dataclasses import dataclass

import pytest

from pylearn2_jobman.errors import UnknownJobError, UsageError
from pylearn2_jobman.jobman.cli.results.model import model as model_command
from pylearn2_jobman.jobman.files.models import find_model
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.model_file import making, write_model


@dataclass
class Named:
    """A model that can be told from others."""

    name: str

    def predict(self, X):
        return [self.name for _ in X]


def saved(path, name, best=None, phase=1, age=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    with making(phase=phase):
        write_model(path, Named(name), best)
    os.utime(path, (1e9 - age, 1e9 - age))


@pytest.fixture
def table(tmp_path):
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=mlp") as table:
        table.insert({"a": 1})
        yield table


@pytest.fixture
def directory(table, tmp_path):
    """The directory of job 1, which its row names."""
    path = tmp_path / "experiments/jobs.db/mlp/1"
    path.mkdir(parents=True)
    table.change(1, {"jobman.sql.files": str(path)})
    return path


def test_of_several_it_is_that_of_the_last_phase_the_best_the_latest(tmp_path):
    assert find_model(tmp_path) is None
    saved(tmp_path / "first.pkl", "best of the first phase", "nll")
    write_model(tmp_path / "data.pkl", {"no": "model"})
    (tmp_path / "notes.txt").write_text("x")
    assert find_model(tmp_path).name == "first.pkl"
    saved(tmp_path / "deep/last.pkl", "end of the second", phase=2)
    assert find_model(tmp_path).name == "last.pkl"
    saved(tmp_path / "best.pkl", "best of the second", "nll", phase=2, age=60)
    assert find_model(tmp_path).name == "best.pkl"
    saved(tmp_path / "later.pkl", "a later best", "error", phase=2, age=30)
    assert find_model(tmp_path).name == "later.pkl"


def test_a_module_that_is_no_more_than_that_is_one(tmp_path):
    torch = pytest.importorskip("torch")
    write_model(tmp_path / "scaler.pkl", {"mean": 1})
    write_model(tmp_path / "model.pkl", torch.nn.Linear(1, 1))
    assert find_model(tmp_path).name == "model.pkl"


def test_links_are_not_followed(tmp_path):
    saved(tmp_path / "elsewhere/model.pkl", "another's")
    (tmp_path / "job").mkdir()
    (tmp_path / "job/model.pkl").symlink_to(tmp_path / "elsewhere/model.pkl")
    (tmp_path / "job/below").symlink_to(tmp_path / "elsewhere")
    assert find_model(tmp_path / "job") is None


def test_files_of_before_are_found_if_there_is_one(tmp_path):
    (tmp_path / "old.pkl").write_bytes(b"N.")
    assert find_model(tmp_path).name == "old.pkl"
    (tmp_path / "other.pkl").write_bytes(b"N.")
    with pytest.raises(UsageError, match=r"none says what made it \(old\.pkl, other\.pkl\)"):
        find_model(tmp_path)


def test_the_row_says_where_the_files_are(table, directory, tmp_path, monkeypatch):
    with pytest.raises(
        UsageError, match=r"job 1 has left no model in .*experiments/jobs\.db/mlp/1"
    ):
        table.load_model(1)
    saved(directory / "model.pkl", "mine")
    assert table.load_model(1).name == "mine"
    shutil.move(tmp_path / "experiments", tmp_path / "moved")
    with pytest.raises(UsageError, match=r"are not at .*: give the experiment root"):
        table.load_model(1)
    assert table.load_model(1, tmp_path / "moved").name == "mine"
    monkeypatch.setenv("JOBMAN_ALLOW", "test_models.*")
    with pytest.raises(UsageError, match="a row's word on where its files are is not taken"):
        table.load_model(1)
    with pytest.raises(UnknownJobError, match="no job 7"):
        table.load_model(7)


@pytest.mark.parametrize("files", [None, 3, "", "x", "a/b/c", "ssh://"])
def test_a_row_that_says_nothing_of_use(table, files):
    if files is not None:
        table.change(1, {"jobman.sql.files": files})
    with pytest.raises(UsageError, match=r"give the experiment root|not of the form"):
        table.load_model(1)


def test_what_made_it_is_printed(table, directory):
    from click.testing import CliRunner

    with making(job="jobs.db/mlp/1", yaml="!obj:mylab.Thing {}\n"):
        saved(directory / "model.pkl", "mine", "valid_nll")
    done = CliRunner().invoke(model_command, [table.url, "1"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == f"file: {directory}/model.pkl"
    assert "job: jobs.db/mlp/1" in lines
    assert "saved as the best by: valid_nll" in lines
    assert lines[-1] == "!obj:mylab.Thing {}"
    facts = CliRunner().invoke(model_command, [table.url, "1", "--format", "json"]).output
    assert '"best": "valid_nll"' in facts
