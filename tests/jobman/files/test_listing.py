"""A job's files are shown, and nothing else on the machine is."""

import os

import pytest

from pylearn2_jobman.jobman.files.listing import TAIL_BYTES, JobFiles


@pytest.fixture
def files(tmp_path):
    (tmp_path / "secret").write_text("of somebody else")
    directory = tmp_path / "job"
    (directory / "models").mkdir(parents=True)
    (directory / "stdout").write_text("hello\n")
    (directory / "models" / "best.pkl").write_bytes(b"\x80")
    (directory / ".lock.no_sync").touch()
    (directory / "link").symlink_to(tmp_path / "secret")
    (directory / "way").symlink_to(tmp_path)
    os.mkfifo(directory / "pipe")
    return JobFiles(directory)


def test_regular_files_are_listed_with_their_sizes(files):
    assert [(file.name, file.size) for file in files.listing()] == [
        ("models/best.pkl", 1),
        ("stdout", 6),
    ]


def test_a_listed_file_opens(files):
    with files.open("models/best.pkl") as file:
        assert file.read() == b"\x80"


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "models/../../secret",
        "/etc/passwd",
        "//etc/passwd",
        "link",
        "way/secret",
        "models",
        "models/",
        "pipe",
        "stdout/x",
        "absent",
        "",
        ".",
        "a\0b",
    ],
)
def test_no_name_leads_out_of_the_directory(files, name):
    with pytest.raises(FileNotFoundError):
        files.open(name)
    assert files.tail(name) == ""


def test_the_tail_of_a_long_file_begins_with_a_whole_line(files):
    lines = [f"line {number}" for number in range(20_000)]
    (files.path / "stdout").write_text("\n".join(lines))
    tail = files.tail("stdout").split("\n")
    assert tail == lines[-len(tail) :]
    assert TAIL_BYTES - 20 < len("\n".join(tail)) <= TAIL_BYTES


def test_bytes_that_are_no_text_do_not_hide_the_rest(files):
    (files.path / "stderr").write_bytes(b"caf\xe9 <b>\n")
    assert files.tail("stderr") == "caf\N{REPLACEMENT CHARACTER} <b>\n"
