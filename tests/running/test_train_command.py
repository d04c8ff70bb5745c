"""The command pylearn2-train trains what a file describes."""

import logging
import os
import signal
import textwrap

import numpy as np
import pytest
from click.testing import CliRunner

from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.running import train_command

PHASE = """
    !obj:pylearn2.train.Train {
        dataset: &data !obj:pylearn2.datasets.npy_npz.NpzDataset {
            file: 'blobs.npz', key: X, target_key: y },
        model: !obj:pylearn2.models.softmax_regression.SoftmaxRegression {
            nvis: %(nvis)d, n_classes: 2, irange: 0.1 },
        algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {
            learning_rate: 0.1, batch_size: 10, monitoring_dataset: *data,
            termination_criterion: !obj:pylearn2.termination_criteria.EpochCounter {
                max_epochs: 2 } },
        save_path: '${PYLEARN2_TRAIN_FILE_STEM}_%(name)s.pkl',
        save_freq: 1
    }
"""


@pytest.fixture(autouse=True)
def _undisturbed(monkeypatch, tmp_path):
    """A directory with the data; environment, path and logging as they were, afterwards."""
    for name in ("FILE_FULL_STEM", "DIR", "BASE_NAME", "FILE_STEM", "PHASE"):
        monkeypatch.setenv(f"PYLEARN2_TRAIN_{name}", "before")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    labels = np.arange(40) % 2
    X = np.random.RandomState(0).randn(40, 3) + 3 * labels[:, None]
    np.savez(tmp_path / "blobs.npz", X=X, y=np.eye(2)[labels])
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def run(*arguments):
    return CliRunner().invoke(
        train_command.main, [str(a) for a in arguments], catch_exceptions=False
    )


def written(path, *phases):
    text = "".join(f"- {textwrap.dedent(phase).strip()}\n" for phase in phases)
    path.write_text(text if len(phases) > 1 else phases[0])
    return path


def test_a_yaml_file_is_trained(tmp_path):
    config = written(tmp_path / "model.yaml", PHASE % {"name": "one", "nvis": 3})
    result = run(config)
    assert result.exit_code == 0, result.output
    assert result.output.count("Monitoring step:") == 3
    assert "\ty_nll: " in result.output
    assert serial.load(tmp_path / "model_one.pkl").monitor.get_epochs_seen() == 2
    assert os.environ["PYLEARN2_TRAIN_FILE_STEM"] == "model"
    assert os.environ["PYLEARN2_TRAIN_PHASE"] == "phase1"


def test_a_list_is_phases_one_after_the_other(tmp_path):
    one, two = (PHASE % {"name": name, "nvis": 3} for name in ("one", "two"))
    config = written(
        tmp_path / "phases.yaml", one, two.replace("&data", "&more").replace("*data", "*more")
    )
    result = run(config)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "phases_two.pkl").exists()
    assert os.environ["PYLEARN2_TRAIN_PHASE"] == "phase2"


def test_a_time_budget_ends_training(tmp_path):
    config = written(tmp_path / "model.yaml", PHASE % {"name": "one", "nvis": 3})
    assert run(config, "--time-budget", 0).exit_code == 0
    assert serial.load(tmp_path / "model_one.pkl").monitor.get_epochs_seen() == 0


STOPPING = """
import signal

def stop(algorithm):
    if algorithm.monitor.get_batches_seen() == 6:
        signal.raise_signal(signal.SIGTERM)
"""


def test_a_training_that_was_stopped_leaves_a_checkpoint_until_it_is_done(tmp_path):
    (tmp_path / "lab_of_stopping.py").write_text(STOPPING)
    phase = (PHASE % {"name": "one", "nvis": 3}).replace(
        "batch_size: 10,", "batch_size: 10, update_callbacks: !import lab_of_stopping.stop,"
    )
    config = written(tmp_path / "model.yaml", phase)
    stopped = run(config)
    assert stopped.exit_code == 128 + signal.SIGTERM
    assert "Stopped by SIGTERM; resume it with --resume." in stopped.output
    left = sorted(path.name for path in tmp_path.glob("*checkpoint*"))
    assert left == ["model.checkpoint.json", "model.checkpoint.pt"]
    assert run(config, "--resume").exit_code == 0
    assert serial.load(tmp_path / "model_one.pkl").monitor.get_batches_seen() == 8
    assert not list(tmp_path.glob("*checkpoint*"))


def test_the_log_may_be_silent_or_detailed(tmp_path):
    config = written(tmp_path / "model.yaml", PHASE % {"name": "one", "nvis": 3})
    assert run(config, "--quiet").output == ""
    assert "pylearn2_jobman.pylearn2.monitor INFO Monitoring" in run(config, "-V").output


@pytest.mark.filterwarnings("default")
def test_old_names_are_noted_in_a_line_each(tmp_path):
    phase = PHASE % {"name": "one", "nvis": 3}
    config = written(tmp_path / "model.yaml", phase.replace("train.Train", "scripts.train.Train"))
    result = run(config)
    assert "\nnote: pylearn2.scripts.train.Train is now called pylearn2.train.Train\n" in (
        f"\n{result.stderr}"
    )


def test_what_makes_no_sense_is_refused_without_our_traceback(tmp_path):
    config = written(tmp_path / "model.yaml", PHASE % {"name": "one", "nvis": 4})
    result = run(config)
    assert result.exit_code == 1
    assert "VectorSpace(dim=3), but VectorSpace(dim=4) is wanted" in result.output
    assert "Traceback" not in result.output


def test_a_mistake_in_the_yaml_is_refused_with_its_place(tmp_path):
    config = written(
        tmp_path / "model.yaml", (PHASE % {"name": "one", "nvis": 3}).replace("nvis", "nvsi")
    )
    result = run(config)
    assert result.exit_code == 2
    assert "nvsi" in result.output


def test_ones_own_error_keeps_its_traceback(tmp_path):
    (tmp_path / "lab_of_errors.py").write_text("def make():\n    raise KeyError('mine')\n")
    config = written(tmp_path / "model.yaml", "!obj:lab_of_errors.make {}")
    with pytest.raises(KeyError, match="mine"):
        run(config)


def test_something_else_than_a_train_object_is_refused(tmp_path):
    config = written(tmp_path / "model.yaml", "{a: 1}")
    result = run(config)
    assert result.exit_code == 1
    assert "describes a dict, which has no main_loop()" in result.output


def test_a_file_is_trained_from_python(tmp_path):
    (tmp_path / "t.yaml").write_text(PHASE % {"nvis": 3, "name": "one"})
    train_command.train("t.yaml", time_budget=60.0)
    assert serial.load("t_one.pkl").monitor.get_epochs_seen() == 2
