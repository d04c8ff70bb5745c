"""A sweep: parameters that stand for many jobs, and these jobs, one after the other.

A parameter may hold ``{{a,b}}`` (see `grid`), be drawn (see `distributions`), or stand in a block
of a file. All combinations are jobs; the last choice varies fastest, draws slowest. The grammar is
in ``docs/reference/sweeps.rst``.
"""

__all__ = ["Sweep", "check_braces", "one_job"]

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.choices import Choices, OneJob
from pylearn2_jobman.jobman.parameters.conf import blanked
from pylearn2_jobman.jobman.parameters.distributions import Distribution
from pylearn2_jobman.jobman.parameters.grid import MOST_JOBS, Grid, pieces, too_many
from pylearn2_jobman.jobman.parameters.parsers import OWN, parser

_LONE_BRACES = re.compile(r"(?<!\{)\{([^{}:,]*)\}(?!\})")


@dataclass(frozen=True)
class Sweep:
    """The jobs that parameters stand for; iterated over, it yields their flat states.

    Parameters
    ----------
    arguments
        The parameters, as on a command line.
    parser_name
        How they are read: what ``--parser`` takes.
    draws
        How often every combination is made, each time with values drawn anew.
    seed
        Which draws: the same arguments and seed give the same jobs on any machine.

    Attributes
    ----------
    drawn
        The keys that were drawn in the jobs made so far, each with its distribution; None where
        jobs differ in it.
    """

    arguments: Sequence[str]
    parser_name: str = "filemerge"
    draws: int | None = None
    seed: int | None = None
    drawn: dict[str, Distribution | None] = field(default_factory=dict, init=False)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (states[0] for states in self.repeated(1))

    def repeated(self, times: int) -> Iterator[list[dict[str, Any]]]:
        """Yield every job so many times, its expressions computed anew each time.

        Raises
        ------
        UsageError
            If a parameter is not understood, ``@1`` stands behind one grid alone or grids of
            different lengths, there is nothing to draw, or there are more than 100,000 jobs.
        """
        check_braces(self.arguments)
        parse = parser(self.parser_name)
        made = 0
        for number in range(self.draws or 1):
            walk = _Walk(self.seed or 0, number, self.drawn)
            more = True
            while more:
                states = []
                for _ in range(times):
                    walk.begin()
                    states.append(
                        parse(*self.arguments, choices=walk)
                        if parse in OWN
                        else parse(*(walk.text(argument, False) for argument in self.arguments))
                    )
                    walk.end()
                if walk.size * (self.draws or 1) > MOST_JOBS or made >= MOST_JOBS:
                    raise too_many(max(walk.size * (self.draws or 1), made + 1))
                made += 1
                yield states
                more = walk.advance()
            if not self.drawn and not (self.draws is None and self.seed is None):
                raise UsageError("there is nothing to draw: no parameter is key ~ distribution")


def one_job(
    parser_name: str,
    arguments: Sequence[str],
    seed: int | None = None,
    *,
    grids_are_text: bool = False,
) -> dict[str, Any]:
    """Return the flat state of the one job that parameters describe.

    Raises
    ------
    UsageError
        If a parameter is not understood, or stands for several jobs.
    """
    check_braces(arguments)
    parse = parser(parser_name)
    if parse not in OWN:
        return parse(*arguments)
    # Where a value is always text, quotes would not tell {{a,b}} that is meant as it stands.
    as_they_are = grids_are_text or parser_name not in ("filemerge", "standard")
    return parse(*arguments, choices=(Choices if as_they_are else OneJob)(seed or 0))


def check_braces(arguments: Sequence[str]) -> None:
    """Refuse what a shell makes of a grid without quotes: ``lr={0.1} lr={0.01}``.

    Raises
    ------
    UsageError
        With the grid in quotes.
    """
    for before, after in pairwise(arguments):
        common = _LONE_BRACES.sub("{}", after)
        if "{}" in common and before != after and _LONE_BRACES.sub("{}", before) == common:
            alike = [each for each in arguments if _LONE_BRACES.sub("{}", each) == common]
            values = zip(*map(_LONE_BRACES.findall, alike), strict=True)
            for each in values:
                grid = ",".join(dict.fromkeys(each))
                common = common.replace("{}", f"{{{{{grid}}}}}", 1)
            raise UsageError(
                f"the shell took braces from a grid, and left {before!r:.80} and {after!r:.80}: "
                f"put quotes around it, {common!r:.200}"
            )


@dataclass
class _Together:
    """The first grid with a label, what was chosen of it, and how many more have the label."""

    text: str
    grid: Grid
    chosen: int
    others: int = 0


class _Walk(Choices):
    """Goes through all combinations of choices, which show as a job's parameters are read."""

    def __init__(self, seed: int, number: int, drawn: dict[str, Distribution | None]) -> None:
        super().__init__(seed)
        self._number = number
        self._drawn = drawn
        self._sizes: list[int] = []
        self._taken: list[int] = []
        self._place = 0
        self._together: dict[str, _Together] = {}
        self._parts: dict[tuple[str, bool], list[str | Grid]] = {}

    @property
    def size(self) -> int:
        """How many combinations there are of the choices that the last job met."""
        return math.prod(self._sizes)

    def begin(self) -> None:
        """Begin to read a job's parameters."""
        self._place = 0
        self._together = {}

    def end(self) -> None:
        """Make sure that no grid is alone with its label."""
        for label, first in self._together.items():
            if not first.others:
                raise UsageError(
                    f"{first.text!r:.200}: no other grid has @{label}, to go with it (a text that "
                    f"ends so is {{{{a@{label},b@{label}}}}})"
                )

    def advance(self) -> bool:
        """Go on to the next combination; return whether there is one."""
        while self._taken and self._taken[-1] + 1 == self._sizes[-1]:
            self._taken.pop()
            self._sizes.pop()
        if self._taken:
            self._taken[-1] += 1
        return bool(self._taken)

    def text(self, text: str, in_file: bool) -> str:
        if "{{" not in text:
            return text
        if (text, in_file) not in self._parts:  # a range is not to be counted up for every job
            self._parts[text, in_file] = pieces(text, blanked(text) if in_file else None)
        return "".join(
            self._value(part, text) if isinstance(part, Grid) else part
            for part in self._parts[text, in_file]
        )

    def block(self, names: Sequence[str], path: object) -> str:
        return names[self._choose(len(names))]

    def draw(self, key: str, distribution: Distribution) -> Any:
        same = self._drawn.get(key, distribution) == distribution
        self._drawn[key] = distribution if same else None
        return distribution.draw(self.seed, key, self._number)

    def _value(self, grid: Grid, text: str) -> str:
        if grid.label is None:
            return grid.values[self._choose(len(grid.values))]
        if grid.label not in self._together:
            self._together[grid.label] = _Together(text, grid, self._choose(len(grid.values)))
            return grid.values[self._together[grid.label].chosen]
        together = self._together[grid.label]
        together.others += 1
        if len(grid.values) != len(together.grid.values):
            raise UsageError(
                f"{text!r:.200} has {len(grid.values)} values, and {together.text!r:.200}, which "
                f"goes with it by @{grid.label}, has {len(together.grid.values)}"
            )
        return grid.values[together.chosen]

    def _choose(self, size: int) -> int:
        if self._place == len(self._taken):
            self._taken.append(0)
            self._sizes.append(size)
        self._place += 1
        return self._taken[self._place - 1]
