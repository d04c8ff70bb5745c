"""Constructor arguments that changed in pylearn2's history: one line a change.

People's YAML files name arguments of 2011 to 2016. Where it is certain what one means today it is
taken as that, with one warning; where it is not, it is refused with the reason. Classes stand here
under their present names (see `pylearn2_jobman.naming.renames`), also where an argument went with
an old name.
"""

__all__ = ["modernized", "modernized_names", "takes_old_arguments", "why_refused"]

import functools
import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pylearn2_jobman.errors import ConfigError, OldNameWarning
from pylearn2_jobman.naming import renames

_Class = TypeVar("_Class")


@dataclass(frozen=True)
class _Change:
    """What arguments of before have become.

    Attributes
    ----------
    old
        Their names.
    new
        Names of the arguments that took their place; none where they are not needed any more.
    note
        What else to say in the warning.
    convert
        From those of the old ones that are given, to the new ones. By default a value stays.
    reads
        Other arguments that ``convert`` is given, too.
    """

    old: tuple[str, ...]
    new: tuple[str, ...] = ()
    note: str = ""
    convert: Callable[..., dict[str, Any]] | None = None
    reads: tuple[str, ...] = ()

    def converted(self, given: dict[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
        if self.convert is not None:
            return self.convert(**given, **{name: others[name] for name in self.reads})
        return dict(zip(self.new, given.values(), strict=False))

    def __str__(self) -> str:
        old = " and ".join(map(repr, self.old))
        became = f"became {' and '.join(map(repr, self.new))}" if self.new else "is not needed now"
        note = f" ({self.note})" if self.note else ""
        return f"{old} {became}{note}"


def _momentum(init_momentum: float | None) -> dict[str, Any]:
    from pylearn2_jobman.naming import names

    if init_momentum is None:
        return {}
    momentum = names.find("pylearn2.training_algorithms.learning_rule.Momentum")
    return {"learning_rule": momentum(init_momentum)}


def _binary_target(binary_target: bool = True, target_dim: int = 1) -> dict[str, Any]:
    return {"binary_target_dim": target_dim} if binary_target else {}


def _supervised(superclass: Any) -> dict[str, Any]:
    return {"supervised": bool(getattr(superclass, "supervised", False))}


def _dropout(
    layers: Sequence[Any],
    dropout_include_probs: Sequence[float | None] | None = None,
    dropout_scales: Sequence[float | None] | None = None,
    dropout_input_include_prob: float | None = None,
    dropout_input_scale: float | None = None,
) -> dict[str, Any]:
    """Return the cost: what was said of a layer's output is said of the next one's input."""
    from pylearn2_jobman.naming import names

    nothing = [None] * len(layers)
    probs = [dropout_input_include_prob, *(dropout_include_probs or nothing)]
    scales = [dropout_input_scale, *(dropout_scales or nothing)]
    if not len(probs) == len(scales) == len(layers) + 1:
        raise ConfigError(
            f"dropout_include_probs and dropout_scales need a number, or null, for each of the "
            f"{len(layers)} layers"
        )
    if probs.pop() not in (None, 1):
        raise ConfigError("dropout_include_probs: the output of the last layer cannot be dropped")
    include, scale = {}, {}
    for layer, prob, factor in zip(layers, probs, scales, strict=False):
        if prob is not None:
            include[layer.layer_name] = prob
            scale[layer.layer_name] = 1 / prob if factor is None else factor
    if not include:
        return {}
    cost = names.resolve("pylearn2.costs.mlp.dropout.Dropout")
    return {"dropout": cost(None, input_include_probs=include, input_scales=scale)}


def _scaled(cost: Any, coefficient: float = 1.0, scaling: float = 1.0) -> dict[str, Any]:
    return {"costs": [[coefficient * scaling, cost]]}


_ONE_HOT = _Change(
    ("one_hot",), note="labels become one-hot vectors by themselves, where a model wants these"
)
_LABELS = "y holds labels, so many different ones"

_CHANGES: dict[str, tuple[_Change, ...]] = {
    "pylearn2.costs.cost.LpPenalty": (_Change(("x",), ("p",)),),
    "pylearn2.costs.cost.MethodCost": (
        _Change(("data_spec",), ("data_specs",)),
        _Change(("method_name",), ("method",)),
        _Change(("coefficient",), note="pylearn2 never used it"),
        _Change(("superclass",), ("supervised",), convert=_supervised),
    ),
    "pylearn2.costs.cost.SumOfCosts": (
        _Change(("cost", "scaling", "coefficient"), ("costs",), "[[coefficient, cost]]", _scaled),
    ),
    "pylearn2.datasets.cifar10.CIFAR10": (_ONE_HOT,),
    "pylearn2.datasets.csv_dataset.CSVDataset": (_ONE_HOT,),
    "pylearn2.datasets.dense_design_matrix.DenseDesignMatrix": (
        _Change(("max_labels",), ("y_labels",), _LABELS),
        _Change(("num_classes",), ("y_labels",), _LABELS),
    ),
    "pylearn2.datasets.mnist.MNIST": (_ONE_HOT,),
    "pylearn2.datasets.svhn.SVHN_On_Memory": (_ONE_HOT,),
    "pylearn2.models.mlp.MLP": (
        _Change(
            (
                "dropout_include_probs",
                "dropout_scales",
                "dropout_input_include_prob",
                "dropout_input_scale",
            ),
            ("dropout",),
            "today dropout is a cost, which an algorithm is given: "
            "!obj:pylearn2.costs.mlp.dropout.Dropout { input_include_probs: {<layer>: ...}, "
            "input_scales: {<layer>: ...} }",
            _dropout,
            reads=("layers",),
        ),
    ),
    "pylearn2.models.mlp.PretrainedLayer": (
        _Change(("rbm",), ("layer_content",)),
        _Change(("autoencoder",), ("layer_content",)),
    ),
    "pylearn2.models.mlp.Softmax": (
        _Change(("binary_target", "target_dim"), ("binary_target_dim",), convert=_binary_target),
    ),
    "pylearn2.space.Conv2DSpace": (_Change(("nchannels",), ("num_channels",)),),
    "pylearn2.space.IndexSpace": (
        _Change(("num_classes",), ("max_labels",)),
        _Change(("nclasses",), ("max_labels",)),
    ),
    "pylearn2.train.Train": (_Change(("callbacks",), ("extensions",)),),
    "pylearn2.training_algorithms.sgd.SGD": (
        _Change(("check_for_nan",)),
        _Change(
            ("init_momentum",),
            ("learning_rule",),
            "!obj:pylearn2.training_algorithms.learning_rule.Momentum { init_momentum: ... }",
            _momentum,
        ),
    ),
}

# What went with the name of a class, and is an argument of its present one.
_IMPLIED: dict[str, dict[str, Any]] = {
    "pylearn2.datasets.tfd.UnsupervisedTFD": {"which_set": "unlabeled"},
    "pylearn2.train_extensions.best_params.MonitorBasedStoreBest": {"store_best_model": True},
    "pylearn2.train_extensions.window_flip.WindowAndFlipC01B": {"axes": ("c", 0, 1, "b")},
}

_REFUSED: dict[str, dict[str, str]] = {
    "pylearn2.datasets.preprocessing.GlobalContrastNormalization": {
        "std_bias": "the formula changed: see sqrt_bias and use_std",
        "use_norm": "the formula changed: see sqrt_bias and use_std",
    },
    "pylearn2.models.mlp.ConvElemwise": {
        "is_final_layer": "the cost is that of the last layer, whatever it is: leave it out",
    },
    "pylearn2.models.mlp.Linear": {
        "softmax_columns": "it was an experiment with the weights: use a Softmax layer",
    },
    "pylearn2.training_algorithms.bgd.BGD": {
        "hacky_conjugacy": "see conjugate, which took its place",
    },
    "pylearn2.training_algorithms.sgd.SGD": {
        "learning_rate_adjuster": "put it among the extensions of Train",
    },
}


def modernized_names(name: str, given: Iterable[str]) -> list[str]:
    """Return the names that arguments of the class ``name`` have today, for those it takes."""
    refused = _REFUSED.get(_home(name), {})
    names = [argument for argument in given if argument not in refused]
    for change in _changes(name, names):
        first = names.index(next(old for old in names if old in change.old))
        names[first:first] = change.new
        names = [argument for argument in names if argument not in change.old]
    return names


def modernized(name: str, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return keywords for the class ``name`` as it is today, with a warning for each old one.

    Raises
    ------
    ConfigError
        If an argument is given by its old and by its new name.
    """
    keywords = {**_IMPLIED.get(name, {}), **keywords}
    return _modernized(_home(name), keywords, 3)


def takes_old_arguments(name: str) -> Callable[[type[_Class]], type[_Class]]:
    """Return a decorator for the class ``name``, with which Python, too, may use old arguments."""

    def decorated(cls: type[_Class]) -> type[_Class]:
        init: Any = cls.__init__
        own = list(inspect.signature(init).parameters)[1:]

        @functools.wraps(init)
        def modern(self: Any, *args: Any, **kwargs: Any) -> None:
            if _changes(name, kwargs):
                by_name = dict(zip(own, args, strict=False)) | kwargs
                args, kwargs = (), _modernized(name, by_name, 3)
            init(self, *args, **kwargs)

        cls.__init__ = modern  # type: ignore[method-assign]
        return cls

    return decorated


def _modernized(name: str, given: Mapping[str, Any], stacklevel: int) -> dict[str, Any]:
    keywords = dict(given)
    for change in _changes(name, keywords):
        old = {each: keywords.pop(each) for each in change.old if each in keywords}
        for new, value in change.converted(old, keywords).items():
            if new in keywords:
                raise ConfigError(
                    f"{name} is given {new!r} and also {' and '.join(map(repr, old))}, which "
                    "is now the same: give one of them"
                )
            keywords[new] = value
        warnings.warn(f"{name}: {change}", OldNameWarning, stacklevel=stacklevel)
    return keywords


def why_refused(name: str, given: Iterable[str]) -> str | None:
    """Return why arguments of the class ``name`` are not taken any more; None if all are."""
    refused = _REFUSED.get(_home(name), {})
    reasons = [
        f"{argument!r} any more: {refused[argument]}" for argument in given if argument in refused
    ]
    return f"{name} does not take {'; nor '.join(reasons)}" if reasons else None


def _changes(name: str, given: Iterable[str]) -> list[_Change]:
    """Return the changes that the arguments of a class are affected by."""
    given = set(given)
    affected = []
    for change in _CHANGES.get(_home(name), ()):
        if given & set(change.old):
            affected.append(change)
            given -= set(change.old)
    return affected


def _home(name: str) -> str:
    """Return the present name of a class, which moved or is given by its full path."""
    name = name.removeprefix("pylearn2_jobman.") if ".pylearn2." in name else name
    moved = renames.new_home(name)
    return moved[0] if moved else name
