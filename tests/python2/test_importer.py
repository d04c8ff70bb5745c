"""Modules of Python 2 are imported, with the meaning they had; others are never touched."""

import importlib
import sys

import numpy
import pytest

from pylearn2_jobman.errors import Python2Warning

OLD = """\
# -*- coding: latin-1 -*-
'''A dataset of 2013.'''
import cPickle, string, inspect, yaml
import numpy as np
from collections import Mapping
from itertools import izip
import old_sibling
import scipy.linalg as sl
from scipy.linalg import solve

class Old(object):
    def __init__(self, (a, b), c=7):
        self.half = c / 2
        self.pairs = zip([a], [b])
        self.kept = filter(None, (0, 1)), filter(None, 'ab'), map(None, [1], [2]), map(len, ['ab'])
    def next(self):
        raise StopIteration, 'no more'

try:
    raise ValueError, "x"
except ValueError, error:
    said = `error`

libraries = [np.float, np.cast['float32'](3).dtype.name, np.product([2, 3]), np.linspace(0, 1, 3.),
             np.fromstring('\\x01', 'uint8'), inspect.getargspec(Old.next).args,
             yaml.load('{a: 1}'), string.letters[:2], isinstance({}, Mapping), isinstance(5L, long),
             solve(np.eye(1), [2.], sym_pos=True), sl.solve(np.eye(1), [3.]),
             np.random.rand(0).size, cmp(1, 2), reduce(max, [1, 3]), 0777,
             len(np.array([[1], [2, 3]])),
             ur'\\d', u'\xe9', xrange(3)[1], 3 <> 4]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def test_it_is_converted_named_once_and_kept(folder):
    (folder / "old.py").write_bytes(OLD.encode("latin-1"))
    # A tab is eight columns, and an import finds the module beside.
    (folder / "old_sibling.py").write_text("if 1:\n\tx = 1\n        y = 2\nprint 'imported'")
    with pytest.warns(Python2Warning) as said:
        old = importlib.import_module("old")
    assert [str(w.message).split()[0] for w in said] == [
        str(folder / name) for name in ("old.py", "old_sibling.py")
    ]
    made = old.Old((1, 2))
    assert (made.half, made.pairs) == (3, [(1, 2)])
    assert made.kept == ((1,), "ab", [(1, 2)], [2])
    assert old.said == "ValueError('x')"
    with pytest.raises(StopIteration, match="no more"):
        next(made)
    plain = [x.tolist() if isinstance(x, numpy.ndarray) else x for x in old.libraries]
    assert plain == [float, "float32", 6, [0, 0.5, 1], [1], ["self"], {"a": 1}, "ab", True, True,
                     [2.0], [3.0], 0, -1, 3, 0o777, 2, r"\d", "é", 1, True]  # fmt: skip
    assert not hasattr(numpy, "product")  # the library itself is as it was

    (cached,) = (folder / "__pycache__").glob("old.*.opt-python2.pyc")
    before = cached.stat().st_mtime_ns
    del sys.modules["old"], sys.modules["old_sibling"]
    with pytest.warns(Python2Warning):
        assert importlib.import_module("old").said == old.said
    assert cached.stat().st_mtime_ns == before
    assert not list((folder / "__pycache__").glob("old.cpython-???.pyc"))


def test_one_that_parses_is_left_alone(folder):
    (folder / "today.py").write_text("half = 7 / 2\npairs = zip([1], [2])")
    today = importlib.import_module("today")  # and warnings are errors
    assert today.half == 3.5
    assert not isinstance(today.pairs, list)


def test_what_is_neither_has_the_error_that_python_gives(folder):
    (folder / "broken.py").write_text("def f(:\n    print 'x'\n")
    with pytest.raises(SyntaxError) as caught:
        importlib.import_module("broken")
    assert caught.value.filename == str(folder / "broken.py")
    assert caught.value.lineno == 1


def test_within_a_package_an_import_may_be_relative(folder):
    package = folder / "lab"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "layers.py").write_text("import helpers\nprint helpers.half")
    (package / "helpers.py").write_text("half = 7 / 2")
    with pytest.warns(Python2Warning, match=r"layers\.py"):
        layers = importlib.import_module("lab.layers")
    assert layers.helpers is sys.modules["lab.helpers"]
    assert layers.helpers.half == 3.5  # which parses, and so is today's
