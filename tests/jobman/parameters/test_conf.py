"""States written to .conf files read back equal, and damage is noticed."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.conf import format_conf, read_conf, write_conf
from pylearn2_jobman.jobman.parameters.parsers import filemerge

scalars = (
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=20)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.integers() | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.text(min_size=1, max_size=15)


@settings(deadline=None)  # a disk takes the time it takes
@given(st.dictionaries(keys, values, max_size=5))
def test_every_value_reads_back_equal(tmp_path_factory, flat):
    path = tmp_path_factory.mktemp("conf") / "current.conf"
    write_conf(path, flat)
    if flat:
        assert repr(sorted(read_conf(path).items())) == repr(sorted(flat.items()))


@settings(deadline=None)  # a disk takes the time it takes
@given(st.dictionaries(keys, values, max_size=3))
def test_a_written_file_can_be_given_as_parameters(tmp_path_factory, flat):
    path = tmp_path_factory.mktemp("conf") / "orig.conf"
    write_conf(path, flat)
    assert repr(sorted(filemerge(str(path)).items())) == repr(sorted(flat.items()))


def test_lines_are_sorted_and_readable():
    flat = {"b": "it's # x", "a.lr": 1e-4, "c": math.inf, "d e": "two\nlines"}
    assert format_conf(flat) == ("a.lr = 0.0001\nb = \"it's # x\"\nc = inf\nd e = 'two\\nlines'\n")


def test_a_file_of_lisas_jobman_is_read(tmp_path):
    path = tmp_path / "current.conf"
    path.write_text("s = u'text'\nbig = 10L\nst = set([1, 2])\nu = u'\\xe9'\nn = nan\n")
    flat = read_conf(path)
    assert math.isnan(flat.pop("n"))
    assert flat == {"s": "text", "big": 10, "st": {1, 2}, "u": "é"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a = 1\nout.l = [", "line 2: not a literal"),
        ("a = 1\nout", "line 2: there is no key = value"),
        ("a = 1\nb = 12", "ends in the middle of a line"),
        ("a = foo\n", "line 1: not a literal"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, text, message):
    path = tmp_path / "current.conf"
    path.write_text(text)
    with pytest.raises(UsageError, match=message.replace("[", r"\[")):
        read_conf(path)


def test_what_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "current.conf"
    with pytest.raises(UsageError, match=r"there is no file '.*current\.conf'"):
        read_conf(path)
    path.write_bytes(b"name = 'caf\xe9'\n")  # in Latin-1
    with pytest.raises(UsageError, match=r"current\.conf, line 1: the byte 0xe9 is not UTF-8"):
        read_conf(path)
    with pytest.raises(UsageError, match=r"cannot read '.*': .*Is a directory"):
        read_conf(tmp_path)


def test_writing_leaves_nothing_else_behind(tmp_path):
    write_conf(tmp_path / "current.conf", {"a": 1})
    write_conf(tmp_path / "current.conf", {"a": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["current.conf"]
