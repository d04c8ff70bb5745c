"""The channels of a monitor by name, old names included."""

__all__ = ["Channels"]

import re
import warnings
from typing import TYPE_CHECKING

from pylearn2_jobman.errors import OldNameWarning

if TYPE_CHECKING:
    from pylearn2_jobman.pylearn2.monitor import MonitorChannel

# Until 2012 the cost was named after the algorithm that it was given to, and its input, as in
# sgd_cost(ExhaustiveSGD[X]); a dataset's name stood before it.
_OLD_COST = re.compile(r"sgd_cost\(.*\)$")


class Channels(dict[str, "MonitorChannel"]):
    """Channels by name; asked for one by an old name, it gives what that became, with a warning."""

    def __missing__(self, name: str) -> "MonitorChannel":
        new = _OLD_COST.sub("objective", name) if isinstance(name, str) else name
        if new == name or new not in self:
            raise KeyError(name)
        # The default filter shows each text once.
        warnings.warn(f"the channel {name} is now called {new}", OldNameWarning, stacklevel=2)
        return self[new]
