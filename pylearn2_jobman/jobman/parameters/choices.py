"""What a parameter that may be several things is, for one job."""

__all__ = ["Choices", "OneJob"]

from collections.abc import Sequence
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.conf import blanked
from pylearn2_jobman.jobman.parameters.distributions import Distribution
from pylearn2_jobman.jobman.parameters.grid import Grid, pieces


class Choices:
    """The choices of a parser that is called as it is: texts stay, draws are the seed's first.

    Whoever makes many jobs, or chooses by other means, derives from this class.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def text(self, text: str, in_file: bool) -> str:
        """Return a parameter, an argument or a line of a file, with its ``{{a,b}}`` replaced."""
        return text

    def block(self, names: Sequence[str], path: object) -> str:
        """Return the name of the block of a file whose lines are read.

        Raises
        ------
        UsageError
            If there are several, and this is about one job.
        """
        if len(names) > 1:
            raise UsageError(
                f"{path} has the blocks {', '.join(f'[{name}]' for name in names)}, each for jobs "
                "of its own, and this is about one job: jobman sqlschedules makes them all"
            )
        return names[0]

    def draw(self, key: str, distribution: Distribution) -> Any:
        """Return the value of a key that is drawn: ``key ~ distribution``."""
        return distribution.draw(self.seed, key, 0)


class OneJob(Choices):
    """The choices of a command that is about one job: what stands for several is refused."""

    def text(self, text: str, in_file: bool) -> str:
        """Return a parameter as it is.

        Raises
        ------
        UsageError
            If there is a ``{{...}}`` in it outside of quotes.
        """
        if "{{" in text and any(isinstance(each, Grid) for each in pieces(text, blanked(text))):
            raise UsageError(
                f"{text!r:.200} stands for several jobs, and this is about one: jobman "
                "sqlschedules makes them all (for the text itself, put quotes around the value)"
            )
        return text
