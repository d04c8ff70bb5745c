"""How a worker's jobs are shown."""

import io

import pytest
from rich.console import Console

from pylearn2_jobman.jobman.cli.display import LineDisplay, TerminalDisplay
from pylearn2_jobman.jobman.formatting import duration, shorten
from pylearn2_jobman.jobman.status import Status

COUNTS = dict.fromkeys(Status, 0) | {Status.START: 5, Status.RUNNING: 1, Status.DONE: 4}


@pytest.fixture
def terminal():
    return TerminalDisplay(Console(file=io.StringIO(), width=100))


def drawn(display):
    console = Console(file=io.StringIO(), width=100)
    console.print(display.render())
    return console.file.getvalue()


def test_a_line_says_how_a_job_ended_and_which_it_was(capsys):
    display = LineDisplay()
    display.started(3, {"hyper_parameters.lr": 0.1, "model.seed": 1, "data.seed": 2})
    display.message(3, "epoch 1")
    display.ended(3, Status.DONE, 61.0, None)
    line = capsys.readouterr().out
    assert line.endswith("job 3 DONE after 1 min 01 s  lr=0.1 model.seed=1 data.seed=2\n")


def test_a_failed_job_says_why(capsys):
    display = LineDisplay()
    display.ended(
        3,
        Status.ERR_RUN,
        1.0,
        "Traceback (most recent call last):\n  File x\nValueError: no\n  a note",
    )
    assert capsys.readouterr().out.splitlines()[1].strip() == "ValueError: no"


@pytest.mark.parametrize(
    ("status", "words"), [(None, "another worker has it"), (Status.START, "back in the table")]
)
def test_other_ends_are_named(capsys, status, words):
    LineDisplay().ended(3, status, 1.0, None)
    assert words in capsys.readouterr().out


def test_the_terminal_shows_counts_and_running_jobs(terminal):
    terminal.counts(COUNTS)
    terminal.started(7, {"hyper_parameters.lr": 0.1, "text": "[red]not markup[/red]"})
    terminal.message(7, "epoch 3 valid_nll 0.31")
    text = drawn(terminal)
    assert "4 of 10 jobs, 5 START, 1 RUNNING" in text
    assert "lr=0.1 text=[red]not markup[/red]" in text
    assert "epoch 3 valid_nll 0.31" in text


def test_the_terminal_tells_the_rate_and_what_is_left(terminal):
    terminal.counts(COUNTS)
    terminal.started(7, {})
    terminal.ended(7, Status.DONE, 1.0, None)
    text = drawn(terminal)
    assert "a minute" in text
    assert "left" in text
    assert "running for" not in text


def test_a_failure_leaves_a_line_above_the_display(terminal):
    terminal.started(7, {"x": 1})
    terminal.ended(7, Status.ERR_RUN, 1.0, "ValueError: [bold]no")
    assert "job 7 ERR_RUN" in terminal.console.file.getvalue()
    assert "ValueError: [bold]no" in terminal.console.file.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.24, "4.2 s"), (59.4, "59.4 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_durations_are_written_as_people_do(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("a\n  b", "a b"), (0.1, "0.1"), ([1, 2], "[1, 2]"), ("x" * 50, "x" * 37 + "...")],
)
def test_values_are_shortened_to_a_line(value, text):
    assert shorten(value) == text
