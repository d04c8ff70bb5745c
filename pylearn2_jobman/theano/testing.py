"""``theano.tests``: what Theano's own tests stood on, and others' took from there."""

__all__ = ["Record", "RecordMode", "assert_allclose", "fetch_seed", "verify_grad"]

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from pytensor.link.basic import PerformLinker, WrapLinker

from pylearn2_jobman.theano import gradient
from pylearn2_jobman.theano.compile import Mode

seed = 1234


def fetch_seed(pseed: int | None = None) -> int:
    """Return a seed: the one that is given, or the same each time."""
    return seed if pseed is None else pseed


def seed_rng(pseed: int | None = None) -> int:
    """Seed NumPy's global generator; return the seed."""
    chosen = fetch_seed(pseed)
    np.random.seed(chosen)
    return chosen


def verify_grad(op: Any, pt: Any, n_tests: int = 2, rng: Any = None, **kwargs: Any) -> None:
    """Compare a gradient with differences; see `theano.gradient.verify_grad`."""
    gradient.verify_grad(op, pt, n_tests, rng, **kwargs)


def assert_allclose(expected: Any, value: Any, rtol: float | None = None, **kwargs: Any) -> None:
    """Raise AssertionError where arrays are not alike, float32 more loosely."""
    narrow = "float32" in {str(getattr(each, "dtype", "")) for each in (expected, value)}
    rtol = rtol if rtol is not None else (1e-4 if narrow else 1e-5)
    np.testing.assert_allclose(value, expected, rtol=rtol, **kwargs)


def disturb_mem() -> None:
    """Do nothing: it was to bring faults of memory to light."""


disturb_mem.disturb_mem = disturb_mem  # type: ignore[attr-defined] # it was in a module of its name


class Record:
    """Lines that are written, or compared with those that were.

    Parameters
    ----------
    file_object, file_path
        Where the lines are: one of the two.
    replay
        Whether to compare.
    """

    def __init__(
        self, file_object: Any = None, file_path: str | None = None, replay: bool = False
    ) -> None:
        opened = Path(file_path).open("r" if replay else "w") if file_path else None  # noqa: SIM115
        self.f: Any = opened if file_object is None else file_object
        self.replay = replay

    def handle_line(self, line: str) -> None:
        """Write a line, or raise AssertionError if the next one is another."""
        if not self.replay:
            self.f.write(line)
            return
        before = self.f.readline()
        assert before == line, f"it was {before!r}, and is {line!r}"


class RecordMode(Mode):
    """A mode that records what each operation of a function gives: two runs can be compared.

    Parameters
    ----------
    record
        The `Record`; or its arguments.
    """

    def __init__(self, record: Record | None = None, **kwargs: Any) -> None:
        self.record = record or Record(**kwargs)
        super().__init__(WrapLinker([PerformLinker()], self._run), "fast_compile")

    def _run(self, fgraph: Any, i: int, node: Any, thunk: Any) -> None:
        node.op.prepare_node(node, None, None, "py")  # which PerformLinker leaves out
        thunk()
        digests = [hashlib.sha256(repr(each[0]).encode()).hexdigest() for each in thunk.outputs]
        self.record.handle_line(f"{i} {node.op} {' '.join(digests)}\n")
