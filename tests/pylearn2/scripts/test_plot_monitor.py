"""The monitoring channels of saved models are plotted."""

import pytest
from click.testing import CliRunner

from pylearn2_jobman.pylearn2.scripts import plot_monitor


def run(*arguments):
    return CliRunner().invoke(
        plot_monitor.main, [str(a) for a in arguments], catch_exceptions=False
    )


def test_channels_are_plotted(saved, tmp_path):
    pytest.importorskip("matplotlib")
    _, path = saved
    result = run(path, "-c", "*_nll", "-o", tmp_path / "p.png", "-x", "batch", "--log")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_a_channel_that_is_not_there_is_refused(saved, tmp_path):
    pytest.importorskip("matplotlib")
    _, path = saved
    result = run(path, "-c", "valid_y_nl", "-o", tmp_path / "p.png")
    assert result.exit_code == 2
    assert "did you mean 'valid_y_nll'" in result.output
