"""``theano.sandbox.cuda``: Theano's own graphics card code, which is not here: it says so.

Code asks ``cuda_available`` first and takes the processor; what needs the card cannot be used.
"""

__all__ = ["cuda_available", "cuda_enabled"]

from typing import Any

from pylearn2_jobman.theano.gof import Op, Type

cuda_available = cuda_enabled = False
ftensor4 = nvcc_compiler = None


class CudaNdarray:
    """An array on the graphics card, which cannot be made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _absent()


class CudaNdarrayType(Type):
    """The type of these arrays, which no variable has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _absent()


class CudaNdarrayVariable:
    """A variable of that type; there are none."""


class CudaNdarraySharedVariable(CudaNdarrayVariable):
    """A shared variable of that type; there are none."""


class GpuOp(Op):
    """An operation on the graphics card, which cannot be carried out."""

    def make_node(self, *inputs: Any) -> Any:
        """Raise RuntimeError."""
        _absent()


class GpuDnnConv(GpuOp):
    """A convolution by cuDNN."""


class GpuDnnConvDesc(GpuOp):
    """How a convolution by cuDNN is to be made."""


def _absent(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("theano.sandbox.cuda is not here: graphs are computed by the processor")


as_cuda_ndarray_variable = dnn_pool = float32_shared_constructor = gpu_alloc_empty = _absent
gpu_contiguous = gpu_from_host = host_from_gpu = _absent


def dnn_available() -> bool:
    """Return False."""
    return False


def use(device: str, *args: Any, **kwargs: Any) -> None:
    """Refuse a graphics card; the processor is in use anyway.

    Raises
    ------
    RuntimeError
        For any other device than the processor.
    """
    if device != "cpu":
        _absent()


def unuse() -> None:
    """Do nothing: no graphics card is in use."""


def register_opt(*tags: str, **kwargs: Any) -> Any:
    """Return a decorator that leaves a rewrite for graphics cards alone."""
    return lambda rewrite: rewrite
