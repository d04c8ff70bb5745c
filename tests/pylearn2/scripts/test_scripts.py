"""The commands train from a file and show what came out."""

import logging
import os
import signal
import textwrap

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax
from pylearn2_jobman.pylearn2.scripts import plot_monitor, print_monitor
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD
from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.running import train_command
from pylearn2_jobman.running.epoch_bar import EpochProgress

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
def _undisturbed(monkeypatch, tmp_path, blobs):
    """A directory with the data; environment, path and logging as they were, afterwards."""
    for name in ("FILE_FULL_STEM", "DIR", "BASE_NAME", "FILE_STEM", "PHASE"):
        monkeypatch.setenv(f"PYLEARN2_TRAIN_{name}", "before")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "blobs.npz", X=blobs.X, y=blobs.y)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def run(command, *arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)


def written(path, *phases):
    text = "".join(f"- {textwrap.dedent(phase).strip()}\n" for phase in phases)
    path.write_text(text if len(phases) > 1 else phases[0])
    return path


def test_a_yaml_file_is_trained(tmp_path):
    config = written(tmp_path / "model.yaml", PHASE % {"name": "one", "nvis": 3})
    result = run(train_command.main, config)
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
    result = run(train_command.main, config)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "phases_two.pkl").exists()
    assert os.environ["PYLEARN2_TRAIN_PHASE"] == "phase2"


def test_a_time_budget_ends_training(tmp_path):
    config = written(tmp_path / "model.yaml", PHASE % {"name": "one", "nvis": 3})
    assert run(train_command.main, config, "--time-budget", 0).exit_code == 0
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
    stopped = run(train_command.main, config)
    assert stopped.exit_code == 128 + signal.SIGTERM
    assert "Stopped by SIGTERM; --resume goes on" in stopped.output
    left = sorted(path.name for path in tmp_path.glob("*checkpoint*"))
    assert left == ["model.checkpoint.json", "model.checkpoint.pt"]
    assert run(train_command.main, config, "--resume").exit_code == 0
    assert serial.load(tmp_path / "model_one.pkl").monitor.get_batches_seen() == 8
    assert not list(tmp_path.glob("*checkpoint*"))


def test_the_log_may_be_silent_or_detailed(tmp_path):
    config = written(tmp_path / "model.yaml", PHASE % {"name": "one", "nvis": 3})
    assert run(train_command.main, config, "--quiet").output == ""
    assert (
        "pylearn2_jobman.pylearn2.monitor INFO Monitoring"
        in run(train_command.main, config, "-V").output
    )


@pytest.mark.filterwarnings("default")
def test_old_names_are_noted_in_a_line_each(tmp_path):
    phase = PHASE % {"name": "one", "nvis": 3}
    config = written(tmp_path / "model.yaml", phase.replace("train.Train", "scripts.train.Train"))
    result = run(train_command.main, config)
    assert "\nnote: pylearn2.scripts.train.Train is now called pylearn2.train.Train\n" in (
        f"\n{result.stderr}"
    )


def test_what_makes_no_sense_is_refused_without_our_traceback(tmp_path):
    config = written(tmp_path / "model.yaml", PHASE % {"name": "one", "nvis": 4})
    result = run(train_command.main, config)
    assert result.exit_code == 1
    assert "VectorSpace(dim=3), but VectorSpace(dim=4) is wanted" in result.output
    assert "Traceback" not in result.output


def test_a_mistake_in_the_yaml_is_refused_with_its_place(tmp_path):
    config = written(
        tmp_path / "model.yaml", (PHASE % {"name": "one", "nvis": 3}).replace("nvis", "nvsi")
    )
    result = run(train_command.main, config)
    assert result.exit_code == 2
    assert "nvsi" in result.output


def test_ones_own_error_keeps_its_traceback(tmp_path):
    (tmp_path / "lab_of_errors.py").write_text("def make():\n    raise KeyError('mine')\n")
    config = written(tmp_path / "model.yaml", "!obj:lab_of_errors.make {}")
    with pytest.raises(KeyError, match="mine"):
        run(train_command.main, config)


def test_something_else_than_a_train_object_is_refused(tmp_path):
    config = written(tmp_path / "model.yaml", "{a: 1}")
    result = run(train_command.main, config)
    assert result.exit_code == 1
    assert "describes a dict, which has no main_loop()" in result.output


def test_an_epoch_has_a_bar_and_the_log_stands_above_it(blobs, mlp):
    console = Console(force_terminal=True, width=80)
    algorithm = SGD(learning_rate=0.1, batch_size=10, termination_criterion=EpochCounter(2))
    train_obj = Train(blobs, mlp, algorithm)
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
    with console.capture() as capture, EpochProgress(train_obj, console):
        train_obj.main_loop()
    shown = capture.get()
    assert "Time this epoch" in shown
    assert "epoch 3" in shown
    assert not logging.getLogger().handlers[0].stream.__class__.__name__.startswith("_Above")


@pytest.fixture
def saved(tmp_path, blobs):
    model = MLP(nvis=3, layers=[Softmax(layer_name="y", n_classes=2, irange=0.1)])
    algorithm = SGD(
        learning_rate=0.1,
        batch_size=10,
        monitoring_dataset={"valid": blobs},
        termination_criterion=EpochCounter(3),
    )
    Train(blobs, model, algorithm, save_path=str(tmp_path / "m.pkl"), save_freq=1).main_loop()
    return model, tmp_path / "m.pkl"


def test_the_last_records_of_a_model_are_printed(saved):
    model, path = saved
    output = run(print_monitor.main, path).output
    last = model.monitor.channels["valid_y_nll"].val_record[-1]
    assert any(line.split() == ["valid_y_nll", ":", str(last)] for line in output.splitlines())
    assert "trained for 3 epochs, 12 batches, 120 examples" in output


def test_all_records_of_several_models_are_printed(saved):
    model, path = saved
    output = run(print_monitor.main, path, path, "--all").output
    values = ", ".join(map(str, model.monitor.channels["valid_y_col_norms_max"].val_record))
    assert output.count(values) == 2
    assert output.count(f"{path}\n") == 2


def test_channels_are_plotted(saved, tmp_path):
    pytest.importorskip("matplotlib")
    _, path = saved
    result = run(
        plot_monitor.main, path, "-c", "*_nll", "-o", tmp_path / "p.png", "-x", "batch", "--log"
    )
    assert result.exit_code == 0, result.output
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_a_channel_that_is_not_there_is_refused(saved, tmp_path):
    pytest.importorskip("matplotlib")
    _, path = saved
    result = run(plot_monitor.main, path, "-c", "valid_y_nl", "-o", tmp_path / "p.png")
    assert result.exit_code == 2
    assert "did you mean 'valid_y_nll'" in result.output


def test_what_is_no_trained_model_is_refused(tmp_path, mlp):
    serial.save(tmp_path / "untrained.pkl", mlp)
    result = run(print_monitor.main, tmp_path / "untrained.pkl")
    assert result.exit_code == 1
    assert "a MLP that was never trained" in result.output
    (tmp_path / "text.pkl").write_text("not a pickle")
    assert "not a whole pickle" in run(print_monitor.main, tmp_path / "text.pkl").output
