"""Results that are wanted low or high, and the Pareto front: what no other beats in all of them."""

__all__ = ["Objective", "front"]

from collections.abc import Sequence
from typing import NamedTuple, Self


class Objective(NamedTuple):
    """The key of a result, and whether the highest value is the best."""

    key: str
    maximize: bool = False

    @classmethod
    def parse(cls, text: str, maximize: bool = False) -> Self:
        """Return what ``KEY``, ``KEY:min`` or ``KEY:max`` says; without an ending, ``maximize``.

        >>> Objective.parse("results.speed:max")
        Objective(key='results.speed', maximize=True)
        """
        key, _, end = text.rpartition(":")
        return cls(key, end == "max") if key and end in ("min", "max") else cls(text, maximize)

    def __str__(self) -> str:
        return f"{self.key}:{'max' if self.maximize else 'min'}"


def front(points: Sequence[Sequence[float]], maximize: Sequence[bool]) -> list[int]:
    """Return which points no other is better than in one coordinate and as good as in the others.

    Of equal points all are there.

    Parameters
    ----------
    points
        Their coordinates; of a point with NaN nothing is known, and it is left out.
    maximize
        For each coordinate, whether more is better.

    Returns
    -------
    list of int
        Their positions, the best in the first coordinate first.

    >>> front([(1, 5), (2, 2), (3, 3), (4, 1)], [False, False])
    [0, 1, 3]
    """
    signs = [-1.0 if more else 1.0 for more in maximize]
    costs = [
        tuple(sign * value for sign, value in zip(signs, point, strict=True)) for point in points
    ]
    order = sorted(
        (place for place, cost in enumerate(costs) if not any(one != one for one in cost)),
        key=costs.__getitem__,
    )
    found: list[int] = []
    for place in order:  # whoever dominates a point comes before it
        cost = costs[place]
        if not any(
            costs[other] != cost and all(a <= b for a, b in zip(costs[other], cost, strict=True))
            for other in found
        ):
            found.append(place)
    return found
