"""The order in which Python 2 went through a dictionary, which some of pylearn2's numbers hang on.

The first monitored dataset carries the channels that belong to none, and random streams are dealt
out to the datasets one after the other.
"""

__all__ = ["dict_order"]

from collections.abc import Iterable

_64_BITS = 2**64 - 1


def dict_order(keys: Iterable[str]) -> list[str]:
    """Return keys in the order of a Python 2 dictionary (64 bit, no hash randomisation).

    Parameters
    ----------
    keys
        The keys in the order in which they were put in.
    """
    order = list(keys)
    # PyYAML built one dictionary and filled a second, made large enough at once, from it, and
    # pylearn2 a third; each time, keys that want the same place change theirs.
    large_enough = 8
    while len(order) > 5 and large_enough <= 2 * len(order):
        large_enough *= 2
    for size in (8, large_enough, 8):
        order = _through_table(order, size)
    return order


def _through_table(keys: list[str], size: int) -> list[str]:
    table: list[str | None] = [None] * size
    for count, key in enumerate(keys, start=1):
        _insert(table, key)
        if count * 3 >= size * 2:
            while size <= count * 4:
                size *= 2
            held = [key for key in table if key is not None]
            table = [None] * size
            for key in held:
                _insert(table, key)
    return [key for key in table if key is not None]


def _insert(table: list[str | None], key: str) -> None:
    mask = len(table) - 1
    perturb = place = _hash(key)
    while table[place & mask] is not None:
        place = place * 5 + perturb + 1 & _64_BITS
        perturb >>= 5
    table[place & mask] = key


def _hash(key: str) -> int:
    """Return Python 2's hash of a byte string, as an unsigned number."""
    data = key.encode()
    value = data[0] << 7 if data else 0
    for byte in data:
        value = value * 1000003 & _64_BITS ^ byte
    return value ^ len(data)
