"""A dataset, a layer, a cost, a training extension and an extractor, written as in 2013."""

import numpy as np

from pylearn2.costs.cost import Cost, DefaultDataSpecsMixin
from pylearn2.datasets import dense_design_matrix
from pylearn2.linear.matrixmul import MatrixMul
from pylearn2.models.mlp import Layer
from pylearn2.space import VectorSpace
from pylearn2.train_extensions import TrainExtension
from pylearn2.utils import sharedX


class Moons(dense_design_matrix.DenseDesignMatrix):
    """Two half circles, one in the other, with noise."""

    def __init__(self, which_set, num_examples=200):
        rng = np.random.RandomState({"train": 1, "valid": 2}[which_set])
        label = np.arange(num_examples) % 2
        angle = rng.uniform(0.0, np.pi, num_examples)
        X = np.stack([np.cos(angle) + label, (1 - 2 * label) * np.sin(angle)], axis=1)
        X = X + rng.normal(0.0, 0.1, X.shape)
        super(Moons, self).__init__(X=X, y=np.eye(2)[label])


class SoftSign(Layer):
    """x / (1 + |x|) of an affine function."""

    def __init__(self, layer_name, dim, irange):
        super(SoftSign, self).__init__()
        self.__dict__.update(locals())
        del self.self

    def set_input_space(self, space):
        self.input_space = space
        self.output_space = VectorSpace(self.dim)
        W = self.mlp.rng.uniform(-self.irange, self.irange, (space.dim, self.dim))
        self.transformer = MatrixMul(sharedX(W, name=self.layer_name + "_W"))
        self.b = sharedX(np.zeros(self.dim), name=self.layer_name + "_b")

    def get_params(self):
        return self.transformer.get_params() + [self.b]

    def fprop(self, state_below):
        z = self.transformer.lmul(state_below) + self.b
        return z / (1.0 + abs(z))

    def get_layer_monitoring_channels(self, state_below=None, state=None, targets=None):
        return {"mean_abs": abs(state).mean()}


class SquaredError(DefaultDataSpecsMixin, Cost):
    """The squared distance of the output and the targets."""

    supervised = True

    def expr(self, model, data, **kwargs):
        space, source = self.get_data_specs(model)
        space.validate(data)
        X, Y = data
        return ((model.fprop(X) - Y) ** 2).sum(axis=1).mean()


class Anneal(TrainExtension):
    """Multiplies the learning rate after every epoch."""

    def __init__(self, factor):
        self.factor = factor

    def on_monitor(self, model, dataset, algorithm):
        rate = algorithm.learning_rate
        rate.set_value(rate.get_value() * self.factor)


def results(train):
    """Return the best validation error, and what the parameters were."""
    record = train.model.monitor.channels["valid_objective"].val_record
    best = np.argmin(record)
    return {
        "epoch": best,
        "valid_error": record[best].item(),
        "learning_rate": float(train.algorithm.learning_rate.get_value()),
        "largest": dict(
            (param.name, abs(param.get_value()).max()) for param in train.model.get_params()
        ),
    }
