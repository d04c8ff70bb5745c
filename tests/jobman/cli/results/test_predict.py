"""``jobman predict``: what a model in a file makes of examples in another."""

import numpy as np
import pytest
from click.testing import CliRunner

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.results.model import predict
from pylearn2_jobman.model_file import write_model


class Sums:
    """A model."""

    def predict(self, X):
        return (np.sum(X, axis=1) > 2).astype(int)

    def predict_proba(self, X):
        return np.stack([X[:, 0] / 4, 1 - X[:, 0] / 4], axis=1)


class Names:
    def predict(self, X):
        return np.array(["a, b", "c"])[: len(X)]


class Several:
    def predict(self, X):
        return np.arange(len(X)), X / 2


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "model.pkl", Sums())
    write_model(tmp_path / "several.pkl", Several())
    write_model(tmp_path / "names.pkl", Names())
    write_model(tmp_path / "none.pkl", [1])
    np.save(tmp_path / "row.npy", [1.0, 2.0])
    np.save(tmp_path / "x.npy", [[1.0, 2.0], [0.0, 1.0]])
    (tmp_path / "x.csv").write_text("a,b\n1,2\n0,1\n")
    (tmp_path / "plain.csv").write_text("1,2\n0,1\n")
    (tmp_path / "words.csv").write_text("a,b\nc,d\n")
    (tmp_path / "gap.csv").write_text("1,\n1,2\n")
    (tmp_path / "header.csv").write_text("a,b\n")
    return tmp_path


def run(*words):
    return CliRunner().invoke(predict, words, catch_exceptions=False).output


def test_a_line_for_each_example():
    for data in ("x.npy", "x.csv", "plain.csv"):
        assert run("model.pkl", data) == "1\n0\n"
    assert run("model.pkl", "x.csv", "--proba") == "0.25,0.75\n0,1\n"
    assert run("names.pkl", "x.csv") == '"a, b"\nc\n'
    assert run("several.pkl", "x.csv") == "0,0.5,1\n1,0,0.5\n"


def test_into_a_file(directory):
    assert run("model.pkl", "x.csv", "-o", "y.csv") == "Wrote y.csv\n"
    assert (directory / "y.csv").read_text() == "1\n0\n"
    run("model.pkl", "x.csv", "-o", "y.npy")
    assert np.load(directory / "y.npy").tolist() == [1, 0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("model.pkl", "words.csv"), "words.csv holds no array of numbers"),
        (("model.pkl", "model.pkl"), "model.pkl holds no array of numbers"),
        (("model.pkl", "gap.csv"), "gap.csv holds no array of numbers: could not convert"),
        (("model.pkl", "header.csv"), "header.csv holds no array of numbers: there is no line"),
        (("model.pkl", "row.npy"), r"does not take the examples in row.npy, of shape \(2,\)"),
        (("model.pkl", "x.csv", "-o", "no/y.csv"), "cannot write 'no/y.csv': No such file"),
        (("model.pkl", "x.csv", "-o", "no/y.npy"), "cannot write 'no/y.npy': No such file"),
        (("x.csv", "x.npy"), "x.csv is not a whole pickle"),
        (("none.pkl", "x.npy"), r"none.pkl holds a builtins.list: no predict\(\)"),
        (("several.pkl", "x.npy", "--proba"), r"no predict_proba\(\)"),
    ],
)
def test_what_cannot_be_done_is_said(words, message):
    with pytest.raises(UsageError, match=message):
        run(*words)
