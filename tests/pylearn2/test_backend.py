"""The float type and the device come from the environment when objects are built."""

import pytest
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.models.mlp import MLP, Linear


def test_float32_on_the_cpu_is_the_default(monkeypatch):
    monkeypatch.delenv("PYLEARN2_FLOATX", raising=False)
    monkeypatch.delenv("PYLEARN2_DEVICE", raising=False)
    assert backend.float_dtype() is torch.float32
    assert backend.device() == torch.device("cpu")


def test_a_model_has_the_float_type_of_when_it_was_built(monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")
    model = MLP(nvis=2, layers=[Linear(layer_name="y", dim=1, irange=0.1)])
    monkeypatch.setenv("PYLEARN2_FLOATX", "float32")
    assert {p.dtype for p in model.get_params()} == {torch.float64}


def test_an_unknown_float_type_is_refused_with_the_known_ones(monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float46")
    with pytest.raises(ValueError, match=r"float46.*float32 or float64.*did you mean 'float64'"):
        backend.float_dtype()


def test_an_unknown_device_is_refused(monkeypatch):
    monkeypatch.setenv("PYLEARN2_DEVICE", "gpu0")
    with pytest.raises(ValueError, match="PYLEARN2_DEVICE is 'gpu0'"):
        backend.device()


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setenv("PYLEARN2_DEVICE", "cuda")
    with pytest.raises(ValueError, match="finds no CUDA device"):
        backend.device()
