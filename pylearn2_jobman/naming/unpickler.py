"""Pickles: moved classes are found, and with a list only what it allows comes out of one.

Without a list, Python's own unpickler reads them, as it always did. With one, this module's does,
step by step in Python. What a pickle names is then a token that can be made into an instance, or
given to the functions of NumPy and PyTorch that make arrays; it is not the class itself, so that
nothing else can be done with it.
"""

__all__ = ["unpickle"]

import io
import math
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import FunctionType
from typing import IO, Any, ClassVar

from pylearn2_jobman.errors import NameNotAllowedError
from pylearn2_jobman.fence.allow import AllowList, allow_list, python3_name
from pylearn2_jobman.fence.listed import IN_PICKLES, Use
from pylearn2_jobman.naming import names, renames


def unpickle(
    file: IO[bytes], refused: Callable[[str], Exception | None] = lambda name: None
) -> Any:
    """Return the object in a pickle, of Python 2 or 3.

    Parameters
    ----------
    file
        The pickle.
    refused
        Asked, without a list, for a name that leads nowhere or into Theano; returns the error to
        raise, if there is a better one.

    Raises
    ------
    NameNotAllowedError
        If ``JOBMAN_ALLOW`` is set, and the pickle holds anything but instances of classes that it
        allows, arrays and plain data; the message says what.
    Exception
        Whatever is wrong with the pickle, as `pickle.load` raises it.
    """
    allowed = allow_list()
    if allowed is None:
        return _Unpickler(file, refused).load()
    return _FencedUnpickler(file, allowed).load()


class _Unpickler(pickle.Unpickler):
    """Python's own, which finds moved classes too."""

    def __init__(self, file: IO[bytes], refused: Callable[[str], Exception | None]) -> None:
        super().__init__(file, encoding="latin1")  # pickles of Python 2 as well
        self._refused = refused

    def find_class(self, module: str, name: str) -> Any:
        """Return the class or function that the pickle names."""
        full = python3_name(f"{module}.{name}")
        if module.split(".")[0] == "theano" and (error := self._refused(full)) is not None:
            raise error
        try:
            if renames.new_home(full):
                return names.find(full)
            return super().find_class(module, name)
        except (ImportError, AttributeError):
            if (error := self._refused(full)) is not None:
                raise error from None
            raise


@dataclass(frozen=True, eq=False)
class _Token:
    """Something that a pickle names.

    Attributes
    ----------
    name
        Its name.
    cls
        The class that instances are made of; None if none are.
    function
        What a pickle may call; None if it may not.
    """

    name: str
    cls: type | None = None
    function: Callable[..., Any] | None = None


# The one in Python, whose steps can be refused; the one in C has none to redefine.
_PythonUnpickler: Any = pickle._Unpickler


class _FencedUnpickler(_PythonUnpickler):  # type: ignore[misc]
    """Makes instances of allowed classes, arrays and plain data, and changes nothing else."""

    dispatch: ClassVar[dict[int, Any]] = dict(_PythonUnpickler.dispatch)

    def __init__(self, file: IO[bytes], allowed: AllowList) -> None:
        super().__init__(file, encoding="latin1")
        self._allowed = allowed
        self._classes: set[type] = set()  # those whose instances this pickle may make and fill

    def load(self) -> Any:
        """Return the object in the pickle."""
        found = super().load()
        if isinstance(found, _Token):
            raise _refusal(f"the name {found.name!r} itself, instead of an object")
        return found

    def find_class(self, module: str, name: str) -> Any:
        """Return a token for a name; the thing itself if it may be handed over."""
        full = python3_name(f"{module}.{name}")
        if full in _CONSTRUCTORS:
            return _Token(full, function=_CONSTRUCTORS[full])
        if full in _NUMBERS:
            return self._numbers(full, super().find_class(module, name))
        found, mark = names.offered(full, self._allowed, Use.BUILD, IN_PICKLES)
        handed_over = Use.ARGUMENT in mark.uses
        if not isinstance(found, type):
            if handed_over and isinstance(found, FunctionType):
                return found
            raise _refusal(f"{full!r}, which is no class")
        self._classes.add(found)
        return found if handed_over else _Token(full, found)

    def _numbers(self, name: str, found: Any) -> Any:
        """Return what arrays, tensors and random generators are made with."""
        kind = _NUMBERS[name]
        if kind is _Kind.VALUE:
            return found
        if kind is _Kind.CLASS:
            self._classes.add(found)
            if name == "numpy.ndarray":  # made by a function alone
                return _Token(name)
            return _Token(name, found, _dtype if name == "numpy.dtype" else found)
        if name.startswith("numpy.random."):  # NumPy may know what these make by a text alone
            for made in ("MT19937", "RandomState"):
                self._classes.add(super().find_class("numpy.random", made))
        return _Token(name, function=found)

    def load_reduce(self) -> None:
        args = self.stack.pop()
        self.stack[-1] = self._called(self.stack[-1], args)

    def load_newobj(self) -> None:
        args = self.stack.pop()
        self.stack[-1] = self._made(self.stack[-1], args, {})

    def load_newobj_ex(self) -> None:
        keywords, args = self.stack.pop(), self.stack.pop()
        self.stack[-1] = self._made(self.stack[-1], args, keywords)

    def _instantiate(self, klass: Any, args: Any) -> None:
        self.append(self._made(klass, args, {}))

    def load_build(self) -> None:
        self._check_fills(self.stack[-2], "attributes")
        self.stack[-1] = _checked_state(self.stack[-2], self.stack[-1])
        super().load_build()

    def load_setitem(self) -> None:
        self._check_fills(self.stack[-3], "items", dict)
        super().load_setitem()

    def load_setitems(self) -> None:
        self._check_fills(self.metastack[-1][-1], "items", dict)
        super().load_setitems()

    def load_append(self) -> None:
        self._check_fills(self.stack[-2], "items", list)
        super().load_append()

    def load_appends(self) -> None:
        self._check_fills(self.metastack[-1][-1], "items", list)
        super().load_appends()

    def load_additems(self) -> None:
        self._check_fills(self.metastack[-1][-1], "items", set)
        super().load_additems()

    def get_extension(self, code: int) -> None:
        raise _refusal("a name by number")

    def _called(self, token: Any, args: tuple[Any, ...]) -> Any:
        if not isinstance(token, _Token) or token.function is None:
            name = token.name if isinstance(token, _Token) else type(token).__name__
            raise _refusal(f"a call of {name!r}")
        if token.name == "copyreg._reconstructor":  # as before protocol 2
            cls, base, _ = args
            if getattr(base, "name", None) != "builtins.object":
                raise _refusal("an instance of a container")
            return self._made(cls, (), {})
        if token.name in _NUMBERS:  # some are given others: the class of a random generator
            args = tuple(
                each.function if isinstance(each, _Token) and each.name in _NUMBERS else each
                for each in args
            )
        return token.function(*args)

    def _made(self, token: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        cls = token.cls if isinstance(token, _Token) else token
        if not isinstance(cls, type) or cls not in self._classes:
            name = token.name if isinstance(token, _Token) else type(token).__name__
            raise _refusal(f"an instance of {name!r}")
        return cls.__new__(cls, *args, **keywords)

    def _check_fills(self, target: Any, what: str, plain: type | None = None) -> None:
        """Refuse to put anything into what this pickle has not made."""
        if type(target) is not plain and not isinstance(target, tuple(self._classes)):
            raise _refusal(f"{what} for a {type(target).__name__}")

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_newobj
    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex
    dispatch[pickle.BUILD[0]] = load_build
    dispatch[pickle.SETITEM[0]] = load_setitem
    dispatch[pickle.SETITEMS[0]] = load_setitems
    dispatch[pickle.APPEND[0]] = load_append
    dispatch[pickle.APPENDS[0]] = load_appends
    dispatch[pickle.ADDITEMS[0]] = load_additems


def _refusal(what: str) -> NameNotAllowedError:
    return NameNotAllowedError(
        f"a pickle with {what} is not allowed here: with JOBMAN_ALLOW, one holds instances of "
        "allowed classes, arrays and plain data"
    )


def _bytes(content: Any = b"", encoding: str = "latin-1") -> bytes:
    """Return bytes from bytes or text; from a number, these would be as many as it says."""
    if isinstance(content, str):
        return _encoded(content, encoding)
    if not isinstance(content, bytes):
        raise _refusal(f"bytes made of {type(content).__name__}")
    return content


def _encoded(text: str, encoding: str) -> bytes:
    """Return the bytes that Python 3 writes as text for Python 2."""
    if encoding not in ("latin1", "latin-1"):
        raise _refusal(f"bytes in the encoding {encoding!r:.40}")
    return text.encode(encoding)


def _dtype(kind: Any, *_: Any) -> Any:
    """Return a type of numbers that is this pickle's own: the state that follows changes it."""
    import numpy as np

    if not isinstance(kind, str) or not _KIND.fullmatch(kind):  # 'O,i8' and '(9,)f8' have parts
        raise _refusal("a type of numbers with parts")
    return np.dtype(kind, False, True)


def _array(*_: Any) -> Any:
    """Return an empty array, for the state that follows: memory as it is may hold secrets."""
    import numpy as np

    return np.ndarray((0,), np.int8)


def _checked_state(target: Any, state: Any) -> Any:
    """Return a state without what NumPy takes for granted, and reads and writes memory by."""
    import numpy as np

    if isinstance(target, np.dtype):
        _, order, *parts = state
        if order not in ("<", ">", "|") or parts[:3] != [None] * 3 or len(parts) != 6:
            raise _refusal("a type of numbers with parts")
        of_any_size = issubclass(target.type, np.flexible)
        size = (target.itemsize, target.alignment) if of_any_size else (-1, -1)
        return 3, order, None, None, None, *size, target.flags
    if isinstance(target, np.ndarray):
        *_, shape, dtype, _, content = state
        sizes = all(type(size) is int and size >= 0 for size in shape)
        if not sizes or not isinstance(dtype, np.dtype | str) or type(content) not in _CONTENTS:
            raise _refusal("an array that is none")
        if isinstance(content, list) and len(content) != math.prod(shape):
            raise _refusal("an array that is none")
    if isinstance(target, np.random.RandomState | np.random.MT19937):
        position = _position(state)
        if type(position) is not int or not 0 <= position <= _MT19937_WORDS:
            raise _refusal("a random generator that is none")
    return state


def _position(state: Any) -> Any:
    """Return which word of a Mersenne Twister is next; None for the state of anything else."""
    match state:
        case {"bit_generator": "MT19937", "state": {"pos": position}}:  # NumPy 1.17
            return position
        case [{"bit_generator": "MT19937", "state": {"pos": position}}, _]:  # NumPy 2
            return position
        case ["MT19937", _, position, *_]:  # before
            return position
    return None


def _scalar(dtype: Any, content: Any = None) -> Any:
    """Return one number, or text: without its bytes, it would be as long as its type says."""
    from numpy._core.multiarray import scalar

    if not isinstance(content, bytes | str):
        raise _refusal("a number without its bytes")
    return scalar(dtype, content)


def _torch_storage(content: bytes) -> Any:
    """Return the numbers of a tensor, without running what the file of them may hold."""
    import torch

    return torch.load(io.BytesIO(content), weights_only=True)


def _tensor(storage: Any, offset: int, shape: Any, strides: Any, *rest: Any) -> Any:
    """Return a tensor; one beyond its numbers would show memory as it is."""
    import torch

    rebuild: Any = torch._utils._rebuild_tensor_v2
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if not isinstance(storage, torch.storage.TypedStorage):
        raise _refusal("a tensor without numbers")
    if 0 not in shape and last >= storage._untyped_storage.nbytes() // storage.dtype.itemsize:
        raise _refusal("a tensor beyond its numbers")
    return rebuild(storage, offset, shape, strides, *rest)


_KIND = re.compile(r"[A-Za-z]\d*")
_CONTENTS = (bytes, bytearray, str, list)  # str: bytes of Python 2
_MT19937_WORDS = 624

# What pickles of plain data, arrays, tensors and random states are made with.
_CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    "_codecs.encode": _encoded,
    "builtins.bytearray": lambda *args: bytearray(_bytes(*args)),
    "builtins.bytes": _bytes,
    "builtins.complex": complex,
    "builtins.dict": dict,
    "builtins.frozenset": frozenset,
    "builtins.list": list,
    "builtins.object": object,
    "builtins.set": set,
    "builtins.slice": slice,
    "copyreg._reconstructor": object,  # never called: see _called
    "numpy._core.multiarray._reconstruct": _array,
    "numpy._core.multiarray.scalar": _scalar,
    "numpy.core.multiarray._reconstruct": _array,
    "numpy.core.multiarray.scalar": _scalar,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch.storage._load_from_bytes": _torch_storage,
}


class _Kind(Enum):
    """What a pickle may do with something that numbers are made with."""

    CLASS = "make instances, call it, and fill these"
    FUNCTION = "call it"
    VALUE = "have it as it is"


# By the names of NumPy 1 and 2. Nothing that is called, or given, here runs what it is given.
_NUMBERS: dict[str, _Kind] = {
    "collections.OrderedDict": _Kind.CLASS,
    "numpy._core.numeric._frombuffer": _Kind.FUNCTION,
    "numpy.core.numeric._frombuffer": _Kind.FUNCTION,
    "numpy.dtype": _Kind.CLASS,
    "numpy.ndarray": _Kind.CLASS,
    "numpy.random._mt19937.MT19937": _Kind.CLASS,
    "numpy.random._pickle.__bit_generator_ctor": _Kind.FUNCTION,
    "numpy.random._pickle.__randomstate_ctor": _Kind.FUNCTION,
    "torch.Size": _Kind.CLASS,
    "torch._utils._rebuild_parameter": _Kind.FUNCTION,
    "torch.bool": _Kind.VALUE,
    "torch.float32": _Kind.VALUE,
    "torch.float64": _Kind.VALUE,
    "torch.int64": _Kind.VALUE,
}
