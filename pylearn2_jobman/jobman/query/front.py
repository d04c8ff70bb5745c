"""The Pareto front: what no other beats in everything."""

__all__ = ["direction", "front"]

from collections.abc import Sequence


def direction(text: str, highest: bool = False) -> tuple[str, bool]:
    """Return the key that ``KEY``, ``KEY:min`` or ``KEY:max`` names, and whether more is better.

    >>> direction("results.nll"), direction("results.speed:max")
    (('results.nll', False), ('results.speed', True))
    """
    key, _, end = text.rpartition(":")
    return (key, end == "max") if key and end in ("min", "max") else (text, highest)


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
