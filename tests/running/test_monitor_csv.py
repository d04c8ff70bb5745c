"""The records of a monitor as a table."""

import csv
import types

import pytest

from pylearn2_jobman.pylearn2.monitor import MonitorChannel
from pylearn2_jobman.running.monitor_csv import MonitorCsv


@pytest.fixture
def monitor():
    return types.SimpleNamespace(channels={})


def record(monitor, epoch, **values):
    for name, value in values.items():
        channel = monitor.channels.setdefault(name, MonitorChannel(name))
        channel.val_record.append(value)
        channel.epoch_record.append(epoch)
        channel.batch_record.append(10 * epoch)
        channel.example_record.append(100 * epoch)
        channel.time_record.append(epoch + 0.5)


def test_each_record_is_a_row(monitor, tmp_path):
    table = MonitorCsv(tmp_path / "monitor.csv")
    for epoch in range(3):
        record(monitor, epoch, objective=1 / (3 + epoch), other=float("nan"))
        table(monitor)
    assert table.path.read_text() == (
        "epoch,batch,example,seconds,objective,other\n"
        "0,0,0,0.5,0.3333333333333333,nan\n"
        "1,10,100,1.5,0.25,nan\n"
        "2,20,200,2.5,0.2,nan\n"
    )


def test_a_channel_that_appears_later_has_empty_cells_before(monitor, tmp_path):
    table = MonitorCsv(tmp_path / "monitor.csv")
    record(monitor, 0, a=1.0)
    table(monitor)
    record(monitor, 1, a=2.0, b=5.0)
    table(monitor)
    record(monitor, 2, a=3.0, b=6.0)
    table(monitor)
    with table.path.open(newline="") as file:
        assert [(row["a"], row["b"]) for row in csv.DictReader(file)] == [
            ("1.0", ""), ("2.0", "5.0"), ("3.0", "6.0"),
        ]  # fmt: skip


def test_what_is_there_from_before_is_replaced_by_all_records(monitor, tmp_path):
    path = tmp_path / "monitor.csv"
    path.write_text("something else")
    record(monitor, 0, a=1.0)
    record(monitor, 1, a=2.0)
    MonitorCsv(path)(monitor)
    assert [line.split(",")[0] for line in path.read_text().splitlines()] == ["epoch", "0", "1"]


def test_a_name_with_a_comma_is_one_column(monitor, tmp_path):
    record(monitor, 0, **{"a,b": 1.0})
    table = MonitorCsv(tmp_path / "monitor.csv")
    table(monitor)
    with table.path.open(newline="") as file:
        assert next(csv.DictReader(file))["a,b"] == "1.0"


def test_without_channels_there_is_no_file(monitor, tmp_path):
    table = MonitorCsv(tmp_path / "monitor.csv")
    table(monitor)
    table.rename("other.csv")
    assert list(tmp_path.iterdir()) == []
