"""``theano.config``: PyTensor's flags, and those that only Theano had.

The float type is that of ``PYLEARN2_FLOATX``, else of ``THEANO_FLAGS``, else float32, as in the
other half. ``THEANO_FLAGS`` is read as far as PyTensor has the flags; ``PYTENSOR_FLAGS`` wins.
"""

__all__ = ["AddConfigVar", "BoolParam", "EnumStr", "FloatParam", "IntParam", "StrParam", "config"]

import os
from types import SimpleNamespace
from typing import Any

_KNOWN = {
    "base_compiledir",
    "blas.ldflags",
    "compiledir",
    "cxx",
    "floatX",
    "linker",
    "mode",
    "optimizer",
}
# Modes that are no more, and what does their work.
MODES = {
    "DEBUG_MODE": "FAST_COMPILE",
    "DebugMode": "FAST_COMPILE",
    "FAST_RUN_NOGC": "FAST_RUN",
    "ProfileMode": "FAST_RUN",
}


def _flags(text: str) -> dict[str, str]:
    pairs = (item.partition("=")[::2] for item in text.split(",") if "=" in item)
    return {name.strip(): value.strip() for name, value in pairs}


def _import_pytensor() -> Any:
    """Import PyTensor with the flags that hold here."""
    theanos = {k: v for k, v in _flags(os.environ.get("THEANO_FLAGS", "")).items() if k in _KNOWN}
    if "mode" in theanos:
        theanos["mode"] = MODES.get(theanos["mode"], theanos["mode"])
    floatx = os.environ.get("PYLEARN2_FLOATX") or theanos.pop("floatX", None) or "float32"
    flags = {k.replace(".", "__"): v for k, v in theanos.items()} | {"floatX": floatx}
    before = os.environ.get("PYTENSOR_FLAGS")
    flags |= _flags(before or "")
    os.environ["PYTENSOR_FLAGS"] = ",".join(f"{k}={v}" for k, v in flags.items())
    try:
        import pytensor
    finally:
        if before is None:
            del os.environ["PYTENSOR_FLAGS"]
        else:
            os.environ["PYTENSOR_FLAGS"] = before
    return pytensor


pytensor = _import_pytensor()

_ONLY_THEANOS = {
    "compute_test_value": "off",  # values of variables while a graph is built: there are none
    "cuda": SimpleNamespace(root=""),
    "device": "cpu",
    "dnn": SimpleNamespace(enabled="False"),
    "exception_verbosity": "low",
    "experimental": SimpleNamespace(unpickle_gpu_on_cpu=False),
    "force_device": False,
    "gpuarray": SimpleNamespace(preallocate=0.0),
    "init_gpu_device": "",
    "int_division": "int",
    "lib": SimpleNamespace(cnmem=0.0),
    "nocleanup": False,
    "nvcc": SimpleNamespace(fastmath=False, flags=""),
    "print_active_device": False,
    "pthreads": SimpleNamespace(inc_dir="", lib="", lib_dir=""),
    "unittests": SimpleNamespace(rseed="666"),
    "warn": SimpleNamespace(sum_div_dimshuffle_bug=False),
    "warn_float64": "ignore",
}


class _Config:
    """Theano's flags: those that PyTensor has are PyTensor's, and set there."""

    def __init__(self) -> None:
        self.__dict__.update(_ONLY_THEANOS)

    def __getattr__(self, name: str) -> Any:
        return getattr(pytensor.config, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            self.__dict__[name] = value
        else:
            setattr(pytensor.config, name, MODES.get(value, value) if name == "mode" else value)

    def change_flags(self, **flags: Any) -> Any:
        """Return PyTensor's context manager and decorator, which sets flags for a while."""
        return pytensor.config.change_flags(
            **{k: v for k, v in flags.items() if k not in _ONLY_THEANOS}
        )


config = _Config()
change_flags = config.change_flags


def StrParam(default: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the default of a flag that `AddConfigVar` adds."""
    return default


BoolParam = EnumStr = FloatParam = IntParam = StrParam


def AddConfigVar(name: str, doc: str, default: Any, in_c_key: bool = True, **kwargs: Any) -> None:
    """Add a flag of one's own; ``THEANO_FLAGS`` sets it, as text."""
    *path, last = name.split(".")
    place: Any = config.__dict__
    for part in path:
        place = place.setdefault(part, SimpleNamespace()).__dict__
    place[last] = _flags(os.environ.get("THEANO_FLAGS", "")).get(name, default)
