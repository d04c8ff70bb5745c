"""An experiment that makes an object of its parameters."""

__all__ = ["MakeExample", "experiment"]

from typing import Any

from pylearn2_jobman.jobman.channel import Channel
from pylearn2_jobman.jobman.parameters.building import make
from pylearn2_jobman.jobman.state import DD


class MakeExample:
    """What ``obj::jobman.examples.def_make.MakeExample obj.param1=2`` describes."""

    def __init__(self, param1: Any = 2, param2: str = "message") -> None:
        self.value = param1
        self.msg = param2
        print("Created MakeExample object successfully.")

    def test(self) -> None:
        """Print the parameters."""
        print("self.value = ", self.value)
        print(self.msg)


def experiment(state: DD, channel: Channel) -> Any:
    """Make ``state.obj`` and use it."""
    make(state.obj).test()
    return channel.COMPLETE
