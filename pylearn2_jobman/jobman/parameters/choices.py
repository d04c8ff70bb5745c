"""What a parameter that may be several things is, for one job."""

__all__ = ["Choices"]

from typing import Any

from pylearn2_jobman.jobman.parameters.distributions import Distribution


class Choices:
    """The choices where there is one job: draws are those of seed 0 and number 0.

    Whoever makes many jobs, or chooses by other means, derives from this class.
    """

    def draw(self, key: str, distribution: Distribution) -> Any:
        """Return the value of a key that is drawn: ``key ~ distribution``."""
        return distribution.draw(0, key, 0)
