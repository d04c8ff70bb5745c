"""Training gives the numbers of an independent computation in NumPy, where none were recorded."""

import numpy as np
import pytest
from numpy_mlp import (
    LAYER_SEED,
    Dense,
    absolute_cost,
    adadelta,
    adagrad,
    batches,
    clipped,
    detection,
    momentum,
    monitored,
    norms,
    plain,
    ranges,
    rmsprop,
    sigmoid_cost,
    softmax_cost,
    sparse,
    squared_cost,
    surest,
    uniform,
)

from pylearn2_jobman.pylearn2.costs.cost import SumOfCosts
from pylearn2_jobman.pylearn2.costs.mlp import Default, L1WeightDecay, WeightDecay
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.maxout import Maxout
from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    CompositeLayer,
    FlattenerLayer,
    Linear,
    LinearGaussian,
    RectifiedLinear,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
    beta_from_targets,
    mean_of_targets,
)
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.learning_rule import (
    AdaDelta,
    AdaGrad,
    Momentum,
    RMSProp,
)
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

N, INPUTS, CLASSES, BATCH, EPOCHS, RATE = 23, 5, 3, 6, 4, 0.1
RNG = np.random.RandomState(7)
X = RNG.randn(N, INPUTS)
LABELS = RNG.randint(0, CLASSES, N)
ONE_HOT = np.eye(CLASSES)[LABELS]
BITS = (RNG.rand(N, 2) < 0.4).astype(float)
NUMBERS = np.stack([X @ RNG.randn(INPUTS), X[:, 0] ** 2], 1) + 0.1 * RNG.randn(N, 2)
MASK = (RNG.rand(INPUTS, 4) < 0.7).astype(float)
MASK[:3] = 1


@pytest.fixture(autouse=True)
def _float64(monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")


class Pair:
    """A network of ours and the reference's, trained alike and compared."""

    def __init__(self, ours, theirs, error, channels, targets, **sgd):
        """Take both networks, the reference by layer name; its cost; and what it monitors."""
        self.layers, self.error, self.channels = theirs, error, channels
        self.Y = targets
        dataset = DenseDesignMatrix(X=X, y=targets)
        self.model = MLP(layers=ours, nvis=INPUTS)
        self.initial = self.params_of_ours()
        algorithm = SGD(
            learning_rate=RATE,
            batch_size=BATCH,
            monitoring_dataset=dataset,
            termination_criterion=EpochCounter(EPOCHS),
            **sgd,
        )
        Train(dataset, self.model, algorithm).main_loop()

    def params_of_ours(self):
        names = [name for name, _ in self.model.named_params()]
        return dict(zip(names, self.model.get_param_values(), strict=True))

    def params(self):
        """Names and places of the reference's parameters."""
        return {
            f"{name}_{attribute}": (layer, attribute)
            for name, layer in self.layers.items()
            for attribute in ("W", "b", "beta")
            if getattr(layer, attribute, None) is not None
        }

    def compare(self, rule=plain, scales=(), gradients=lambda: {}, constrain=lambda: None):
        """Train the reference and compare all that there is.

        Parameters
        ----------
        rule
            Learning rule.
        scales
            Parameter names with what their rate is multiplied by.
        gradients
            More to add to the gradients, by parameter name.
        constrain
            Puts the reference's parameters where they are allowed to be.
        """
        scales, states = dict(scales), {}
        values = {name: getattr(*place).copy() for name, place in self.params().items()}
        assert_same(self.initial, values, 0)
        constrain()
        self.compare_channels(0)
        for epoch, subsets in enumerate(batches(N, EPOCHS, BATCH), start=1):
            for subset in subsets:
                H = X[subset]
                for layer in self.layers.values():
                    H = layer.forward(H)
                *below, top = self.layers.values()
                _, G = self.error(top, self.Y[subset])
                G = top.backward_linear(G)
                for layer in reversed(below):
                    G = layer.backward(G)
                more = gradients()
                for name, (layer, attribute) in self.params().items():
                    g = getattr(layer, "g" + attribute) + more.get(name, 0)
                    state = states.setdefault(name, {})
                    step = rule(state, g, RATE * scales.get(name, 1.0))
                    setattr(layer, attribute, getattr(layer, attribute) + step)
                constrain()
            self.compare_channels(epoch)
        assert_same(
            self.params_of_ours(),
            {name: getattr(*place) for name, place in self.params().items()},
        )

    def compare_channels(self, epoch):
        def everything(X, Y):
            H = X
            for layer in self.layers.values():
                H = layer.forward(H)
            *_, top = self.layers.values()
            return {"objective": self.error(top, Y)[0]} | self.channels(self.layers, Y)

        ours = {
            name: channel.val_record[epoch]
            for name, channel in self.model.monitor.channels.items()
            if "_seconds_" not in name and not name.startswith(("learning_rate", "mean_square_"))
        }
        assert_same(ours, monitored(everything, X, self.Y, BATCH))


def assert_same(ours, theirs, tolerance=1e-10):
    assert sorted(ours) == sorted(theirs)
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name], value, rtol=tolerance, atol=tolerance, err_msg=name)


def named(prefix, channels):
    return {f"{prefix}_{name}": value for name, value in channels.items()}


def usual(name, layer, separator="_", prefix=""):
    """The channels of a hidden layer."""
    units = {prefix + key: value for key, value in ranges(layer.H, separator).items()}
    return named(name, norms(layer.W) | units)


def of_softmax(layer, Y):
    """The channels of a Softmax called y."""
    misclass = (layer.H.argmax(1) != Y.argmax(1)).mean()
    nll = softmax_cost(layer, Y)[0]
    return named("y", norms(layer.W) | surest(layer.H) | {"misclass": misclass, "nll": nll})


def test_sparse_masked_weights_trained_by_adagrad():
    rng = np.random.RandomState(LAYER_SEED)
    h0 = Dense("tanh", sparse(rng, (INPUTS, 4), 2, 0.5, MASK), np.zeros(4))
    y = Dense("softmax", rng.randn(4, CLASSES) * 0.3, np.zeros(CLASSES))
    pair = Pair(
        [
            Tanh(
                layer_name="h0", dim=4, sparse_init=2, sparse_stdev=0.5, mask_weights=MASK,
                W_lr_scale=0.5,
            ),
            Softmax(layer_name="y", n_classes=CLASSES, istdev=0.3, b_lr_scale=2.0),
        ],
        {"h0": h0, "softmax": y},
        softmax_cost,
        lambda layers, Y: usual("h0", layers["h0"]) | of_softmax(layers["softmax"], Y),
        ONE_HOT,
        learning_rule=AdaGrad(),
    )  # fmt: skip

    def constrain():
        h0.W = h0.W * MASK

    pair.compare(adagrad, {"h0_W": 0.5, "softmax_b": 2.0}, constrain=constrain)


def test_weights_left_out_and_norms_within_limits_trained_by_nesterov_momentum():
    rng = np.random.RandomState(LAYER_SEED)
    h0 = Dense("sigmoid", uniform(rng, (INPUTS, 4), 0.8, include_prob=0.7), np.full(4, 0.3))
    y = Dense("softmax", sparse(rng, (4, CLASSES), 2), np.zeros(CLASSES))
    pair = Pair(
        [
            Sigmoid(
                layer_name="h0", dim=4, irange=0.8, include_prob=0.7, init_bias=0.3,
                max_col_norm=0.9, min_col_norm=0.8,
            ),
            Softmax(layer_name="y", n_classes=CLASSES, sparse_init=2, max_row_norm=1.1),
        ],
        {"h0": h0, "softmax": y},
        softmax_cost,
        lambda layers, Y: (
            usual("h0", layers["h0"]) | of_softmax(layers["softmax"], Y) | {"momentum": 0.9}
        ),
        ONE_HOT,
        learning_rule=Momentum(0.9, nesterov_momentum=True),
    )  # fmt: skip

    def constrain():
        h0.W = clipped(h0.W, 0, 0.9, 0.8)
        y.W = clipped(y.W, 1, 1.1)

    pair.compare(momentum(0.9, nesterov=True), constrain=constrain)


def test_absolute_errors_with_penalties_on_weights():
    rng = np.random.RandomState(LAYER_SEED)
    h0 = Dense("relu", rng.randn(INPUTS, 4) * 0.5, np.zeros(4), slope=0.1)
    y = Dense("linear", uniform(rng, (4, 2), 0.5), NUMBERS.mean(0))
    dataset = DenseDesignMatrix(X=X, y=NUMBERS)

    def decay(layer):
        return 0.01 * (layer.W**2).sum()

    def channels(layers, Y):
        top = layers["y"]
        absolute = absolute_cost(top, Y)[0]
        lasso = 0.02 * np.abs(top.W).sum()
        terms = {"term_0_mean": absolute, "term_1_weight_decay": decay(h0) + 0 * decay(y)}
        terms["term_2_l1_penalty"] = lasso
        objective = absolute + decay(h0) + 3 * lasso
        return terms | {"objective": objective} | usual("h0", h0) | usual("y", top)

    pair = Pair(
        [
            RectifiedLinear(layer_name="h0", dim=4, istdev=0.5, left_slope=0.1),
            Linear(
                layer_name="y", dim=2, irange=0.5, use_abs_loss=True,
                init_bias=mean_of_targets(dataset), min_col_norm=0.4,
            ),
        ],
        {"h0": h0, "y": y},
        absolute_cost,
        channels,
        NUMBERS,
        cost=SumOfCosts(
            [Default(), WeightDecay([0.01, 0.0]), [3.0, L1WeightDecay({"y": 0.02})]]
        ),
    )  # fmt: skip

    def constrain():
        y.W = clipped(y.W, 0, None, 0.4)

    pair.compare(
        gradients=lambda: {"h0_W": 0.02 * h0.W, "y_W": 0.06 * np.sign(y.W)}, constrain=constrain
    )


@pytest.mark.parametrize("style", ["detection", "one_hot_class", "bit_vector_class"])
def test_yes_or_no_outputs_trained_by_adadelta(style):
    rng = np.random.RandomState(LAYER_SEED)
    h0 = Dense("softplus", uniform(rng, (INPUTS, 4), 0.5), np.zeros(4))
    y = Dense("sigmoid", uniform(rng, (4, 2), 2.0))  # without bias

    def channels(layers, Y):
        H = y.H
        of_style = {
            "detection": lambda: detection(H, Y) | {"kl": sigmoid_cost(y, Y)[0]},
            "one_hot_class": lambda: {"misclass": (H.argmax(1) != Y.argmax(1)).mean()},
            "bit_vector_class": lambda: {"misclass": ((H > 0.5) != Y).any(1).mean()},
        }
        return usual("h0", h0) | usual("y", y) | named("y", of_style[style]())

    pair = Pair(
        [
            Softplus(layer_name="h0", dim=4, irange=0.5),
            Sigmoid(layer_name="y", dim=2, irange=2.0, monitor_style=style, use_bias=False),
        ],
        {"h0": h0, "y": y},
        sigmoid_cost,
        channels,
        BITS,
        learning_rule=AdaDelta(),
    )
    pair.compare(adadelta)


def test_precisions_within_limits_trained_by_rmsprop():
    rng = np.random.RandomState(LAYER_SEED)
    dataset = DenseDesignMatrix(X=X, y=NUMBERS)
    h0 = Dense("tanh", uniform(rng, (INPUTS, 4), 0.5), np.zeros(4))
    y = Dense("linear", uniform(rng, (4, 2), 0.5), np.zeros(2))
    y.beta = 1 / NUMBERS.var(0)

    def cost(layer, Y):
        errors = (Y - layer.Z) ** 2
        layer.gbeta = 0.5 * errors.mean(0) - 0.5 / layer.beta
        value = 0.5 * (errors @ layer.beta).mean() - 0.5 * np.log(layer.beta).sum()
        return value, -(Y - layer.Z) * layer.beta / len(Y)

    def channels(layers, Y):
        beta = {f"beta_{name}": getattr(y.beta, name)() for name in ("min", "mean", "max")}
        return usual("h0", h0) | usual("y", y) | named("y", beta | {"mse": ((y.H - Y) ** 2).mean()})

    pair = Pair(
        [
            Tanh(layer_name="h0", dim=4, irange=0.5),
            LinearGaussian(
                layer_name="y", dim=2, irange=0.5, beta_lr_scale=0.5, min_beta=0.2, max_beta=0.5,
                init_beta=beta_from_targets(dataset),
            ),
        ],
        {"h0": h0, "y": y},
        cost,
        channels,
        NUMBERS,
        learning_rule=RMSProp(),
    )  # fmt: skip
    pair.initial["y_beta"] = pair.initial.pop("beta")
    values = pair.params_of_ours
    pair.params_of_ours = lambda: {
        name if name != "beta" else "y_beta": value for name, value in values().items()
    }

    def constrain():
        y.beta = np.clip(y.beta, 0.2, 0.5)

    pair.compare(rmsprop, {"y_beta": 0.5}, constrain=constrain)


@pytest.mark.parametrize(("pieces", "prefix"), [(1, ""), (3, "p_")])
def test_maxout_with_one_class_fixed(pieces, prefix):
    rng = np.random.RandomState(LAYER_SEED)
    h0 = Dense("maxout", uniform(rng, (INPUTS, 4 * pieces), 0.5), np.zeros(4 * pieces))
    h0.pieces = pieces
    W = rng.uniform(-0.5, 0.5, (4, CLASSES - 1))  # drawn once
    y = Dense("softmax_of_the_rest", W, np.zeros(CLASSES - 1))
    pair = Pair(
        [
            Maxout(layer_name="h0", num_units=4, num_pieces=pieces, irange=0.5, max_col_norm=0.5),
            Softmax(
                layer_name="y", n_classes=CLASSES, irange=0.5, non_redundant=True,
                max_col_norm=0.8, max_row_norm=0.6,
            ),
        ],
        {"h0": h0, "softmax": y},
        softmax_cost,
        lambda layers, Y: usual("h0", h0, ".", prefix) | of_softmax(y, Y),
        ONE_HOT,
    )  # fmt: skip

    def constrain():
        h0.W = clipped(h0.W, 0, 0.5)
        y.W = clipped(clipped(y.W, 0, 0.8), 1, 0.6)

    pair.compare(constrain=constrain)


def test_the_frequencies_of_the_classes_are_the_first_guess():
    frequencies = np.bincount(LABELS) / N
    bias = np.log(frequencies) - np.log(frequencies).mean()
    rng = np.random.RandomState(LAYER_SEED)
    y = Dense("softmax", rng.uniform(-0.1, 0.1, (INPUTS, CLASSES)), bias)
    labels = DenseDesignMatrix(X=X, y=LABELS.reshape(-1, 1), y_labels=CLASSES)
    for dataset in (labels, DenseDesignMatrix(X=X, y=ONE_HOT)):
        layer = Softmax(
            layer_name="y", n_classes=CLASSES, irange=0.1, init_bias_target_marginals=dataset
        )
        y.W, y.b = y.W.copy(), bias
        pair = Pair([layer], {"softmax": y}, softmax_cost, lambda _, Y: of_softmax(y, Y), ONE_HOT)
        before = y.W, y.b
        pair.compare()
        y.W, y.b = before


def test_layers_side_by_side_are_initialised_in_order_and_named_last_first():
    rng = np.random.RandomState(LAYER_SEED)
    left = Dense("sigmoid", uniform(rng, (INPUTS, 2), 0.5), np.zeros(2))
    right = Dense("linear", uniform(rng, (INPUTS, 2), 0.5), np.zeros(2))
    targets = np.hstack([BITS, NUMBERS])
    dataset = DenseDesignMatrix(X=X, y=targets)
    composite = CompositeLayer(
        "c",
        [Sigmoid(layer_name="l", dim=2, irange=0.5), Linear(layer_name="r", dim=2, irange=0.5)],
    )
    model = MLP(layers=[FlattenerLayer(composite)], nvis=INPUTS)
    assert [name for name, _ in model.named_params()] == ["r_W", "r_b", "l_W", "l_b"]
    cost = SumOfCosts([Default(), WeightDecay({"c": [0.1, 0.2]})])
    algorithm = SGD(
        RATE, cost, N, monitoring_dataset=dataset, termination_criterion=EpochCounter(1)
    )
    Train(dataset, model, algorithm).main_loop()

    H = {"l": left.forward(X), "r": right.forward(X)}
    (kl, G_left), (error, G_right) = sigmoid_cost(left, BITS), squared_cost(right, NUMBERS)
    decay = 0.1 * (left.W**2).sum() + 0.2 * (right.W**2).sum()
    expected = (
        {"objective": kl + error + decay, "term_0": kl + error, "term_1_weight_decay": decay}
        | usual("c_l", left)
        | usual("c_r", right)
        | named("c_l", detection(H["l"], BITS) | {"kl": kl})
        | {"learning_rate": RATE}
    )
    channels = model.monitor.channels
    ours = {name: c.val_record[0] for name, c in channels.items() if "_seconds_" not in name}
    assert_same(ours, expected)
    left.backward_linear(G_left), right.backward_linear(G_right)
    steps = [right.gW + 0.4 * right.W, right.gb, left.gW + 0.2 * left.W, left.gb]
    before = [right.W, right.b, left.W, left.b]
    for value, old, step in zip(model.get_param_values(), before, steps, strict=True):
        np.testing.assert_allclose(value, old - RATE * step, rtol=1e-10)
