"""Multi-layer perceptrons trained in NumPy, with gradients by hand: a second opinion.

Nothing here is shared with the package. Arrays are float64; a batch has one example a row.
"""

import numpy as np

ORDER_SEED, LAYER_SEED = [2012, 10, 5], [2013, 1, 4]


def sparse(rng, shape, count, stdev=1.0, mask=None):
    """Weights of which each column has ``count`` normal ones, where the mask allows them."""
    W = np.zeros(shape)
    for column in range(shape[1]):
        for _ in range(count):
            row = rng.randint(0, shape[0])
            while W[row, column] != 0 or (mask is not None and mask[row, column] == 0):
                row = rng.randint(0, shape[0])
            W[row, column] = rng.randn()
    return W * stdev


def uniform(rng, shape, irange, include_prob=1.0):
    """Uniform weights, some of them left out; drawn twice."""
    W = rng.uniform(-irange, irange, shape)
    return W * (rng.uniform(0, 1, shape) < include_prob)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


class Dense:
    """A layer ``f(X W + b)``; ``f`` and the derivative of the cost by ``X W + b`` by kind."""

    def __init__(self, kind, W, b=None, slope=0.0, pieces=1):
        self.kind, self.W, self.b = kind, W, b
        self.slope, self.pieces = slope, pieces

    def forward(self, X):
        self.X, Z = X, X @ self.W + (0 if self.b is None else self.b)
        self.Z = Z
        match self.kind:
            case "tanh":
                self.H = np.tanh(Z)
            case "sigmoid":
                self.H = sigmoid(Z)
            case "relu":
                self.H = np.where(Z > 0, Z, self.slope * Z)
            case "softplus":
                self.H = np.log1p(np.exp(Z))
            case "softmax":
                self.H = softmax(Z)
            case "softmax_of_the_rest":
                self.Z = np.hstack([np.zeros((len(Z), 1)), Z])
                self.H = softmax(self.Z)
            case "maxout":
                self.H = Z.reshape(len(Z), -1, self.pieces).max(2)
            case _:
                self.H = Z
        return self.H

    def backward(self, G):
        """Return the gradient by the input, given that by the output."""
        match self.kind:
            case "tanh":
                G = G * (1 - self.H**2)
            case "sigmoid":
                G = G * self.H * (1 - self.H)
            case "relu":
                G = G * np.where(self.Z > 0, 1, self.slope)
            case "softplus":
                G = G * sigmoid(self.Z)
            case "maxout":
                most = np.repeat(self.H, self.pieces, 1) == self.Z
                G = np.repeat(G, self.pieces, 1) * most
        return self.backward_linear(G)

    def backward_linear(self, G):
        """Return the gradient by the input, given that by ``X W + b``."""
        self.gW, self.gb = self.X.T @ G, G.sum(0)
        return G @ self.W.T


def clipped(W, axis, upper=np.inf, lower=0.0):
    """Weights whose norms along an axis are within bounds."""
    norms = np.sqrt((W**2).sum(axis, keepdims=True))
    if upper is None:
        upper = norms.max()
    return W * np.clip(norms, lower, upper) / np.maximum(1e-7, norms)


# Costs of the last layer: the value, and its derivative by X W + b.


def softmax_cost(layer, Y):
    N = len(Y)
    logs = layer.Z - layer.Z.max(1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
    G = (layer.H - Y) / N
    return -(Y * logs).sum(1).mean(), G[:, 1:] if layer.kind == "softmax_of_the_rest" else G


def squared_cost(layer, Y):
    return ((Y - layer.Z) ** 2).sum(1).mean(), -2 * (Y - layer.Z) / len(Y)


def absolute_cost(layer, Y):
    return np.abs(Y - layer.Z).sum(1).mean(), -np.sign(Y - layer.Z) / len(Y)


def sigmoid_cost(layer, Y):
    Z = layer.Z
    value = Y * np.log1p(np.exp(-Z)) + (1 - Y) * np.log1p(np.exp(Z))
    return value.mean(1).mean(), (layer.H - Y) / Y.size


# Learning rules: from a parameter's state and gradient to its step.


def plain(state, g, rate):
    return -rate * g


def momentum(m, nesterov=False):
    def step(state, g, rate):
        state["v"] = m * state.get("v", 0) - rate * g
        return m * state["v"] - rate * g if nesterov else state["v"]

    return step


def adagrad(state, g, rate, max_scaling=1e5):
    state["sum"] = state.get("sum", 0) + g**2
    return -rate / np.maximum(1 / max_scaling, np.sqrt(state["sum"])) * g


def adadelta(state, g, rate, decay=0.95):
    state["g2"] = decay * state.get("g2", 0) + (1 - decay) * g**2
    d2 = state.get("d2", 0)
    step = -np.sqrt(d2 + rate) / np.sqrt(state["g2"] + rate) * g
    state["d2"] = decay * d2 + (1 - decay) * step**2
    return step


def rmsprop(state, g, rate, decay=0.9, max_scaling=1e5):
    state["g2"] = decay * state.get("g2", 0) + (1 - decay) * g**2
    return -rate * g / np.maximum(np.sqrt(state["g2"]), 1 / max_scaling)


def batches(size, epochs, batch_size):
    """The examples of each batch of each epoch, as SGD draws them."""
    rng = np.random.RandomState(ORDER_SEED)
    for _ in range(epochs):
        order = np.arange(size)
        rng.shuffle(order)
        yield [order[i : i + batch_size] for i in range(0, size, batch_size)]


class MRG31k3p:
    """Theano's random streams with whole numbers of Python, for calls whose shape may vary."""

    MODULI = 2**31 - 1, 2147462579
    STEPS = (
        [[0, 2**22, 2**7 + 1], [1, 0, 0], [0, 1, 0]],
        [[2**15, 0, 2**15 + 1], [1, 0, 0], [0, 1, 0]],
    )
    STREAMS = 15360

    def __init__(self, seed):
        self.base = [[seed] * 3, [seed] * 3]
        self.between_streams, self.between_calls = self.jump(72), self.jump(134)

    def jump(self, exponent):
        """The matrices of 2**exponent steps."""
        matrices = []
        for step, modulus in zip(self.STEPS, self.MODULI, strict=True):
            matrix = np.array(step, dtype=object)
            for _ in range(exponent):
                matrix = matrix @ matrix % modulus
            matrices.append(matrix)
        return matrices

    def moved(self, state, matrices):
        parts = zip(matrices, state, self.MODULI, strict=True)
        return [list(matrix @ np.array(half, dtype=object) % m) for matrix, half, m in parts]

    def call(self, most):
        """A random call, which draws at most ``most`` numbers at once."""
        assert most <= self.STREAMS
        states = [self.base]
        while len(states) < most:
            states.append(self.moved(states[-1], self.between_streams))
        self.base = self.moved(self.base, self.between_calls)

        def uniform(shape):
            numbers = []
            for i in range(int(np.prod(shape))):
                states[i] = (a, *_), (b, *_) = self.moved(states[i], self.STEPS)
                numbers.append((a - b if a > b else a - b + self.MODULI[0]) / 2**31)
            return np.array(numbers).reshape(shape)

        return uniform


class LineSearches:
    """Batch gradient descent on a vector of parameters.

    Parameters
    ----------
    function, gradient
        Of a vector and a batch.
    """

    def __init__(self, function, gradient, exhaustive, conjugate, reset_alpha, reset_conjugate):
        self.function, self.gradient = function, gradient
        self.exhaustive, self.conjugate = exhaustive, conjugate
        self.reset_alpha, self.reset_conjugate = reset_alpha, reset_conjugate
        self.first_alphas = [0.5, 1.0] if exhaustive else [0.001, 0.005, 0.01, 0.05, 0.1]
        self.direction, self.means, self.weight = 0, {}, 1.0

    def note(self, **values):
        for name, value in values.items():
            self.means[name] = self.weight * value + (1 - self.weight) * self.means.get(name, 0)

    def minimize(self, at, batch, iterations):
        """Return where ``iterations`` line searches lead to."""
        alphas, norm = list(self.first_alphas), 0.0 if self.reset_conjugate else 1.0
        for _ in range(iterations):
            last, g = self.direction * norm, self.gradient(at, batch)
            if self.conjugate:
                beta = (g @ g - np.sum(g * last)) / (1e-7 + np.sum(last * last))
                g = g + max(beta, 0) * last
            norm = np.sqrt(g @ g)
            self.direction = g / norm
            self.note(ave_grad_size=norm)
            search = self.exhaust if self.exhaustive else self.try_all
            alpha, alphas = search(
                lambda a, at=at: self.function(at - a * self.direction, batch), alphas
            )
            at = at - alpha * self.direction
            self.note(ave_step_size=alpha, ave_grad_mult=alpha / norm)
            self.weight = 0.01
        if not self.reset_alpha:
            self.first_alphas = alphas
        return at

    def try_all(self, value, alphas):
        values = [value(0)] + [value(alpha) for alpha in alphas]
        best = max(i for i, v in enumerate(values) if v == min(values))
        alpha = [0.0, *alphas][best]
        if best <= 1:
            return alpha, [a / 3 for a in alphas]
        if best == len(alphas):
            return alpha, [a * 2 for a in alphas]
        return alpha, alphas  # no gap is wide enough to be narrowed

    def exhaust(self, value, alphas):
        values = {alpha: value(alpha) for alpha in [0.0, *alphas]}
        before = 0.0
        while True:
            points = sorted(values)
            i = min(range(len(points)), key=lambda i: values[points[i]])
            if i == 0:
                new = points[1] / 2
            elif i == len(points) - 1:
                new = 2 * points[i]
            else:
                lower = values[points[i + 1]] < values[points[i - 1]]
                new = (points[i] + points[i + 1 if lower else i - 1]) / 2
            values[new] = value(new)
            gain = values[points[i]] - values[new]
            if 0 < gain < 0.01 * before or len(points) > 10:
                break
            before = gain
        best = min(sorted(values), key=values.get)
        last = max(best or sorted(values)[1], 0.002)
        return best, [last / 2, last]


def norms(W):
    """Channels of a matrix of weights."""
    channels = {}
    for name, axis in (("row_norms", 1), ("col_norms", 0)):
        values = np.sqrt((W**2).sum(axis))
        for summary in ("min", "mean", "max"):
            channels[f"{name}_{summary}"] = getattr(values, summary)()
    return channels


def ranges(H, separator="_"):
    """Channels of a layer's outputs: summaries over units (u) of summaries over examples (x)."""
    over_x = {"max": H.max(0), "min": H.min(0), "mean": H.mean(0), "range": H.max(0) - H.min(0)}
    return {
        f"{x}_x{separator}{u}_u": getattr(values, u)()
        for x, values in over_x.items()
        for u in ("max", "mean", "min")
    }


def detection(H, Y, over=0):
    """Channels of outputs that say yes or no."""
    said, true = H > 0.5, Y > 0.5
    channels = {"01_loss": (said != true).mean()}

    def scores(hits, false_alarms):
        precision = hits / np.maximum(1, hits + false_alarms)
        recall = hits / max(1, true.sum())
        f1 = 2 * precision * recall / np.maximum(1, precision + recall)
        return {"precision": precision, "recall": recall, "f1": f1}

    hits, alarms = (said & true).sum(over), (said & ~true).sum(over)
    channels |= scores(hits.sum(), alarms.sum())
    for name, values in scores(hits, alarms).items():
        for summary in ("max", "mean", "min"):
            channels[f"per_output_{name}_{summary}"] = getattr(values, summary)()
    return channels


def surest(H):
    """Channels of probabilities."""
    most = H.max(1)
    return {"mean_max_class": most.mean(), "max_max_class": most.max(), "min_max_class": most.min()}


def monitored(channels, X, Y, batch_size):
    """The mean of a function's channels over batches, each counted by its examples."""
    totals = {}
    for i in range(0, len(X), batch_size):
        part = X[i : i + batch_size], Y[i : i + batch_size]
        for name, value in channels(*part).items():
            totals[name] = totals.get(name, 0) + value * len(part[0]) / len(X)
    return totals
