"""Small experiments to try a table and its workers with, by their names in LISA's jobman."""

__all__ = [
    "example1",
    "example2",
    "example_numpy",
    "example_numpy_float32",
    "example_numpy_float64",
    "example_save",
    "example_set",
    "example_sleep",
    "print_state",
    "theano_test_return",
]

import sys
import time
from pathlib import Path
from typing import Any

from pylearn2_jobman.jobman.channel import Channel
from pylearn2_jobman.jobman.state import DD


def example1(state: DD, channel: Channel) -> Any:
    """Print a line."""
    print("example experiment")
    return channel.COMPLETE


def example2(state: DD, channel: Channel) -> Any:
    """Write a file."""
    Path("file").write_text("some results!")
    return channel.COMPLETE


def theano_test_return(state: DD, channel: Channel) -> Any:
    """End as ``state.wanted_return`` says: raise, incomplete, complete or sysexit."""
    state.will_return = state.wanted_return
    if state.wanted_return == "raise":
        raise RuntimeError("This jobs raise an error")
    if state.wanted_return == "sysexit":
        sys.exit()
    return {"incomplete": channel.INCOMPLETE, "complete": channel.COMPLETE}[state.wanted_return]


def example_sleep(state: DD, channel: Channel) -> Any:
    """Sleep for ``state.sleep`` seconds."""
    print(f"start of example_sleep for {state.sleep}s")
    time.sleep(state.sleep)
    print("end of example_sleep")
    return channel.COMPLETE


def example_save(state: DD, channel: Channel) -> Any:
    """Save a file of ``state.size`` bytes ``state.n_iter`` times."""
    size = state.get("size", 10 * 2**20)
    for _ in range(state.get("n_iter", 1000)):
        Path("zeros").write_bytes(bytes(size))
        channel.save()
    return channel.COMPLETE


def print_state(state: DD, channel: Channel) -> Any:
    """Print the state."""
    print("start of print_state")
    print(state)
    print("end of print_state")
    return channel.COMPLETE


def example_numpy(state: DD, channel: Channel) -> Any:
    """Put an array into the state, which is refused."""
    import numpy as np

    state.ndarray = np.zeros(4)
    return channel.COMPLETE


def example_numpy_float32(state: DD, channel: Channel) -> Any:
    """Put a number of NumPy into the state."""
    import numpy as np

    state.float32 = np.float32(4)
    return channel.COMPLETE


def example_numpy_float64(state: DD, channel: Channel) -> Any:
    """Put a number of NumPy into the state."""
    import numpy as np

    state.float64 = np.float64(4)
    return channel.COMPLETE


def example_set(state: DD, channel: Channel) -> Any:
    """Put a set into the state, or a number into the set that is there."""
    state.set = state.get("set", set()) | {4}
    return channel.COMPLETE
