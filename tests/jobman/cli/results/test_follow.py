"""What ``jobman show --follow`` prints of a job's output, wherever that comes from meanwhile."""

from types import SimpleNamespace

import pytest

from pylearn2_jobman.jobman.cli.results import follow as module
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.status import Status


def followed(outputs, lines, capsys):
    """Return the lines of output that are printed of these, one after the other."""
    views = [
        SimpleNamespace(
            job=SimpleNamespace(id=1, status=Status.RUNNING, state={}),
            live=Live(),
            output=lambda output=output: output,
        )
        for output in outputs
    ]
    views[-1].job.status = Status.DONE
    module.follow(iter(views).__next__, lines)
    return [line for line in capsys.readouterr().out.split("\n") if line and "job 1" not in line]


@pytest.mark.parametrize(
    "outputs",
    [
        [{"output": "a\nb\nc"}, {}, {"output": "b\nc\nd"}],
        [{"stdout": "a\nb\nc\n", "stderr": ""}, {"output": "b\nc\nd"}],
        [{"output": "b\nc"}, {"stdout": "a\nb\nc\nd\n", "stderr": ""}],
    ],
    ids=["the end of it", "its directory goes", "its directory comes"],
)
def test_a_line_is_printed_once(outputs, capsys, monkeypatch):
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0)
    printed = followed(outputs, 3, capsys)
    assert printed == sorted(set(printed))
    assert printed[-3:] == ["b", "c", "d"]


@pytest.mark.parametrize(("lines", "first"), [(0, 15), (4, 11), (20, 0)])
def test_of_what_was_printed_before_some_lines_are_shown(lines, first, capsys):
    text = "".join(f"{i}\n" for i in range(15))
    assert followed([{"stdout": text}], lines, capsys) == [str(i) for i in range(first, 15)]
