"""What is in use is known, and an error in a class of the other kind says so."""

import sys
import textwrap

import pytest

from pylearn2_jobman.naming import backend
from pylearn2_jobman.pylearn2.config import yaml_parse

LAYER = """
import theano.tensor as T
from pylearn2.models.mlp import Linear

class Steep(Linear):
    def activation(self, x):
        return T.nnet.sigmoid(x)

    def fprop(self, x):
        return T.nnet.sigmoid(T.dot(x, self.W))
"""


def test_our_classes_are_those_on_pytorch_whatever_else_is_imported():
    import pylearn2
    import theano

    assert pylearn2.__name__ == "pylearn2_jobman.pylearn2"
    assert theano.__name__ == "pylearn2_jobman.theano"
    assert backend.in_use() == {"backend": "torch"}


def test_theanos_versions_stand_with_it(monkeypatch):
    import theano

    monkeypatch.delitem(sys.modules, "pylearn2", raising=False)
    used = backend.in_use()
    assert used["backend"] == "theano"
    assert used["pytensor"].startswith("3.")
    assert used["floatX"] == theano.config.floatX
    assert used["compiler"] in ("numba", "c", "python")


def test_a_layer_in_theano_among_ours_is_named_with_the_switch(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "steep_layers.py").write_text(textwrap.dedent(LAYER))
    train = yaml_parse.load(
        """
        !obj:pylearn2.train.Train {
            dataset: !obj:pylearn2.testing.datasets.random_one_hot_dense_design_matrix {
                rng: 0, num_examples: 20, dim: 4, num_classes: 3 },
            model: !obj:pylearn2.models.mlp.MLP { nvis: 4, layers: [
                !obj:steep_layers.Steep { layer_name: h, dim: 3, irange: .1 },
                !obj:pylearn2.models.mlp.Softmax { layer_name: y, n_classes: 3, irange: .1 } ] },
            algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {
                learning_rate: .1, batch_size: 10 } }
        """
    )
    # What PyTensor says of a tensor of PyTorch.
    with pytest.raises((TypeError, NotImplementedError, ValueError)) as caught:
        train.main_loop()
    backend.note_switch(caught.value)
    (note,) = caught.value.__notes__
    assert note.startswith("steep_layers.Steep is written in Theano")
    assert "PYLEARN2_BACKEND=theano" in note


def test_an_error_that_has_nothing_to_do_with_it_is_left_alone():
    import theano  # noqa: F401

    with pytest.raises(KeyError) as caught:
        {}["nothing"]
    backend.note_switch(caught.value)
    assert not hasattr(caught.value, "__notes__")
