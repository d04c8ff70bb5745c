"""What a worker shows of a job, by what that leaves in its directory."""

import os
from pathlib import Path

import pytest

from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.worker import live_row
from pylearn2_jobman.jobman.worker.live_row import LiveRow
from pylearn2_jobman.record_file import FILE, RecordFile


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def row(tmp_path: Path, shown: list[str], monkeypatch: pytest.MonkeyPatch) -> LiveRow:
    monkeypatch.setattr(live_row, "_LOOK_SECONDS", 0)
    return LiveRow(tmp_path, shown.append)


def now(row: LiveRow) -> Live:
    with row.writing() as text:
        return Live.parse(text)


def test_records_are_followed_while_the_file_grows_and_gets_columns(
    tmp_path: Path, row: LiveRow
) -> None:
    assert now(row).curves == {}
    file = RecordFile(tmp_path / FILE)
    file.add([{"epoch": 0, "a": 0.5}])
    assert now(row).curves == {"a": [(0, 0.5)]}
    file.add([{"epoch": 1, "a": 0.25}])
    file.add([{"epoch": 2, "b": 3}])
    assert now(row).curves == {"a": [(0, 0.5), (1, 0.25)], "b": [(2, 3)]}
    file.keep_before("epoch", 1)
    assert now(row).curves == {"a": [(0, 0.5)]}


def test_a_row_of_garbage_costs_itself_alone(tmp_path: Path, row: LiveRow) -> None:
    (tmp_path / FILE).write_text(
        "epoch,batch,example,seconds,a\n0,,,,1\n1,,,,x\n2,,,\n\n3,,,,2\n", encoding="utf-8"
    )
    assert now(row).curves == {"a": [(0, 1), (3, 2)]}


def test_a_row_that_stands_in_the_table_is_not_written_again(tmp_path: Path, row: LiveRow) -> None:
    with row.writing() as text:
        assert text is not None
    with row.writing() as text:
        assert text is None
    (tmp_path / "stdout").write_text("a word\n")
    with pytest.raises(ConnectionError), row.writing() as text:
        raise ConnectionError
    assert now(row).output == "a word"


def test_the_output_that_was_written_last_is_shown_as_a_terminal_would(
    tmp_path: Path, row: LiveRow
) -> None:
    (tmp_path / "stdout").write_text("begun\n")
    os.utime(tmp_path / "stdout", (1, 1))
    (tmp_path / "stderr").write_text("loading\r\n 10%\r 50%\r 90%\r")
    assert now(row).output == "loading\n 90%"
    for name in ("stdout", "stderr"):
        (tmp_path / name).unlink()
    row.say("elsewhere")
    assert now(row).output == "loading\n 90%"


def test_the_display_is_told_how_far_a_job_is_that_says_nothing_itself(
    tmp_path: Path, row: LiveRow, shown: list[str]
) -> None:
    file = RecordFile(tmp_path / FILE)
    row.look(os.getpid())
    file.add([{"epoch": 3, "valid_nll": 0.25}])
    row.look(os.getpid())
    row.look(os.getpid())
    assert shown == ["epoch 3, valid_nll 0.25"]
    row.say("nearly there")
    file.add([{"epoch": 4, "valid_nll": 0.2}])
    row.look(os.getpid())
    assert len(shown) == 1
    live = now(row)
    assert live.message == "nearly there"
    assert live.memory is None or live.memory > 2**20


@pytest.mark.parametrize(
    "content",
    [b"", b"time,price\n1,2\n", b"\xff\xfe\n", b"epoch,batch,example,seconds,a\n1,2\n", b"x" * 99,
     b"epoch,batch,example,seconds,a\n1,,,,cat\n", b"\0" * 30 + b"\n", b'"\n"\n'],
)  # fmt: skip
def test_whatever_an_experiment_puts_there_stops_nothing(
    tmp_path: Path, row: LiveRow, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(live_row, "_AT_ONCE", 64)
    (tmp_path / FILE).write_bytes(content * 2)
    for _ in range(3):
        assert now(row).curves == {}
    (tmp_path / FILE).unlink()
    RecordFile(tmp_path / FILE).add([{"epoch": 1, "a": 2}])
    assert now(row).curves == {"a": [(1, 2)]}


def test_a_pipe_or_a_link_is_not_read(tmp_path: Path, row: LiveRow) -> None:
    os.mkfifo(tmp_path / FILE)
    (tmp_path / "stdout").symlink_to("/etc/passwd")
    assert (now(row).curves, now(row).output) == ({}, "")
