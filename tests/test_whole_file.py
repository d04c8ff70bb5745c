"""Text is UTF-8, with or without a byte-order mark, wherever it is read."""

import numpy as np
import pytest

from pylearn2_jobman.errors import ConfigError, UsageError
from pylearn2_jobman.jobman.files.records import read_records
from pylearn2_jobman.jobman.parameters.conf import read_conf
from pylearn2_jobman.jobman.parameters.parsers import filemerge
from pylearn2_jobman.pylearn2.config.yaml_parse import load_path
from pylearn2_jobman.pylearn2.datasets.csv_dataset import CSVDataset

MARK = b"\xef\xbb\xbf"
CSV = "epoch,batch,example,seconds,é\n"


def csv(path):
    dataset = CSVDataset(path=str(path), expect_labels=False, expect_headers=True)
    return dataset.source("features")[1].numpy().tolist()


READERS = {
    "parameters": (filemerge, str, "a = 1\r\nb = 'é'\n", {"a": 1, "b": "é"}),
    "state": (read_conf, None, "a = 1\nb = 'é'\n", {"a": 1, "b": "é"}),
    "yaml": (load_path, None, "a: 1\nb: é\n", {"a": 1, "b": "é"}),
    "records": (read_records, None, CSV, {name: [] for name in CSV.strip().split(",")}),
    "dataset": (csv, None, "a,é\n1,2\n", [[1.0, 2.0]]),
}


@pytest.mark.parametrize("name", READERS)
def test_a_text_is_read_with_a_mark_and_without(tmp_path, name):
    read, convert, text, expected = READERS[name]
    for number, mark in enumerate((b"", MARK)):
        path = tmp_path / f"{number}.conf"
        path.write_bytes(mark + text.encode())
        assert read(convert(path) if convert else path) == expected


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("latin-1", r"x\.conf, line [12]: the byte 0xe9 is not UTF-8"),
        ("utf-16", r"x\.conf, line 1: the text is UTF-16: save it as UTF-8"),
        ("utf-16-le", r"x\.conf, line 1: "),
    ],
)
def test_another_encoding_is_an_error_with_the_files_name_and_the_line(
    tmp_path, name, encoding, message
):
    read, convert, text, _ = READERS[name]
    path = tmp_path / "x.conf"
    path.write_bytes(text.encode(encoding))
    if (name, encoding) == ("dataset", "utf-16-le"):  # NumPy is the one who reads it
        message = r"x\.conf"
    with pytest.raises((UsageError, ConfigError, ValueError), match=message):
        read(convert(path) if convert else path)


def test_a_mark_in_a_key_is_a_part_of_it(tmp_path):
    from pylearn2_jobman.jobman.parameters.conf import write_conf

    write_conf(tmp_path / "x.conf", {"\ufeffa": 1, "b\0": 2})
    assert read_conf(tmp_path / "x.conf") == {"\ufeffa": 1, "b\0": 2}


def test_numbers_are_what_they_were(tmp_path):
    np.savetxt(tmp_path / "x.csv", [[1.5, 2.5]], delimiter=",", header="a,b", comments="")
    assert csv(tmp_path / "x.csv") == [[1.5, 2.5]]
