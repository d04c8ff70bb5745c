"""Learning rules: from gradients to new parameters."""

__all__ = [
    "AdaDelta",
    "AdaGrad",
    "LearningRule",
    "Momentum",
    "MomentumAdjustor",
    "PlainRule",
    "RMSProp",
]

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import torch

from pylearn2_jobman.pylearn2.monitor import Monitor
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils.joined import Tensors, wholes, zeros_like
from pylearn2_jobman.pylearn2.utils.shared import shares
from pylearn2_jobman.pylearn2.utils.state import Stateful, Stateless


class LearningRule:
    """Changes parameters, given the gradients of a batch."""

    def setup(self, params: Tensors) -> None:
        """Make the state that goes with the parameters."""

    def step(self, params: Tensors, gradients: Tensors, rates: Sequence[float]) -> None:
        """Change the parameters in place.

        Parameters
        ----------
        params
            The parameters.
        gradients
            Their gradients.
        rates
            A learning rate for each.
        """
        raise NotImplementedError

    def add_channels_to_monitor(self, monitor: Monitor) -> None:
        """Let the monitor record the state of the rule."""


class PlainRule(LearningRule, Stateless):
    """``p -= rate * gradient``: the rule of an `SGD` without another."""

    def step(self, params: Tensors, gradients: Tensors, rates: Sequence[float]) -> None:
        """Change the parameters in place."""
        _add_scaled(params, gradients, [-rate for rate in rates])


@shares("momentum")
class Momentum(LearningRule, Stateful):
    """``v = momentum * v - rate * gradient; p += v``, where v begins as 0.

    Parameters
    ----------
    init_momentum
        The momentum, until a `MomentumAdjustor` changes it, or ``momentum.set_value(value)``;
        0 <= init_momentum < 1.
    nesterov_momentum
        Whether to use Nesterov's variant, ``p += momentum * v - rate * gradient`` with the new v
        (Sutskever et al. 2013, in the form of Bengio et al. 2012).
    """

    def __init__(self, init_momentum: float, nesterov_momentum: bool = False) -> None:
        if not 0.0 <= init_momentum < 1.0:
            raise ValueError(f"init_momentum is {init_momentum}; it must be 0 <= momentum < 1")
        self.momentum = float(init_momentum)
        self.nesterov_momentum = nesterov_momentum
        self._velocity: list[torch.Tensor] = []

    def setup(self, params: Tensors) -> None:
        """Begin without velocity."""
        self._velocity = zeros_like(params)

    def step(self, params: Tensors, gradients: Tensors, rates: Sequence[float]) -> None:
        """Change the velocities and the parameters in place."""
        momentum = float(self.momentum)  # PyTorch takes twice as long for a subclass
        negative = [-rate for rate in rates]
        everything, velocity = wholes(params, self._velocity)
        torch._foreach_mul_(velocity, momentum)
        _add_scaled(self._velocity, gradients, negative)
        if self.nesterov_momentum:
            torch._foreach_add_(everything, velocity, alpha=momentum)
            _add_scaled(params, gradients, negative)
        else:
            torch._foreach_add_(everything, velocity)

    def add_channels_to_monitor(self, monitor: Monitor) -> None:
        """Record the channel 'momentum'."""
        monitor.add_channel("momentum", val=lambda: self.momentum)


class AdaDelta(LearningRule, Stateful):
    """Steps in proportion to the size of the last ones (Zeiler 2012).

    ``E[g2] = decay * E[g2] + (1 - decay) * g^2``;
    ``d = -sqrt(E[d2] + rate) / sqrt(E[g2] + rate) * g``; ``p += d``;
    ``E[d2] = decay * E[d2] + (1 - decay) * d^2``: the learning rate is Zeiler's epsilon.

    Parameters
    ----------
    decay
        How slowly the means forget; 0 <= decay < 1.
    """

    def __init__(self, decay: float = 0.95) -> None:
        self.decay = _checked_decay(decay)
        self._mean_square_grad: list[torch.Tensor] = []
        self._mean_square_dx: list[torch.Tensor] = []

    def setup(self, params: Tensors) -> None:
        """Begin with means of 0."""
        self._mean_square_grad = zeros_like(params)
        self._mean_square_dx = zeros_like(params)

    def step(self, params: Tensors, gradients: Tensors, rates: Sequence[float]) -> None:
        """Change the means and the parameters in place."""
        _move_mean(self._mean_square_grad, gradients, self.decay)
        steps = torch._foreach_sqrt(torch._foreach_add(self._mean_square_dx, list(rates)))
        scales = torch._foreach_sqrt(torch._foreach_add(self._mean_square_grad, list(rates)))
        torch._foreach_div_(steps, scales)
        torch._foreach_mul_(steps, gradients)
        torch._foreach_sub_(params, steps)
        _move_mean(self._mean_square_dx, list(steps), self.decay)


class AdaGrad(LearningRule, Stateful):
    """``p -= rate / sqrt(sum of g^2) * g`` (Duchi et al. 2011).

    Parameters
    ----------
    max_scaling
        The most that a gradient is multiplied by.
    """

    def __init__(self, max_scaling: float = 1e5) -> None:
        self.eps = 1.0 / _checked_scaling(max_scaling)
        self._sum_square_grad: list[torch.Tensor] = []

    def setup(self, params: Tensors) -> None:
        """Begin with sums of 0."""
        self._sum_square_grad = zeros_like(params)

    def step(self, params: Tensors, gradients: Tensors, rates: Sequence[float]) -> None:
        """Change the sums and the parameters in place."""
        torch._foreach_addcmul_(self._sum_square_grad, gradients, gradients)
        _scaled_step(params, gradients, rates, self._sum_square_grad, self.eps)


class RMSProp(LearningRule, Stateful):
    """``p -= rate / sqrt(mean of g^2) * g`` (Tieleman and Hinton 2012).

    Parameters
    ----------
    decay
        How slowly the mean forgets; 0 <= decay < 1.
    max_scaling
        The most that a gradient is multiplied by.
    """

    def __init__(self, decay: float = 0.9, max_scaling: float = 1e5) -> None:
        self.decay = _checked_decay(decay)
        self.epsilon = 1.0 / _checked_scaling(max_scaling)
        self._mean_square_grad: list[torch.Tensor] = []

    def setup(self, params: Tensors) -> None:
        """Begin with means of 0."""
        self._mean_square_grad = zeros_like(params)

    def step(self, params: Tensors, gradients: Tensors, rates: Sequence[float]) -> None:
        """Change the means and the parameters in place."""
        _move_mean(self._mean_square_grad, gradients, self.decay)
        _scaled_step(params, gradients, rates, self._mean_square_grad, self.epsilon)

    def add_channels_to_monitor(self, monitor: Monitor) -> None:
        """Record the least, mean and largest mean square of each parameter's gradient."""
        names = [name for name, _ in monitor.model.named_params()]
        for name, mean in zip(names, self._mean_square_grad, strict=True):
            for summary in (torch.min, torch.max, torch.mean):
                monitor.add_channel(
                    f"mean_square_grad_{name}_{summary.__name__}",
                    val=partial(_summarised, summary, mean),
                )


def _summarised(summary: Callable[[torch.Tensor], torch.Tensor], tensor: torch.Tensor) -> float:
    return summary(tensor).item()


def _move_mean(means: Tensors, values: Tensors, decay: float) -> None:
    """Move exponential means of squares towards those of new values."""
    torch._foreach_mul_(wholes(means)[0], decay)
    torch._foreach_addcmul_(means, values, values, value=1.0 - decay)


def _scaled_step(
    params: Tensors, gradients: Tensors, rates: Sequence[float], squares: Tensors, least: float
) -> None:
    """Follow the gradients, divided by the roots of ``squares``, which count as ``least``."""
    roots = torch._foreach_sqrt(squares)
    torch._foreach_clamp_min_(roots, least)
    steps = torch._foreach_div(gradients, roots)
    _add_scaled(params, list(steps), [-rate for rate in rates])


def _checked_decay(decay: float) -> float:
    if not 0.0 <= decay < 1.0:
        raise ValueError(f"decay is {decay}; it must be 0 <= decay < 1")
    return float(decay)


def _checked_scaling(max_scaling: float) -> float:
    if not max_scaling > 0:
        raise ValueError(f"max_scaling is {max_scaling}; it must be positive")
    return float(max_scaling)


def _add_scaled(tensors: Tensors, others: Tensors, factors: Sequence[float]) -> None:
    """Add to each tensor, in place, a factor times another."""
    if len(set(factors)) == 1:
        torch._foreach_add_(tensors, others, alpha=factors[0])
    else:
        torch._foreach_add_(tensors, torch._foreach_mul(others, list(factors)))


class HasLearningRule(Protocol):
    """An algorithm that follows gradients by a learning rule, such as `SGD`."""

    learning_rule: LearningRule


class MomentumAdjustor(TrainExtension, Stateful):
    """Moves the momentum of `Momentum` linearly from where it begins to another value.

    Parameters
    ----------
    final_momentum
        The other value.
    start
        Number of the monitoring, the one before training being 1, until which nothing changes.
    saturate
        Number of the monitoring from which on the momentum is ``final_momentum``.
    """

    def __init__(self, final_momentum: float, start: int, saturate: int) -> None:
        if saturate < start:
            raise ValueError(f"saturate={saturate} is before start={start}")
        if not 0.0 <= final_momentum <= 1.0:
            raise ValueError(f"final_momentum is {final_momentum}; it must be 0 to 1")
        self.final_momentum = final_momentum
        self.start = start
        self.saturate = saturate
        self._count = 0
        self._initial: float | None = None

    def setup(self, model: Any, dataset: Any, algorithm: HasLearningRule) -> None:
        """Begin at the epoch where the model is."""
        rule = algorithm.learning_rule
        if not isinstance(rule, Momentum):
            raise ValueError(
                "MomentumAdjustor adjusts learning_rule: Momentum, but the algorithm's is a "
                f"{type(rule).__name__}"
            )
        if self._initial is None:
            self._initial = rule.momentum
        self._count = model.monitor.get_epochs_seen()
        rule.momentum = self.current_momentum()

    def on_monitor(self, model: Any, dataset: Any, algorithm: HasLearningRule) -> None:
        """Move on by one epoch."""
        assert isinstance(algorithm.learning_rule, Momentum)
        self._count += 1
        algorithm.learning_rule.momentum = self.current_momentum()

    def current_momentum(self) -> float:
        """Return the momentum that this epoch should have."""
        assert self._initial is not None
        if self.saturate == self.start:
            part = float(self._count >= self.start)
        else:
            part = (self._count - self.start) / (self.saturate - self.start)
            part = min(max(part, 0.0), 1.0)
        return self._initial * (1.0 - part) + self.final_momentum * part
