"""Steepest descent, or conjugate gradients, with a search along each direction."""

__all__ = ["BatchGradientDescent"]

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch

from pylearn2_jobman.pylearn2.utils.state import Stateful

Tensors = list[torch.Tensor]
Objective = Callable[[], float]

# The most points that an exhaustive search looks at, and the part of the last improvement that
# is too little to continue.
_MOST_POINTS = 10
_LITTLE = 0.01


class BatchGradientDescent(Stateful):
    """Minimises a function by going to the best point found along its negative gradient.

    Parameters
    ----------
    params
        The parameters; changed in place.
    scales
        Factor of the step for each of them.
    constrain
        Puts the parameters where they are allowed to be, after each step.
    max_iter
        Number of directions that `minimize` follows.
    line_search_mode
        None looks at some step sizes and keeps the best; 'exhaustive' halves and doubles until the
        improvement is small.
    init_alpha
        The step sizes to begin with, growing; the direction has length 1.
    min_init_alpha
        The least step size that a search of the second mode begins with.
    reset_alpha
        Whether each call of `minimize` begins with ``init_alpha`` again.
    conjugate
        Whether directions are conjugate to the last one (Polak and Ribiere 1969).
    reset_conjugate
        Whether each call of `minimize` begins with the gradient.

    Attributes
    ----------
    ave_step_size, ave_grad_size, ave_grad_mult : float
        Exponential means of the step size, of the gradient's norm, and of the one over the other.
    """

    def __init__(
        self,
        params: Tensors,
        scales: Sequence[float],
        constrain: Callable[[], None],
        max_iter: int,
        line_search_mode: str | None = None,
        init_alpha: Sequence[float] | None = None,
        min_init_alpha: float | None = 1e-3,
        reset_alpha: bool = True,
        conjugate: bool = False,
        reset_conjugate: bool = True,
    ) -> None:
        if line_search_mode not in (None, "exhaustive"):
            raise ValueError(
                f"line_search_mode is {line_search_mode!r}; it takes 'exhaustive' or None"
            )
        if init_alpha is None:
            exhaustive = line_search_mode == "exhaustive"
            init_alpha = (0.5, 1.0) if exhaustive else (0.001, 0.005, 0.01, 0.05, 0.1)
        self.params = params
        self.scales = list(scales)
        self.constrain = constrain
        self.max_iter = max_iter
        self.line_search_mode = line_search_mode
        self.alphas = [float(alpha) for alpha in init_alpha]
        if any(b <= a for a, b in pairwise([0.0, *self.alphas])):
            raise ValueError(f"init_alpha must be positive and growing; it is {self.alphas}")
        self.min_init_alpha = min_init_alpha
        self.reset_alpha = reset_alpha
        self.conjugate = conjugate
        self.reset_conjugate = reset_conjugate
        self.tolerance = 1e-6 if params[0].dtype == torch.float32 else 3e-7
        self.direction = [torch.zeros_like(p) for p in params]
        self.ave_step_size = self.ave_grad_size = self.ave_grad_mult = 0.0
        self._weight = 1.0  # the first value is the mean; then each one counts little

    @torch.no_grad()
    def minimize(self, objective: Objective, gradients: Callable[[], Tensors]) -> None:
        """Follow some directions.

        Parameters
        ----------
        objective
            Returns the function's value for the current parameters.
        gradients
            Returns its gradient, as one tensor for each parameter.

        Raises
        ------
        FloatingPointError
            If the function has no value that is a number, here and along a direction.
        """
        alphas = list(self.alphas)
        search = self._try_all if self.line_search_mode is None else self._exhaust
        norm = 0.0 if self.reset_conjugate else 1.0
        for _ in range(self.max_iter):
            start = [param.clone() for param in self.params]
            last = torch._foreach_mul(self.direction, norm)
            self.direction = [gradient.clone() for gradient in gradients()]
            if self.conjugate:
                self._make_conjugate(list(last))
            norm = math.sqrt(_dot(self.direction, self.direction))
            if norm == 0:
                return
            torch._foreach_div_(self.direction, norm)
            self.ave_grad_size = self._mean(self.ave_grad_size, norm)
            step, following = search(objective, start, alphas)
            if following is None:
                break
            alphas = following
            self.ave_step_size = self._mean(self.ave_step_size, step)
            self.ave_grad_mult = self._mean(self.ave_grad_mult, step / norm)
            self._weight = 0.01
        if not self.reset_alpha:
            self.alphas = alphas

    def _mean(self, mean: float, value: float) -> float:
        return self._weight * value + (1.0 - self._weight) * mean

    def _make_conjugate(self, last: Tensors) -> None:
        gradient = self.direction
        beta = (_dot(gradient, gradient) - _dot(gradient, last)) / (1e-7 + _dot(last, last))
        torch._foreach_add_(gradient, last, alpha=max(beta, 0.0))

    def _go_to(self, alpha: float, start: Tensors) -> None:
        """Set the parameters to the point that is ``alpha`` along the direction."""
        steps = torch._foreach_mul(self.direction, [alpha * scale for scale in self.scales])
        for param, origin, step in zip(self.params, start, steps, strict=True):
            torch.sub(origin, step, out=param)
        self.constrain()

    def _value_at(self, alpha: float, objective: Objective, start: Tensors) -> float:
        self._go_to(alpha, start)
        value = objective()
        return math.inf if math.isnan(value) else value

    def _try_all(
        self, objective: Objective, start: Tensors, alphas: list[float]
    ) -> tuple[float, list[float] | None]:
        """Go to the best of the step sizes; return it, and those to try next, None if converged."""
        best_value, best, best_index = _number(objective()), 0.0, -1
        for index, alpha in enumerate(alphas):
            value = self._value_at(alpha, objective, start)
            if value <= best_value:  # of equals, the larger step
                best_value, best, best_index = value, alpha, index
        self._go_to(best, start)
        if best_index < 1 and alphas[0] > self.tolerance:
            return best, [alpha / 3.0 for alpha in alphas]
        if best_index > len(alphas) - 2:
            return best, [alpha * 2.0 for alpha in alphas]
        if best_index == -1:
            if alphas[-1] > 1:
                return best, None
            return best, [alpha * 1.5 ** (index + 1) for index, alpha in enumerate(alphas)]
        if any(b / a > 5.0 for a, b in pairwise(alphas)):
            return best, [alpha**0.99 * best**0.01 for alpha in alphas]
        return best, alphas

    def _exhaust(
        self, objective: Objective, start: Tensors, alphas: list[float]
    ) -> tuple[float, list[float] | None]:
        """Go to the best step size that halving and doubling finds; return it, and two for next."""
        results = {0.0: _number(objective())}
        for alpha in alphas:
            results[alpha] = self._value_at(alpha, objective, start)
        last_improvement = 0.0
        while True:
            points = sorted(results)
            values = [results[point] for point in points]
            best = values.index(min(values))
            alpha = _next_point(points, values, best)
            if alpha < 1e-20 or alpha in results:
                break
            results[alpha] = self._value_at(alpha, objective, start)
            improvement = values[best] - results[alpha]
            if 0 < improvement < _LITTLE * last_improvement or len(points) > _MOST_POINTS:
                break
            last_improvement = improvement
        points = sorted(results)
        values = [results[point] for point in points]
        best = values.index(min(values))
        self._go_to(points[best], start)
        following = points[best] or points[1]
        if self.min_init_alpha is not None:
            following = max(following, 2.0 * self.min_init_alpha)
        return points[best], [following / 2.0, following]


def _next_point(points: Sequence[float], values: Sequence[float], best: int) -> float:
    """Return where to look next: beyond the last point, or halfway to the better neighbour."""
    if best == 0:
        return (points[0] + points[1]) / 2.0
    if best == len(points) - 1:
        return 2.0 * points[-1]
    neighbour = best + 1 if values[best + 1] < values[best - 1] else best - 1
    return (points[best] + points[neighbour]) / 2.0


def _dot(a: Tensors, b: Tensors) -> float:
    return sum((x * y).sum().item() for x, y in zip(a, b, strict=True))


def _number(value: float) -> float:
    if math.isnan(value):
        raise FloatingPointError("the objective is not a number for the current parameters")
    return value
