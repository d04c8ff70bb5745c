"""With a checkout of the real pylearn2 in PYLEARN2 (``make test-upstream PYLEARN2=path``)."""

import os
from pathlib import Path

import pytest
import recorded_data


@pytest.fixture(scope="session")
def checkout():
    """The checkout's directory."""
    path = os.environ.get("PYLEARN2")
    if not path:
        pytest.skip("no checkout of the real pylearn2: make test-upstream PYLEARN2=path")
    assert (Path(path) / "pylearn2" / "train.py").exists(), f"no pylearn2 in PYLEARN2={path}"
    return Path(path).absolute()


@pytest.fixture(scope="session")
def golden_data(tmp_path_factory):
    """A directory with the data of the recorded cases."""
    folder = tmp_path_factory.mktemp("golden_data")
    recorded_data.write_to(folder)
    return folder


@pytest.fixture(scope="session")
def environment(checkout):
    """The environment of programs that use it; without compiling, unless PYTENSOR_FLAGS says so."""
    flags = os.environ.get("PYTENSOR_FLAGS", "mode=FAST_COMPILE")
    return {
        **os.environ,
        "PYTHONPATH": str(checkout),
        "PYLEARN2_BACKEND": "theano",
        "PYTENSOR_FLAGS": flags,
    }
