"""A small library in Theano's style, as people's own: layers, a cost, an Op, a trainer."""

import numpy as np
import theano
import theano.tensor as T
from theano.compat.six.moves import xrange
from theano.gof import Apply, Op
from theano.sandbox.rng_mrg import MRG_RandomStreams


class Cube(Op):
    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] ** 3

    def grad(self, inputs, output_gradients):
        return [output_gradients[0] * 3 * inputs[0] ** 2]

    def infer_shape(self, node, shapes):
        return shapes


class Layer(object):  # noqa: UP004 - as they wrote
    def __init__(self, name, nvis, dim, rng):
        self.W = theano.shared(rng.uniform(-0.5, 0.5, (nvis, dim)), name + "_W")
        self.b = theano.shared(np.zeros(dim), name + "_b")
        self.params = [self.W, self.b]

    def fprop(self, x):
        return self.activation(T.dot(x, self.W) + self.b)


class Noisy(Layer):
    streams = None
    p = 0.8

    def activation(self, x):
        hidden = T.nnet.sigmoid(x)
        if self.streams is None:
            return hidden
        return hidden * self.streams.binomial(size=hidden.shape, p=self.p, ndim=2, dtype="float64")


class Softmax(Layer):
    activation = staticmethod(T.nnet.softmax)


class Model(object):  # noqa: UP004
    def __init__(self, seed=3, noise=None):
        rng = np.random.RandomState(seed)
        self.layers = [Noisy("h", 5, 4, rng), Softmax("y", 4, 3, rng)]
        self.layers[0].streams = noise and MRG_RandomStreams(noise)
        self.seen = 0

    @property
    def params(self):
        return [param for layer in self.layers for param in layer.params]

    def cost(self, x, y):
        for layer in self.layers:
            x = layer.fprop(x)
        nll = -(y * T.log(x)).sum(axis=1).mean()
        # The largest weights pay, by a loop: a sum of cubes of absolute values.
        paid, updates = theano.scan(
            lambda row, total: total + Cube()(abs(row)).sum(),
            sequences=self.layers[0].W,
            outputs_info=T.zeros(()),
        )
        assert not updates
        return nll + 0.01 * paid[-1]


class Halve(object):  # noqa: UP004
    """An extension: halves the rate when the cost has not become smaller."""

    def __init__(self):
        self.best, self.best_values = np.inf, None

    def setup(self, model, dataset, algorithm):
        self.algorithm = algorithm

    def on_monitor(self, model, dataset, algorithm):
        if algorithm.costs and algorithm.costs[-1] < self.best:
            self.best = algorithm.costs[-1]
            self.best_values = [param.get_value() for param in model.params]
        elif algorithm.costs:
            algorithm.rate.set_value(algorithm.rate.get_value() / 2)


class Descent(object):  # noqa: UP004
    def __init__(self, epochs, batch=7, rate=0.5, momentum=0.5):
        self.epochs, self.batch, self.momentum = epochs, batch, momentum
        self.rate = theano.shared(rate, "rate")
        self.rng = np.random.RandomState(5)
        self.costs = []

    def setup(self, model):
        x, y = T.matrices("x", "y")
        cost = model.cost(x, y)
        updates = []
        for param, grad in zip(model.params, T.grad(cost, model.params)):  # noqa: B905
            velocity = theano.shared(param.get_value() * 0)
            new = self.momentum * velocity - self.rate * grad
            updates += [(velocity, new), (param, param + new)]
        self.step = theano.function([x, y], cost, updates=updates)

    def train(self, dataset):
        x, y = dataset
        order = self.rng.permutation(len(x))
        batches = [order[i : i + self.batch] for i in xrange(0, len(x), self.batch)]
        self.costs.append(float(np.mean([self.step(x[rows], y[rows]) for rows in batches])))


class Train(object):  # noqa: UP004
    def __init__(self, model, algorithm, extensions=()):
        self.model, self.algorithm, self.extensions = model, algorithm, list(extensions)
        rng = np.random.RandomState(1)
        self.dataset = rng.randn(21, 5), np.eye(3)[rng.randint(3, size=21)]

    def main_loop(self):
        self.algorithm.setup(self.model)
        for extension in self.extensions:
            extension.setup(self.model, self.dataset, self.algorithm)
        while True:
            for extension in self.extensions:
                extension.on_monitor(self.model, self.dataset, self.algorithm)
            if self.model.seen == self.algorithm.epochs:
                break
            self.algorithm.train(self.dataset)
            self.model.seen += 1
