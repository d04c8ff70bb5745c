"""Reading the monitor records in a job's directory."""

import math
from pathlib import Path

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.files.records import FILE, read_records

HEADER = "epoch,batch,example,seconds,train_nll,valid_nll\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / FILE


def test_every_column_has_a_number_for_every_record(file: Path) -> None:
    file.write_text(HEADER + "0,0,0,0.01,2.3,2.31\n1,20,1000,0.5,nan,1e-05\n")
    records = read_records(file.parent)
    assert list(records) == ["epoch", "batch", "example", "seconds", "train_nll", "valid_nll"]
    assert records["example"] == [0, 1000]
    assert records["valid_nll"] == [2.31, 1e-05]
    assert math.isnan(records["train_nll"][1])


def test_a_channel_that_came_later_is_nan_before(file: Path) -> None:
    file.write_text(HEADER + "0,0,0,0.01,2.3,\n1,20,1000,0.5,1.0,1.5\n")
    assert math.isnan(read_records(file)["valid_nll"][0])


@pytest.mark.parametrize("begun", ["2,40", "2,40,2000,0.9,1.0,1.", "2,40,2000,0.9,1.0,1.25"])
def test_a_line_that_is_being_written_is_left_out(file: Path, begun: str) -> None:
    file.write_text(HEADER + "0,0,0,0.01,2.3,2.4\n" + begun)
    assert read_records(file)["epoch"] == [0]


@pytest.mark.parametrize("text", ["", "epoch,ba"])
def test_a_file_that_is_just_begun_has_no_records(file: Path, text: str) -> None:
    file.write_text(text)
    assert read_records(file) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "first line should begin with epoch,batch,example,seconds, not 'a,b'"),
        (HEADER + "0,0,0,0.01,2.3\n", "line 2: .*damaged"),
        (HEADER + "0,0,0,0.01,2.3,2.4\n1,0,0,x,2.3,2.4\n", "line 3: .*'x'; the file is damaged"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_records(file)


def test_a_directory_without_records_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no monitor records: no file '.*monitor\.csv'"):
        read_records(tmp_path)
