"""The monitoring channels of saved models are printed."""

from click.testing import CliRunner

from pylearn2_jobman.pylearn2.scripts import print_monitor
from pylearn2_jobman.pylearn2.utils import serial


def run(*arguments):
    return CliRunner().invoke(
        print_monitor.main, [str(a) for a in arguments], catch_exceptions=False
    )


def test_the_last_records_of_a_model_are_printed(saved):
    model, path = saved
    output = run(path).output
    last = model.monitor.channels["valid_y_nll"].val_record[-1]
    assert any(line.split() == ["valid_y_nll", ":", str(last)] for line in output.splitlines())
    assert "trained for 3 epochs, 12 batches, 120 examples" in output


def test_all_records_of_several_models_are_printed(saved):
    model, path = saved
    output = run(path, path, "--all").output
    values = ", ".join(map(str, model.monitor.channels["valid_y_col_norms_max"].val_record))
    assert output.count(values) == 2
    assert output.count(f"{path}\n") == 2


def test_what_is_no_trained_model_is_refused(tmp_path, mlp):
    serial.save(tmp_path / "untrained.pkl", mlp)
    result = run(tmp_path / "untrained.pkl")
    assert result.exit_code == 1
    assert "a MLP that was never trained" in result.output
    (tmp_path / "text.pkl").write_text("not a pickle")
    assert "not a whole pickle" in run(tmp_path / "text.pkl").output
