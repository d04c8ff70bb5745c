"""What a user sees of an exception."""

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.expression import evaluate
from pylearn2_jobman.jobman.table.schedule import check_experiment
from pylearn2_jobman.jobman.tracebacks import tail, user_traceback


def test_frames_above_the_users_code_are_left_out(tmp_path, monkeypatch):
    (tmp_path / "broken_lab.py").write_text("def inner():\n    1 / 0\n\ninner()\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ZeroDivisionError) as error:
        check_experiment("broken_lab.run")
    # The first frame is this test's own, as it calls the scheduler.
    text = user_traceback(error.value.with_traceback(error.tb.tb_next))
    assert text.count('File "') == 2
    assert text.splitlines()[1].endswith('broken_lab.py", line 4, in <module>')
    assert text.endswith("while importing 'broken_lab' for the name 'broken_lab.run'")


def test_an_error_without_users_code_is_its_message(tmp_path):
    missing = str(tmp_path / "missing")
    with pytest.raises(FileNotFoundError) as error:
        evaluate(f"@builtins.open({missing!r})")
    text = user_traceback(error.value.with_traceback(error.tb.tb_next))
    assert text.splitlines() == [
        f"FileNotFoundError: [Errno 2] No such file or directory: {missing!r}",
        f'while computing "@builtins.open({missing!r})"',
    ]


def test_a_cause_is_shown_with_it():
    error = UsageError("second")
    error.__cause__ = KeyError("first")
    assert "KeyError: 'first'" in user_traceback(error)


def test_the_tail_is_the_last_lines():
    assert tail("1\n2\n3\n", lines=2) == "2\n3"
    assert tail("x" * 10, characters=4) == "xxxx"
