"""Theano's names are tested in float64, without compiling: graphs are carried out in Python."""

import pytest

import pylearn2_jobman  # noqa: F401 - the names


@pytest.fixture(autouse=True)
def flags():
    import theano

    with theano.config.change_flags(floatX="float64", mode="FAST_COMPILE"):
        yield
