"""What `report` records, and refuses to."""

import csv
import math
import multiprocessing
import os
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from pylearn2_jobman import reports
from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.record_file import FILE
from pylearn2_jobman.reports import report


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    """Let reports go to a directory of the test's own, as those of a job do."""
    monkeypatch.chdir(tmp_path)
    with reports.reporting(tmp_path):
        yield tmp_path


def again(directory):
    """Begin as a new process of the job does."""
    reports.flush()
    reports._current = reports.Reports(directory)


def rows():
    reports.flush()
    with Path(FILE).open(newline="") as file:
        return list(csv.DictReader(file))


def column(name):
    return [row[name] for row in rows()]


def test_a_report_is_a_row_of_the_file_that_everybody_reads():
    report(epoch=0, batch=10, example=500, seconds=1.5, valid_nll=0.25)
    report(epoch=1, valid_nll=math.inf, other=math.nan)
    assert Path(FILE).read_text().splitlines()[0] == "epoch,batch,example,seconds,valid_nll,other"
    first, second = rows()
    assert first == {
        "epoch": "0", "batch": "10", "example": "500", "seconds": "1.5", "valid_nll": "0.25",
        "other": "",
    }  # fmt: skip
    assert (second["batch"], second["valid_nll"], second["other"]) == ("", "inf", "nan")
    assert float(second["seconds"]) >= 0


def test_a_step_is_a_batch_and_without_any_reports_are_counted():
    report(step=5, loss=1.0)
    report(loss=2.0)
    assert column("batch") == ["5", "6"]


@pytest.mark.parametrize(
    "value",
    [2, 2.0, True + 1, np.float32(2), np.int8(2), np.array(2), torch.tensor(2), Fraction(2),
     torch.tensor(2.0, requires_grad=True), np.float64(2)],
)  # fmt: skip
def test_what_is_one_number_is_recorded_as_that(value):
    report(epoch=value, nll=value)
    assert [float(cell) for cell in (*column("epoch"), *column("nll"))] == [2, 2]


@pytest.mark.parametrize(
    ("value", "kind"),
    [("0.2", "str"), (b"2", "bytes"), (None, "NoneType"), ([2], "list"), (2j, "complex"),
     (np.zeros(2), r"numpy.ndarray of shape \(2,\)"), (torch.zeros(2, 1), r"of shape \(2, 1\)"),
     (10**400, "int"), (np.datetime64("2026-01-01"), "datetime64"), (object(), "object")],
)  # fmt: skip
def test_what_is_no_number_is_refused_by_its_name_and_nothing_is_recorded(value, kind):
    with pytest.raises(UsageError, match=rf"report\(valid_nll=.*that is not one number.*{kind}"):
        report(epoch=1, valid_nll=value)
    report(epoch=1, valid_nll=0.5)
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [({}, "nothing to record"), ({"epoch": math.nan}, "epoch=nan"), ({"step": math.inf}, "batch"),
     ({"step": 1, "batch": 1}, "two names"), ({"": 1}, "printable"), ({"a\nb": 1}, "printable"),
     ({"x" * 201: 1}, "printable"), ({"\ud800": 1}, "printable")],
)  # fmt: skip
def test_a_report_that_cannot_be_meant_is_refused(values, message):
    with pytest.raises(UsageError, match=message):
        report(**values)
    assert not Path(FILE).exists()


def test_channels_whose_names_are_numbered_are_refused_at_last():
    with pytest.raises(UsageError, match="more than 1000 channels"):
        report(**{f"loss_of_step_{i}": 1 for i in range(1001)})


def test_the_records_of_an_attempt_that_is_gone_back_before_are_replaced(directory):
    for epoch in range(5):
        report(epoch=epoch, train=0)
        report(epoch=epoch, valid=0)
    with Path(FILE).open("a") as file:
        file.write("5,,,1")  # as one that was killed left it
    again(directory)
    report(epoch=3, train=1)
    assert column("epoch") == ["0", "0", "1", "1", "2", "2", "3"]
    seconds = [float(cell) for cell in column("seconds")]
    assert seconds == sorted(seconds)
    again(directory)
    report(epoch=0, train=2)
    assert column("epoch") == ["0"]


def test_reports_that_are_counted_begin_anew_unless_the_training_goes_on(directory):
    report(loss=3)
    report(loss=2)
    again(directory)
    reports.go_on()
    report(loss=1)
    assert column("batch") == ["1", "2", "3"]
    again(directory)
    report(loss=4)
    assert column("loss") == ["4"]


def test_a_directory_that_is_gone_ends_no_training(directory, monkeypatch, caplog):
    reports._current = reports.Reports(directory / "gone")
    report(epoch=1, loss=1)
    reports.flush()
    assert caplog.text.count("reports cannot be written now") == 1
    (directory / "gone").mkdir()
    reports.flush()
    assert "1,,," in (directory / "gone" / FILE).read_text()


def test_many_threads_lose_no_report():
    def work(number):
        for step in range(500):
            report(**{f"of thread {number}": step})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table = rows()
    assert len(table) == 2000
    for number in range(4):
        told = [int(row[f"of thread {number}"]) for row in table if row[f"of thread {number}"]]
        assert told == list(range(500))


def test_what_waits_is_written_once_though_a_process_is_forked_meanwhile(monkeypatch):
    monkeypatch.setattr(reports, "_AT_ONCE", 0)
    monkeypatch.setattr(reports, "_A_SECOND", 0)
    reports._current = reports.Reports(Path.cwd())
    report(epoch=0, loss=1)
    assert not Path(FILE).exists()
    if (child := os.fork()) == 0:
        reports.flush()
        report(epoch=1, loss=2)
        reports.flush()
        os._exit(0)
    os.waitpid(child, 0)
    assert column("epoch") == ["1", "0"]


def test_a_process_of_the_experiment_writes_at_its_end_what_waits():
    report(epoch=0, loss=1)
    process = multiprocessing.get_context("fork").Process(target=_report_often)
    process.start()
    process.join()
    assert column("loss")[-1] == "99"


def _report_often():
    for i in range(100):
        report(epoch=i, loss=i)


def test_another_process_may_have_added_a_column():
    report(epoch=0, a=1)
    script = "import pylearn2_jobman; pylearn2_jobman.report(epoch=1, b=2)"
    subprocess.run([sys.executable, "-c", script], check=True)
    report(epoch=2, a=3)
    assert [(row["epoch"], row["a"], row["b"]) for row in rows()] == [
        ("0", "1", ""), ("1", "", "2"), ("2", "3", ""),
    ]  # fmt: skip


def test_a_file_of_something_else_is_named_and_stays():
    Path(FILE).write_text("time,price\n1,2\n")
    with pytest.raises(UsageError, match=r"monitor\.csv does not hold monitor records"):
        report(epoch=1, nll=2)
    assert Path(FILE).read_text() == "time,price\n1,2\n"


def test_a_file_that_becomes_something_else_ends_no_training(caplog):
    report(epoch=0, nll=1)
    Path(FILE).write_text("time,price\n1,2\n")
    report(epoch=1, nll=2)
    reports.flush()
    assert "does not hold monitor records" in caplog.text
    Path(FILE).unlink()
    assert column("epoch") == ["1"]


def test_a_full_disk_ends_no_training_and_loses_no_report(monkeypatch, caplog):
    report(epoch=0, nll=1)
    before = Path(FILE).read_bytes()
    real = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda fd, data: real(fd, data[:3]))
        report(epoch=1, nll=2)
        report(epoch=2, nll=3)
    assert Path(FILE).read_bytes() == before
    assert caplog.text.count("reports cannot be written now") == 1
    assert column("epoch") == ["0", "1", "2"]


def test_event_files_have_the_reports_too(directory, monkeypatch):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    monkeypatch.setenv("JOBMAN_TENSORBOARD", "1")
    again(directory)
    for epoch in range(3):
        report(epoch=epoch, nll=epoch / 2)
    reports.flush()
    scalars = accumulator.EventAccumulator("tensorboard").Reload().Scalars("nll")
    assert [(event.step, event.value) for event in scalars] == [(0, 0), (1, 0.5), (2, 1)]
