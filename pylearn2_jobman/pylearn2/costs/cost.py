"""`Cost`, the base class of all costs, and sums of costs."""

__all__ = [
    "Cost",
    "DefaultDataSpecsMixin",
    "FixedVarDescr",
    "LpPenalty",
    "MethodCost",
    "NullDataSpecsMixin",
    "SumOfCosts",
    "SupervisedCost",
    "UnsupervisedCost",
]

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any, Protocol

import torch
from torch import nn

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.naming import names
from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.space import CompositeSpace, Data, DataSpecs, NullSpace
from pylearn2_jobman.pylearn2.utils.backward import Contributions, has_backward, summed
from pylearn2_jobman.pylearn2.utils.state import Stateful


class HasParams(Protocol):
    """A model, as far as every cost needs it; a cost of some models only may need more."""

    def get_params(self) -> list[nn.Parameter]:
        """Return the parameters."""


GradientFunction = Callable[[Data], Sequence[torch.Tensor]]
"""From a batch to the gradients of a cost for each parameter of a model."""


class Cost(Stateful):
    """A number that says how bad a model is on a batch; training makes it smaller.

    Attributes
    ----------
    supervised : bool
        Whether targets are needed; None where that depends on the model.
    """

    supervised: bool | None = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give a class with ``get_data_specs``, as pylearn2's have it, the data that it names."""
        super().__init_subclass__(**kwargs)
        for method in ("expr", "get_monitoring_channels") if hasattr(cls, "get_data_specs") else ():
            if method in vars(cls):
                setattr(cls, method, _of_its_own_data(vars(cls)[method]))

    def needs_targets(self, model: HasParams) -> bool:
        """Return whether targets are needed for ``model``."""
        if hasattr(self, "get_data_specs"):
            return _is_pair(self.get_data_specs(model)[1])
        return bool(self.supervised)

    def expr(self, model: HasParams, data: Data) -> torch.Tensor | None:
        """Return the cost of ``model`` on a batch: a scalar, or None if only gradients exist."""
        raise NotImplementedError

    def get_gradients(self, model: HasParams, data: Data) -> tuple[torch.Tensor, ...]:
        """Return the gradient of the cost for each of ``model.get_params()``.

        Raises
        ------
        NotImplementedError
            If the cost has no value, and its class does not define the gradients.
        """
        with torch.no_grad():
            return tuple(self._gradients_of_expr(model)(data))

    def gradient_function(self, model: HasParams) -> GradientFunction:
        """Return `get_gradients` as a function of the batch.

        It is for many batches, while neither a parameter nor a method is replaced: what stays the
        same is looked up now. It has to be called inside `torch.no_grad`.
        """
        if _defines_gradients(self):
            return torch.enable_grad()(partial(self.get_gradients, model))
        return self._gradients_of_expr(model)

    def _gradients_of_expr(self, model: HasParams) -> GradientFunction:
        params = model.get_params()
        hooked = any(param._backward_hooks for param in params)
        if not params or hooked or not self.has_backward(model):
            return torch.enable_grad()(partial(self._by_autograd, model))
        seed = torch.ones((), dtype=params[0].dtype, device=params[0].device)

        def by_steps(data: Data) -> Sequence[torch.Tensor]:
            return summed(self.expr_backward(model, data, seed), params)

        return by_steps

    def has_backward(self, model: HasParams) -> bool:
        """Return whether `expr` has a step backward for ``model``."""
        return False

    def expr_backward(self, model: HasParams, data: Data, seed: torch.Tensor) -> Contributions:
        """Return the gradients of ``seed``, a scalar, times the cost: `pylearn2.utils.backward`."""
        raise NotImplementedError

    def _by_autograd(self, model: HasParams, data: Data) -> tuple[torch.Tensor, ...]:
        cost, params = self.expr(model, data), model.get_params()
        if cost is None:
            raise NotImplementedError(f"a {type(self).__name__} has neither a value nor gradients")
        if not cost.requires_grad:  # it does not depend on the parameters
            return tuple(torch.zeros_like(param) for param in params)
        return torch.autograd.grad(cost, params, materialize_grads=True)

    def trace(self, model: HasParams, data: Data) -> None:
        """Try `get_gradients` on a batch, so that its random streams are dealt out.

        Errors are found; nothing else may change.
        """
        self.expr(model, data)

    def get_monitoring_channels(self, model: HasParams, data: Data) -> dict[str, torch.Tensor]:
        """Return the cost's monitoring channels for a batch, by name: scalars."""
        return {}

    def term_name(self, model: HasParams) -> str:
        """Return how pylearn2 calls the cost as a term of a `SumOfCosts`; may be empty."""
        return ""


def _is_pair(source: Any) -> bool:
    """Return whether a source is that of inputs and targets."""
    return isinstance(source, list | tuple) and len(source) == 2 and bool(source[1])


def _of_its_own_data(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a cost's method that gets inputs alone, or None, where its cost names no targets."""

    @wraps(method)
    def of_its_own_data(self: Any, model: Any, data: Any, **kwargs: Any) -> Any:
        source = self.get_data_specs(model)[1]
        if not _is_pair(source) and isinstance(data, tuple) and len(data) == 2:
            data = data[0] if source else None
        return method(self, model, data, **kwargs)

    return of_its_own_data


def _defines_gradients(cost: Cost) -> bool:
    """Return whether a cost has `Cost.get_gradients` of its own."""
    return getattr(cost.get_gradients, "__func__", None) is not Cost.get_gradients


class DefaultDataSpecsMixin:
    """For costs of one's own: says that they take what the model takes."""

    supervised: bool | None

    def get_data_specs(self, model: Any) -> DataSpecs:
        """Return the model's data specs, with targets if the cost is supervised."""
        if not self.supervised:
            return model.get_input_space(), model.get_input_source()
        spaces = CompositeSpace([model.get_input_space(), model.get_target_space()])
        return spaces, (model.get_input_source(), model.get_target_source())


class NullDataSpecsMixin:
    """For costs of one's own: says that they take no data."""

    def get_data_specs(self, model: Any) -> DataSpecs:
        """Return the data specs of nothing."""
        return NullSpace(), ""


class FixedVarDescr:
    """What a Theano cost said about variables that stay fixed for a batch; kept for its name.

    Attributes
    ----------
    fixed_vars, on_load_batch
        The variables, and what was called for each batch.
    """

    def __init__(self) -> None:
        self.fixed_vars: dict[str, Any] = {}
        self.on_load_batch: list[Any] = []


class SupervisedCost(Cost):
    """The base class that costs with targets had in 2012."""

    supervised = True


class UnsupervisedCost(Cost):
    """The base class that costs without targets had in 2012."""


@takes_old_arguments("pylearn2.costs.cost.SumOfCosts")
class SumOfCosts(Cost):
    """A weighted sum of costs.

    Parameters
    ----------
    costs
        Costs, or pairs of a coefficient and a cost.

    Raises
    ------
    ValueError
        If there are none, or one is neither.
    """

    def __init__(self, costs: Sequence[Any]) -> None:
        if not costs:
            raise ValueError("SumOfCosts needs at least one cost")
        self.coeffs: list[float] = []
        self.costs: list[Cost] = []
        for i, entry in enumerate(costs):
            coeff, cost = entry if isinstance(entry, list | tuple) else (1.0, entry)
            if not isinstance(cost, Cost):
                raise TypeError(
                    f"costs[{i}] of SumOfCosts is a {type(cost).__name__}; it takes costs and "
                    "pairs [coefficient, cost]"
                )
            self.coeffs.append(float(coeff))
            self.costs.append(cost)
        self.supervised = any(cost.supervised for cost in self.costs)

    def needs_targets(self, model: HasParams) -> bool:
        """Return whether a term needs targets for ``model``."""
        return any(cost.needs_targets(model) for cost in self.costs)

    def expr(self, model: HasParams, data: Data) -> torch.Tensor | None:
        """Return the sum; None if a term has only gradients."""
        total: torch.Tensor | None = None
        terms = [cost.expr(model, data) for cost in self.costs]
        for coeff, term in zip(self.coeffs, terms, strict=True):
            if term is None:
                return None
            total = coeff * term if total is None else total + coeff * term
        return total

    def has_backward(self, model: HasParams) -> bool:
        """Return whether each term has a step backward."""
        return has_backward(self, "expr") and all(
            cost.has_backward(model) and not _defines_gradients(cost) for cost in self.costs
        )

    def expr_backward(self, model: HasParams, data: Data, seed: torch.Tensor) -> Contributions:
        """Return the terms' gradients; autograd begins with the last term's."""
        terms = [
            cost.expr_backward(model, data, seed * coeff)
            for coeff, cost in zip(self.coeffs, self.costs, strict=True)
        ]
        return [part for term in reversed(terms) for part in term]

    def _by_autograd(self, model: HasParams, data: Data) -> tuple[torch.Tensor, ...]:
        """Return the weighted sum of the terms' gradients.

        Terms whose gradients are those of their value are differentiated together.
        """
        gradients: list[tuple[torch.Tensor, ...]] = []
        together: torch.Tensor | None = None
        for coeff, cost in zip(self.coeffs, self.costs, strict=True):
            if isinstance(cost, SumOfCosts) or _defines_gradients(cost):
                own = cost.get_gradients(model, data)
                gradients.append(tuple(coeff * gradient for gradient in own))
                continue
            term = cost.expr(model, data)
            assert term is not None
            together = coeff * term if together is None else together + coeff * term
        if together is not None and together.requires_grad:
            params = model.get_params()
            gradients.append(torch.autograd.grad(together, params, materialize_grads=True))
        if not gradients:  # nothing depends on the parameters
            return tuple(torch.zeros_like(param) for param in model.get_params())
        total, *others = gradients
        for more in others:
            total = tuple(a + b for a, b in zip(total, more, strict=True))
        return total

    def trace(self, model: HasParams, data: Data) -> None:
        """Try each term."""
        for cost in self.costs:
            cost.trace(model, data)

    def get_monitoring_channels(self, model: HasParams, data: Data) -> dict[str, torch.Tensor]:
        """Return each term, without its coefficient, as ``term_<i>``; and the terms' channels."""
        channels: dict[str, torch.Tensor] = {}
        for i, cost in enumerate(self.costs):
            channels |= cost.get_monitoring_channels(model, data)
            term = cost.expr(model, data)
            if term is not None:
                name = cost.term_name(model)
                channels[f"term_{i}_{name}" if name else f"term_{i}"] = term
        return channels


@takes_old_arguments("pylearn2.costs.cost.MethodCost")
class MethodCost(Cost):
    """A cost that the model itself has, as a method.

    Parameters
    ----------
    method
        Name of the model's method, which takes a batch and returns a scalar.
    data_specs
        What the batch is, ``(space, source)``; or the name of the model's method that returns it,
        which is ``<method>_data_specs`` by default. The method is given inputs and targets if there
        are two sources, inputs alone otherwise or where the model defines none.
    supervised
        Whether it is given targets, whatever the model says.
    """

    def __init__(self, method: str, data_specs: Any = None, supervised: bool | None = None) -> None:
        self.method = method
        self.data_specs = data_specs or f"{method}_data_specs"
        self.supervised = supervised

    def needs_targets(self, model: HasParams) -> bool:
        """Return whether the method is given targets."""
        if self.supervised is not None:
            return self.supervised
        specs: Any = self.data_specs
        if isinstance(specs, str):
            specs = names.method(model, specs) or (None, "")
        _, source = specs() if callable(specs) else specs
        return _is_pair(source)

    def expr(self, model: HasParams, data: Data) -> torch.Tensor:
        """Return what the method returns for the batch."""
        function = names.method(model, self.method)
        if not callable(function):
            raise ValueError(
                f"MethodCost: a {type(model).__name__} has no method {self.method!r}"
                f"{suggest(self.method, dir(type(model)))}"
            )
        cost: torch.Tensor = function(data if self.needs_targets(model) else data[0])
        return cost

    def has_backward(self, model: Any) -> bool:
        """Return whether the model's method has a step backward."""
        own = has_backward(self, "expr", "needs_targets") and self.needs_targets(model)
        return own and model.has_backward(self.method)

    def expr_backward(self, model: Any, data: Data, seed: torch.Tensor) -> Contributions:
        """Return what the method's step backward does."""
        parts: Contributions = getattr(model, f"{self.method}_backward")(data, seed)
        return parts

    def term_name(self, model: HasParams) -> str:
        """Return the name that the model's ``cost_names`` has for the method."""
        return str(getattr(model, "cost_names", {}).get(self.method, ""))


@takes_old_arguments("pylearn2.costs.cost.LpPenalty")
class LpPenalty(Cost):
    """The sum of the absolute values of some tensors, each to the power p.

    Parameters
    ----------
    variables
        The tensors, such as parameters of the model.
    p
        The power; not negative.
    """

    def __init__(self, variables: torch.Tensor | Sequence[torch.Tensor], p: float) -> None:
        if not p >= 0:
            raise ValueError(f"LpPenalty: p is {p}; it must not be negative")
        self.variables = [variables] if isinstance(variables, torch.Tensor) else list(variables)
        self.p = p

    def expr(self, model: HasParams, data: Data) -> torch.Tensor:
        """Return the penalty; the batch does not matter."""
        return torch.stack([(v.abs() ** self.p).sum() for v in self.variables]).sum()
