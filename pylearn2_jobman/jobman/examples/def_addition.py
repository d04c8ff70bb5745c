"""The smallest experiment: it adds two numbers."""

__all__ = ["addition_example"]

from typing import Any

from pylearn2_jobman.jobman.channel import Channel
from pylearn2_jobman.jobman.state import DD


def addition_example(state: DD, channel: Channel) -> Any:
    """Set ``state.result`` to ``state.first + state.second``."""
    print("state.first =", state.first)
    print("state.second =", state.second)
    state.result = state.first + state.second
    print("result =", state.result)
    return channel.COMPLETE
