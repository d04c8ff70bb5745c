"""Images in other windows, and mirrored, at every epoch (Krizhevsky et al. 2012)."""

__all__ = ["WindowAndFlip"]

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2.datasets.preprocessing import CentralWindow
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng
from pylearn2_jobman.pylearn2.utils.state import Stateful

Array = np.ndarray[Any, Any]


class WindowAndFlip(TrainExtension, Stateful):
    """Shows a window of each image, drawn anew for each, and mirrors half of them.

    Parameters
    ----------
    window_shape
        (rows, columns) of the window.
    randomize
        Datasets of which the windows are drawn before training and after every epoch.
    randomize_once
        Datasets of which they are drawn before training only.
    center
        Datasets that show the middle of their images.
    rng
        Generator or seed of the draws.
    pad_randomized
        Rows and columns of zeros that are put around the images before windows are drawn.
    flip
        Whether to mirror.
    axes
        Not used: each dataset knows its own.
    """

    def __init__(
        self,
        window_shape: Sequence[int],
        randomize: Sequence[Any] | None = None,
        randomize_once: Sequence[Any] | None = None,
        center: Sequence[Any] | None = None,
        rng: Seed = (2013, 2, 20),
        pad_randomized: int = 0,
        flip: bool = True,
        axes: Any = None,
    ) -> None:
        for name, given in (
            ("randomize", randomize),
            ("randomize_once", randomize_once),
            ("center", center),
        ):
            if not isinstance(given, list | tuple | None):
                raise TypeError(f"WindowAndFlip: {name} is a list of datasets; got {given!r}")
        self._window_shape = tuple(window_shape)
        self._randomize = list(randomize or ())
        self._randomize_once = list(randomize_once or ())
        self._center = list(center or ())
        self._pad_randomized = pad_randomized
        self._flip = flip
        self._rng = make_np_rng(rng)
        self._seeds: list[int] = []
        if not self._drawn + self._center:
            warnings.warn("WindowAndFlip has no datasets, and does nothing", stacklevel=2)

    @property
    def _drawn(self) -> list[Any]:
        return self._randomize + self._randomize_once

    def change_data(self) -> None:
        """Show the middle of images, and the first windows."""
        for each in self._center:
            CentralWindow(self._window_shape).apply(each)
        padding = [(0, 0), *[(self._pad_randomized,) * 2] * 2, (0, 0)]
        self._originals = [
            np.pad(each.get_topological_view().astype("float32"), padding) for each in self._drawn
        ]
        self._seeds = [0] * len(self._drawn)
        self._draw(len(self._drawn))

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Draw other windows."""
        self._draw(len(self._randomize))

    def _draw(self, number: int) -> None:
        for i in range(number):
            self._seeds[i] = int(self._rng.randint(1, 2**32))
            self._show(i)

    def _show(self, number: int) -> None:
        """Show the windows of one of the datasets that its seed draws."""
        dataset, images = self._drawn[number], self._originals[number]
        axes = tuple(dataset.view_converter.axes)
        if axes not in (("b", 0, 1, "c"), ("c", 0, 1, "b")):
            raise ValueError(
                f"WindowAndFlip takes images with the axes ('b', 0, 1, 'c') or ('c', 0, 1, 'b'); "
                f"got {axes}"
            )
        by_example = np.moveaxis(images, axes.index("b"), 0)  # then rows and columns, or channels
        first = int(axes.index("c") == 0)  # where the rows are in an example
        rows, columns = self._window_shape
        room = (images.shape[1] - rows, images.shape[2] - columns)
        if min(room) < 0:
            raise ValueError(f"WindowAndFlip: {self._window_shape} does not fit into the images")
        draws, windows = _rand_r(self._seeds[number]), []
        for image in by_example:
            top, left = (next(draws) % (most + 1) for most in room)
            mirrored = next(draws) % 2 and self._flip
            window = np.moveaxis(image, first, 0)[top : top + rows]
            window = np.moveaxis(window, 0, first)
            kept = [slice(None)] * 3
            kept[first + 1] = slice(left, left + columns)
            window = window[tuple(kept)]
            windows.append(np.flip(window, first + 1) if mirrored else window)
        dataset.set_topological_view(np.stack(windows, axes.index("b")), axes)

    def _attributes(self) -> dict[str, Any]:
        return {"_rng": self._rng, "_seeds": self._seeds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a state: the datasets show the windows that they showed."""
        super().load_state_dict(state)
        for number in range(len(self._seeds)):
            self._show(number)


def _rand_r(seed: int) -> Iterator[int]:
    """Yield the numbers of the C library's ``rand_r``, which drew pylearn2's windows."""
    while True:
        number = 0
        for bits in (11, 10, 10):
            seed = (seed * 1103515245 + 12345) % 2**32
            number = (number << bits) ^ ((seed >> 16) % 2**bits)
        yield number
