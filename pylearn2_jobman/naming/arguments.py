"""Constructor arguments that changed in pylearn2's history: one line a change.

People's YAML files name arguments of 2011 to 2016. Where it is certain what one means today it is
taken as that, with one warning; where it is not, it is refused with the reason. Classes stand here
under their present names (see `pylearn2_jobman.naming.renames`), unless the change went with the
old name.
"""

__all__ = ["modernized", "modernized_names", "why_refused"]

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pylearn2_jobman.errors import ConfigError, OldNameWarning
from pylearn2_jobman.naming import renames


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
    """

    old: tuple[str, ...]
    new: tuple[str, ...] = ()
    note: str = ""
    convert: Callable[..., dict[str, Any]] | None = None

    def converted(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.convert is not None:
            return self.convert(**given)
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


def _scaled(cost: Any, coefficient: float = 1.0, scaling: float = 1.0) -> dict[str, Any]:
    return {"costs": [[coefficient * scaling, cost]]}


_ONE_HOT = _Change(
    ("one_hot",), note="labels become one-hot vectors by themselves, where a model wants these"
)
_SCALING = _Change(("cost", "scaling"), ("costs",), "[[scaling, cost]]", _scaled)
_LABELS = "y holds labels, so many different ones"

_CHANGES: dict[str, tuple[_Change, ...]] = {
    "pylearn2.costs.autoencoder.ModelMethodPenalty": (_Change(("method_name",), ("method",)),),
    "pylearn2.costs.autoencoder.ScaleBy": (
        _Change(("cost", "coefficient"), ("costs",), "[[coefficient, cost]]", _scaled),
    ),
    "pylearn2.costs.cost.MethodCost": (_Change(("data_spec",), ("data_specs",)),),
    "pylearn2.costs.cost.ScaledCost": (_SCALING,),
    "pylearn2.costs.cost.scaled_cost": (_SCALING,),
    "pylearn2.costs.general_cost.ScaledCost": (_SCALING,),
    "pylearn2.datasets.cifar10.CIFAR10": (_ONE_HOT,),
    "pylearn2.datasets.csv_dataset.CSVDataset": (_ONE_HOT,),
    "pylearn2.datasets.dense_design_matrix.DenseDesignMatrix": (
        _Change(("max_labels",), ("y_labels",), _LABELS),
        _Change(("num_classes",), ("y_labels",), _LABELS),
    ),
    "pylearn2.datasets.mnist.MNIST": (_ONE_HOT,),
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
    "pylearn2.train_extensions.best_params.MonitorBasedStoreBest": {"store_best_model": True},
}

_DROPOUT = (
    "dropout is a cost now: give the algorithm cost: "
    "!obj:pylearn2.costs.mlp.dropout.Dropout { input_include_probs: {<layer>: ...}, "
    "input_scales: {<layer>: ...} }"
)

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
    "pylearn2.models.mlp.MLP": {
        "dropout_include_probs": _DROPOUT,
        "dropout_input_include_prob": _DROPOUT,
        "dropout_input_scale": _DROPOUT,
        "dropout_scales": _DROPOUT,
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
    for change in _changes(name, keywords):
        given = {old: keywords.pop(old) for old in change.old if old in keywords}
        for new, value in change.converted(given).items():
            if new in keywords:
                raise ConfigError(
                    f"{name} is given {new!r} and also {' and '.join(map(repr, given))}, which "
                    "is now the same: give one of them"
                )
            keywords[new] = value
        warnings.warn(f"{_home(name)}: {change}", OldNameWarning, stacklevel=2)
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
    for change in _CHANGES.get(name) or _CHANGES.get(_home(name), ()):
        if given & set(change.old):
            affected.append(change)
            given -= set(change.old)
    return affected


def _home(name: str) -> str:
    """Return the present name of a class, which moved or is given by its full path."""
    name = name.removeprefix("pylearn2_jobman.") if ".pylearn2." in name else name
    moved = renames.new_home(name)
    return moved[0] if moved else name
