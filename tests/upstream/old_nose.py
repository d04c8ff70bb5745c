"""What pylearn2's own tests import from nose, which no Python of today runs; a plugin of pytest."""

import importlib
import sys
import unittest
from types import ModuleType

import pytest

_case = unittest.TestCase()


def _raises(*exceptions):
    def decorate(function):
        def wrapped(*args, **kwargs):
            with pytest.raises(exceptions):
                function(*args, **kwargs)

        wrapped.__name__ = function.__name__
        return wrapped

    return decorate


def _with_setup(setup=None, teardown=None):
    def decorate(function):
        def wrapped():
            if setup:
                setup()
            try:
                return function()
            finally:
                if teardown:
                    teardown()

        wrapped.__name__ = function.__name__
        return wrapped

    return decorate


_TOOLS = {
    "assert_almost_equal": _case.assertAlmostEqual,
    "assert_equal": _case.assertEqual,
    "assert_equals": _case.assertEqual,
    "assert_raises": _case.assertRaises,
    "assert_true": _case.assertTrue,
    "eq_": _case.assertEqual,
    "ok_": _case.assertTrue,
    "raises": _raises,
    "with_setup": _with_setup,
}
_MODULES = {
    "nose": {"SkipTest": unittest.SkipTest},
    "nose.plugins": {},
    "nose.plugins.skip": {"SkipTest": unittest.SkipTest},
    "nose.tools": _TOOLS,
}
for _name, _names in _MODULES.items():
    _module = sys.modules[_name] = ModuleType(_name)
    _module.__path__ = []
    vars(_module).update(_names)
    _parent, _, _last = _name.rpartition(".")
    if _parent:
        setattr(sys.modules[_parent], _last, _module)

import pylearn2_jobman  # noqa: E402, F401 - Theano's names

importlib.import_module("pylearn2")  # in whose directory Python 2's meaning holds
