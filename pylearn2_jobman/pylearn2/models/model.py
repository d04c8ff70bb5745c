"""`Model`: a PyTorch module with pylearn2's view of its parameters."""

__all__ = ["Model"]

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import nn

from pylearn2_jobman.naming.signatures import FullSignature
from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.models.prediction import DataView, outputs
from pylearn2_jobman.pylearn2.models.weights_view import WeightsView
from pylearn2_jobman.pylearn2.records import MonitorRecords
from pylearn2_jobman.pylearn2.space import CompositeSpace, Data, DataSpecs, NullSpace, Space
from pylearn2_jobman.pylearn2.utils.shared import name_of, set_name

Array = np.ndarray[Any, Any]


class Model(WeightsView, nn.Module):
    """Something with parameters that a training algorithm improves.

    A model pickles as plain Python and NumPy arrays, on no device, and comes back on the device
    that ``PYLEARN2_DEVICE`` names. Datasets are not part of it.

    Attributes
    ----------
    monitor : MonitorRecords
        The records of its training, once that has begun: a `pylearn2.monitor.Monitor`.
    force_batch_size : int or None
        The only batch size that the model takes, or None.
    dataset_yaml_src : str
        The YAML text of the dataset that it was trained on, if that came from one.
    data_view : DataView
        How that dataset was made of raw examples.
    """

    __signature__ = FullSignature()
    monitor: MonitorRecords
    force_batch_size: int | None = None
    dataset_yaml_src: str
    data_view: DataView
    input_space: Space
    _params: Any  # the list of a model of one's own

    def __new__(cls, *args: Any, **kwargs: Any) -> "Model":
        """Make what PyTorch needs, also for a class whose constructor forgets to call this one."""
        model = super().__new__(cls)
        nn.Module.__init__(model)
        return model

    def __init__(self) -> None:
        pass  # see __new__: what has been set before stays

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let a class that changes updates do so after every step."""
        super().__init_subclass__(**kwargs)
        for hook in _UPDATE_HOOKS:
            if hook in vars(cls) and "enforce_constraints" not in vars(cls):
                setattr(cls, "enforce_constraints", _then_modify_updates(cls, hook))  # noqa: B010

    @cached_property
    def tag(self) -> dict[str, Any]:
        """What users keep with the model: a dictionary for each key."""
        return defaultdict(dict)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return `fprop` of ``X``, so that the model is callable as PyTorch's modules are."""
        return self.fprop(X)

    def fprop(self, X: torch.Tensor) -> torch.Tensor:
        """Return the model's output for a batch of inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no output")

    # What it makes of examples, once it is trained

    def predict(self, X: Any, batch_size: int = 100) -> Any:
        """Return the label of each example, where the output is probabilities; else the output.

        Parameters
        ----------
        X
            Raw examples, as the dataset was that the model was trained on before its preprocessor:
            rows of shape (examples, features), or images in the order of the dataset's axes, by
            default (examples, rows, columns, channels); the axis of a single channel may be left
            out. What was applied to that dataset is applied here. For a model with several inputs,
            a tuple of arrays. A dataset is taken as it is, preprocessed or not.
        batch_size
            How many examples to compute at once; a model of one batch size takes that.

        Returns
        -------
        array, or tuple of arrays
            For a last layer `Softmax`, labels: int64, of shape (examples,). For any other,
            `predict_proba`.

        Raises
        ------
        ValueError
            If the shape is another one than the model takes.
        """
        return outputs(self, X, batch_size, self.decided)

    def predict_proba(self, X: Any, batch_size: int = 100) -> Any:
        """Return the model's output for examples; of a `Softmax`, the probabilities of classes.

        Parameters
        ----------
        X, batch_size
            As in `predict`.

        Returns
        -------
        array, or tuple of arrays
            Of shape (examples, outputs); several outputs are a tuple.
        """
        return outputs(self, X, batch_size, lambda H: H)

    def decided(self, H: Any) -> Any:
        """Return what a batch of the output says: the output itself, unless redefined."""
        return H

    # What it is trained on

    def get_input_space(self) -> Space:
        """Return the space in which the model wants its input.

        Raises
        ------
        ValueError
            If it has none yet.
        """
        if "input_space" not in vars(self):
            name = type(self).__name__
            raise ValueError(
                f"this {name} has no input_space yet: give it one, or call its set_input_space"
            )
        return self.input_space

    def get_target_space(self) -> Space:
        """Return the space in which the model wants its targets."""
        raise ValueError(f"a {type(self).__name__} learns without targets")

    def get_input_source(self) -> Any:
        """Return the name of the dataset's source that is the input."""
        return "features"

    def get_target_source(self) -> Any:
        """Return the name of the dataset's source that is the targets."""
        return "targets"

    def get_data_specs(self, targets: bool) -> DataSpecs:
        """Return space and source of a batch: a pair of inputs and, if asked for, targets."""
        if targets:
            spaces = (self.get_input_space(), self.get_target_space())
            return CompositeSpace(spaces), (self.get_input_source(), self.get_target_source())
        return CompositeSpace((self.get_input_space(), NullSpace())), (self.get_input_source(), "")

    def get_monitoring_data_specs(self) -> DataSpecs:
        """Return space and source of what `get_monitoring_channels` is given."""
        specs: DataSpecs = self.get_data_specs(targets=self.monitors_targets)
        return specs

    @property
    def monitors_targets(self) -> bool:
        """Whether the model's monitoring channels need targets."""
        return False

    def get_default_cost(self) -> Cost:
        """Return the cost that the model is trained by when no other is given."""
        raise NotImplementedError(
            f"a {type(self).__name__} has no default cost; give the algorithm a cost"
        )

    def get_monitoring_channels(self, data: Data) -> dict[str, torch.Tensor]:
        """Return the model's monitoring channels for a batch, by name: scalars."""
        return {}

    def remembering(self) -> AbstractContextManager[None]:
        """Return a context for asking several things about the same batches.

        Inside, the model may compute only once what several share. Parameters must not change
        there.
        """
        return nullcontext()

    def has_backward(self, *methods: str) -> bool:
        """Return whether each method has a step backward: see `pylearn2.utils.backward`."""
        return False

    def enforce_constraints(self) -> None:
        """Put the parameters, in place, where they are allowed to be."""

    def modify_updates(self, updates: dict[Any, torch.Tensor]) -> None:
        """Change the values that a step gives the parameters; one's own class redefines this.

        It may also redefine ``_modify_updates``, or ``censor_updates``, its name until 2014.

        Parameters
        ----------
        updates
            The new value of each parameter, by the parameter; to be changed.
        """
        self._modify_updates(updates)

    def _modify_updates(self, updates: dict[Any, torch.Tensor]) -> None:
        pass

    def get_lr_scalers(self) -> dict[nn.Parameter, float]:
        """Return factors of the learning rate, by parameter, where they are not 1."""
        return {}

    def set_batch_size(self, batch_size: int) -> None:
        """Make the model take batches of this size."""
        if self.force_batch_size is not None:
            self.force_batch_size = batch_size

    # Its parameters

    def add_param(self, name: str, values: Any) -> nn.Parameter:
        """Make a parameter of the float type, on the device, and the attribute ``name``."""
        parameter = _parameter(backend.to_tensor(values))
        set_name(parameter, self.param_name(name))
        self.register_parameter(name, parameter)
        return parameter

    def param_name(self, attribute: str) -> str:
        """Return pylearn2's name for the parameter in the attribute ``attribute``."""
        return attribute

    def named_params(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield pylearn2's name of each parameter and the parameter, in the order of `get_params`.

        Parameters that are frozen (that require no gradient) are not among them.
        """
        named = list(_named_params(self, set(), of_itself=True))
        if not self._lists_its_own():
            yield from named
            return
        names = {id(parameter): name for name, parameter in named}
        for number, parameter in enumerate(self.get_params()):
            yield names.get(id(parameter)) or name_of(parameter) or f"param_{number}", parameter

    def get_params(self) -> list[nn.Parameter]:
        """Return the parameters, in pylearn2's order: ``_params``, if the model has that.

        A model of one's own may have a ``get_params`` of its own.
        """
        listed: list[nn.Parameter] | None = vars(self).get("_params")
        if listed is not None:
            return list(listed)
        return [parameter for _, parameter in _named_params(self, set(), of_itself=True)]

    def _lists_its_own(self) -> bool:
        return type(self).get_params is not Model.get_params or "_params" in vars(self)

    def get_param_values(self, borrow: bool = False) -> list[Array]:
        """Return copies of the parameters' values; borrowed, they share memory, on a CPU."""
        return [_array(parameter, borrow) for parameter in self.get_params()]

    def set_param_values(self, values: Iterable[Any], borrow: bool = False) -> None:
        """Give each parameter a copy of a value, in the order of `get_params`.

        Raises
        ------
        ValueError
            If there are not as many values as parameters, or a shape differs.
        """
        values = [np.asarray(value) for value in values]
        named = list(self.named_params())
        if len(values) != len(named):
            raise ValueError(f"{len(values)} values were given for {len(named)} parameters")
        for value, (name, parameter) in zip(values, named, strict=True):
            if value.shape != tuple(parameter.shape):
                raise ValueError(
                    f"{name} has shape {tuple(parameter.shape)}; a value of {value.shape} was given"
                )
        with torch.no_grad():
            for value, (_, parameter) in zip(values, named, strict=True):
                parameter.copy_(torch.as_tensor(value))

    def get_param_vector(self) -> Array:
        """Return all parameters' values in one vector, in the order of `get_params`."""
        return np.concatenate([value.ravel() for value in self.get_param_values()])

    def set_param_vector(self, vector: Any) -> None:
        """Give the parameters the values of a vector like `get_param_vector`'s."""
        vector = np.asarray(vector)
        sizes = [parameter.numel() for parameter in self.get_params()]
        if vector.shape != (sum(sizes),):
            raise ValueError(f"the vector has shape {vector.shape}; it must be ({sum(sizes)},)")
        parts = np.split(vector, np.cumsum(sizes)[:-1])
        shapes = (tuple(parameter.shape) for parameter in self.get_params())
        self.set_param_values(
            part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)
        )

    # As a file

    def __getstate__(self) -> dict[str, Any]:
        state = {key: value for key, value in vars(self).items() if key not in _OF_MODULES}
        if "_params" in state:  # they are this model's, or its layers': by name, to stay so
            names = {id(parameter): name for name, parameter in self.named_parameters()}
            state["_params"] = [names.get(id(p), p) for p in state["_params"]]
        return {
            "attributes": state,
            "parameters": _arrays(self._parameters),
            "names": {key: name_of(p) for key, p in self._parameters.items() if p is not None},
            "tied": _tied(self),
            "buffers": _arrays(self._buffers),
            "modules": {
                name: list(module) if isinstance(module, nn.ModuleList) else module
                for name, module in self._modules.items()
            },
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        nn.Module.__init__(self)
        device = backend.device()
        for name, value in state["parameters"].items():
            parameter = None if value is None else _parameter(torch.tensor(value, device=device))
            self.register_parameter(name, parameter)
        for name, value in state["buffers"].items():
            buffer = None if value is None else torch.tensor(value, device=device)
            self.register_buffer(name, buffer)
        for name, module in state["modules"].items():
            self.add_module(name, nn.ModuleList(module) if isinstance(module, list) else module)
        for first, *others in state.get("tied", []):
            for name in others:
                owner, _, attribute = name.rpartition(".")
                self.get_submodule(owner).register_parameter(attribute, self.get_parameter(first))
        for name, value in state["attributes"].items():
            setattr(self, name, value)
        for name, parameter in self._parameters.items():
            if parameter is not None:  # files of before have no names
                set_name(parameter, state.get("names", {}).get(name) or self.param_name(name))
        if "_params" in state["attributes"]:
            self._params = [
                self.get_parameter(p) if isinstance(p, str) else p for p in self._params
            ]


# The methods that change updates: today's two, and the one of before 2014.
_UPDATE_HOOKS = ("modify_updates", "_modify_updates", "censor_updates")


def _then_modify_updates(cls: type[Model], hook: str) -> Callable[[Model], None]:
    """Return an `enforce_constraints` that also calls what a class has for a hook."""

    def enforce_constraints(self: Model) -> None:
        super(cls, self).enforce_constraints()  # type: ignore[misc]
        updates = {parameter: parameter.detach().clone() for parameter in self.get_params()}
        getattr(cls, hook)(self, updates)
        with torch.no_grad():
            for parameter, value in updates.items():
                parameter.copy_(value)

    return enforce_constraints


# What nn.Module keeps about itself, which is made anew when a model is loaded.
_OF_MODULES = frozenset(vars(nn.Module()))


def _named_params(
    module: nn.Module, seen: set[int], of_itself: bool = False
) -> Iterator[tuple[str, nn.Parameter]]:
    """Yield the parameters of a module and all in it, with pylearn2's names; each module once.

    It is asked for at every step: PyTorch's own iterators take several times as long.
    """
    if id(module) in seen:
        return
    seen.add(id(module))
    if isinstance(module, Model) and not of_itself and module._lists_its_own():
        yield from module.named_params()
        return
    once: set[int] = set()  # one that has two attributes is one parameter
    for attribute, parameter in module._parameters.items():
        if parameter is not None and parameter.requires_grad and id(parameter) not in once:
            once.add(id(parameter))
            named = module.param_name if isinstance(module, Model) else str
            yield name_of(parameter) or named(attribute), parameter
    for child in module._modules.values():
        if child is not None:
            yield from _named_params(child, seen)


def _parameter(values: torch.Tensor) -> nn.Parameter:
    """Return a parameter; a matrix lies in memory as `torch.nn.Linear` keeps it, column by column.

    Products are quicker so, that of the gradient most of all.
    """
    return nn.Parameter(values.t().contiguous().t() if values.ndim == 2 else values)


def _array(tensor: torch.Tensor, borrow: bool = False) -> Array:
    value: Array = tensor.detach().cpu().numpy()
    return value if borrow else value.copy()


def _tied(module: nn.Module) -> list[list[str]]:
    """Return the names that each parameter with several names has."""
    names: dict[int, list[str]] = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    return [each for each in names.values() if len(each) > 1]


def _arrays(tensors: Mapping[str, torch.Tensor | None]) -> dict[str, Array | None]:
    """Return the values by name; what is None, like the biases of a layer without, stays so."""
    return {name: None if t is None else _array(t) for name, t in tensors.items()}
