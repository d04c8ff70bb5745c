"""The function that `benchmarks/search.py` looks for the minimum of: a network on the digits."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from pylearn2_jobman.jobman.parameters.distributions import Choice, LogUniform, RandInt, Uniform

EPOCHS, BATCH, TRAINED = 27, 50, 1000
EPOCH_SECONDS = 0.2
SPACE = {
    "learning_rate": LogUniform(1e-3, 10.0),
    "momentum": Uniform(0.0, 0.99),
    "hidden": RandInt(4, 64),
    "decay": LogUniform(1e-6, 1e-1),
    "activation": Choice(("tanh", "relu")),
}

_digits = load_digits()
X, Y = _digits.data / 16.0, np.eye(10)[_digits.target]


def errors(parameters: Mapping[str, Any], tell: Callable[[int, float], bool]) -> float:
    """Train until the end, or until ``tell(epoch, error)`` says so; return the last error.

    The error is the cross-entropy on the 797 digits that are not trained on, 10 at most.
    """
    rng = np.random.default_rng(0)
    hidden = parameters["hidden"]
    weights = [rng.normal(0, 0.1, (64, hidden)), rng.normal(0, 0.1, (hidden, 10))]
    steps = [np.zeros_like(one) for one in weights]
    is_tanh = parameters["activation"] == "tanh"
    error = 10.0
    with np.errstate(all="ignore"):
        for epoch in range(1, EPOCHS + 1):
            for part in np.array_split(rng.permutation(TRAINED), TRAINED // BATCH):
                inside, guess = _forward(X[part], weights, is_tanh)
                delta = (guess - Y[part]) / len(part)
                slope = 1 - inside**2 if is_tanh else inside > 0
                gradients = [X[part].T @ (delta @ weights[1].T * slope), inside.T @ delta]
                for weight, step, gradient in zip(weights, steps, gradients, strict=True):
                    step *= parameters["momentum"]
                    step -= parameters["learning_rate"] * (gradient + parameters["decay"] * weight)
                    weight += step
            _, guess = _forward(X[TRAINED:], weights, is_tanh)
            error = float(-np.log(np.maximum((guess * Y[TRAINED:]).sum(1), 1e-9)).mean())
            error = min(error, 10.0) if np.isfinite(error) else 10.0
            if tell(epoch, error):
                break
    return error


def _forward(x: Any, weights: Any, is_tanh: bool) -> tuple[Any, Any]:
    inside = np.tanh(x @ weights[0]) if is_tanh else np.maximum(x @ weights[0], 0)
    scores = inside @ weights[1]
    scores = np.exp(scores - scores.max(1, keepdims=True))
    return inside, scores / scores.sum(1, keepdims=True)


def best_of_epochs(parameters: Mapping[str, Any]) -> float:
    """Return the error after all epochs."""
    return errors(parameters, lambda epoch, error: False)


def train(state: Any, channel: Any) -> Any:
    """Do so as a job."""
    epochs = 0
    # A worker looks at curves a few times a second: an epoch is to take as long as one of those.
    pause = EPOCH_SECONDS if "prune" in state.jobman.search else 0

    def tell(epoch: int, error: float) -> bool:
        nonlocal epochs
        epochs = epoch
        time.sleep(pause)
        channel.report(epoch=epoch, valid_error=error)
        return channel.switch() in ("stop", "finish-up")

    error = errors(state, tell)
    state.results = {"valid_error": error, "epochs": epochs}
    return channel.COMPLETE
