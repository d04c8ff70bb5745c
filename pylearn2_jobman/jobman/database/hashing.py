"""The hashes by which a job is known to be in the table already: the original's, and a typed one.

Both are 64-bit signed integers. The trial table's ``hash`` column holds the original's, so that the
original finds our jobs as we find its; the typed one tells apart what that cannot.
"""

__all__ = [
    "distinct",
    "former_codes",
    "hashed_keys",
    "inserted_keys",
    "legacy_hash",
    "old_legacy_hash",
    "original_name",
    "state_hash",
]

import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pylearn2_jobman.fence.allow import python3_name
from pylearn2_jobman.jobman.bookkeeping import (
    EXPERIMENT,
    PRIORITY,
    SEARCH_NAME,
    SEARCH_NUMBER,
    STATUS,
)
from pylearn2_jobman.naming import renames
from pylearn2_jobman.naming.former import former_name
from pylearn2_jobman.values import Plain

_WORD = 2**64
_MASK = _WORD - 1
_LARGEST = 2**63 - 1

_PACKAGE = "pylearn2_jobman."
_MOST_CANDIDATES = 300
_TRAIN = "pylearn2.scripts.jobman.experiment.train_experiment"
# Other names of it, under which earlier versions of this package stored and hashed it.
_ALSO_TRAIN = ("pylearn2_jobman.train_experiment", "pylearn2.scripts.jobman.train_experiment")


def hashed_keys(flat: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return the keys by which one job differs from another: the experiment and its own.

    The experiment is under the name by which the original knew it. A search differs from another
    by its name, and its trials by their numbers: two who propose at once propose each but once, and
    the same values as often as they come up.
    """
    if SEARCH_NAME in flat:
        names = {EXPERIMENT: EXPERIMENT, "search": SEARCH_NAME, "number": SEARCH_NUMBER}
        return {name: flat[key] for name, key in names.items() if key in flat}
    hashed = {key: value for key, value in flat.items() if not key.startswith("jobman.")}
    if EXPERIMENT in flat:
        experiment = flat[EXPERIMENT]
        named = isinstance(experiment, str)
        hashed[EXPERIMENT] = original_name(str(experiment)) if named else experiment
    return hashed


def inserted_keys(flat: Mapping[str, Plain], code: int | None) -> dict[str, Plain]:
    """Return the keys that a job was inserted with, but for jobman's own: not those of its run.

    Parameters
    ----------
    flat
        What the job holds, in the order of its rows.
    code
        Its hash in the trial table, which tells which keys these are, as long as they have their
        values; None, if it has none.
    """
    own = [key for key in flat if key == EXPERIMENT or not key.startswith("jobman.")]
    for keys in itertools.islice(_candidates(own), _MOST_CANDIDATES):
        began = {key: flat[key] for key in keys}
        hashed = hashed_keys(began)
        # An earlier version of this package stored the typed hash, or another name's.
        others = (state_hash(hashed), state_hash(began), *former_codes(hashed))
        if code == legacy_hash(hashed) or code in others:
            return began
    # An experiment has changed its own keys. Insertion puts these two right behind all others.
    rows = list(flat)
    place = rows.index(STATUS) if STATUS in flat else len(rows)
    if rows[place + 1 : place + 2] == [PRIORITY] and set(rows[:place]) <= set(own):
        own = rows[:place]
    return {key: flat[key] for key in own if not key.startswith("results.")}


def _candidates(keys: list[str]) -> Iterator[list[str]]:
    """Yield the keys that a job may have begun with.

    A run adds the last ones, or, where rows have no order, whole groups of keys, such as results.
    """
    for count in range(len(keys), 0, -1):
        yield keys[:count]
    groups = list(dict.fromkeys(key.partition(".")[0] for key in keys if key != EXPERIMENT))
    for count in range(1, len(groups)):
        for added in itertools.combinations(groups, count):
            yield [key for key in keys if key.partition(".")[0] not in added]


@functools.lru_cache
def original_name(experiment: str) -> str:
    """Return the name of an experiment by which the original knew it, whichever it is given."""
    name = python3_name(experiment.strip())
    name = former_name(name) or name
    if name.startswith((f"{_PACKAGE}jobman.", f"{_PACKAGE}pylearn2.")):
        name = name.removeprefix(_PACKAGE)
    moved = renames.new_home(name)
    return _TRAIN if name in _ALSO_TRAIN else moved[0] if moved else name


def former_codes(hashed: Mapping[str, Plain]) -> set[int]:
    """Return the hashes that earlier versions gave a state whose experiment they knew otherwise."""
    if hashed.get(EXPERIMENT) != _TRAIN:
        return set()
    return {legacy_hash({**hashed, EXPERIMENT: name}) for name in _ALSO_TRAIN}


def state_hash(flat: Mapping[str, Plain]) -> int:
    """Return the hash of a flat state: of the experiment and every key outside ``jobman.*``.

    Types count: 1, 1.0, True and '1' differ, and so do a list and a tuple.

    Parameters
    ----------
    flat
        Dotted keys and plain values, in any order.
    """
    items = sorted(
        (key, value)
        for key, value in flat.items()
        if not key.startswith("jobman.") or key == EXPERIMENT
    )
    # The literal tells every plain type from the others and a float to its last bit; as ASCII it
    # does not depend on which characters this Python knows to be printable.
    text = ascii([(key, _ordered(value)) for key, value in items])
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def distinct(states: Iterable[Mapping[str, Plain]]) -> int:
    """Return how many of these flat states are different jobs."""
    return len({state_hash(hashed_keys(flat)) for flat in states})


def _ordered(value: Any) -> Any:
    """Return a value whose literal does not depend on the order of a dictionary's keys."""
    kind = type(value)
    if kind is dict:
        pairs = [(key, _ordered(item)) for key, item in value.items()]
        return {"items": sorted(pairs, key=lambda pair: (type(pair[0]).__name__, ascii(pair[0])))}
    if kind is set:
        return {"set": sorted(map(ascii, value))}
    if kind is list or kind is tuple:
        return kind(_ordered(item) for item in value)
    return value


def legacy_hash(flat: Mapping[str, Any]) -> int:
    """Return the hash that the original gave a state, on 64-bit CPython 2.7.

    It is the Python 2 string hash of the SHA-224 of the repr of the sorted (key, str(value)) pairs:
    it cannot tell 1 from '1', nor two floats that agree to 12 digits, so whoever finds it in a
    table compares the values as well.

    Parameters
    ----------
    flat
        The keys the original hashed: the state's and ``jobman.experiment``.
    """
    pairs = sorted(
        (key.encode(errors="surrogatepass"), _python2_str(value)) for key, value in flat.items()
    )
    listing = ", ".join(f"({_python2_quote(key)}, {_python2_quote(text)})" for key, text in pairs)
    return _signed(
        _python2_hash(
            hashlib.sha224(f"[{listing}]".encode(errors="surrogatepass")).hexdigest().encode()
        )
    )


def old_legacy_hash(state: Mapping[str, Any]) -> int:
    """Return the hash that the original's first versions gave a state: that of its repr."""
    return _signed(_python2_hash(_python2_repr(dict(state)).encode(errors="surrogatepass")))


def _python2_hash(data: bytes) -> int:
    """Return the unsigned hash of a byte string in 64-bit CPython 2, without randomisation."""
    if not data:
        return 0
    code = data[0] << 7
    for byte in data:
        code = (1000003 * code) & _MASK ^ byte
    code ^= len(data)
    return code if code != _WORD - 1 else _WORD - 2


def _signed(code: int) -> int:
    return code - _WORD if code > _LARGEST else code


def _python2_str(value: Any) -> bytes:
    """Return ``str(value)`` of Python 2; text is taken as UTF-8 byte strings."""
    if type(value) is str:
        return value.encode(errors="surrogatepass")
    if type(value) is float:
        text = f"{value:.12g}"
        return (text if set(text) & set(".einf") else f"{text}.0").encode(errors="surrogatepass")
    if type(value) is int:
        return str(value).encode(errors="surrogatepass")
    return _python2_repr(value).encode(errors="surrogatepass")


def _python2_repr(value: Any) -> str:
    """Return ``repr(value)`` of Python 2."""
    if type(value) is str:
        return _python2_quote(value.encode(errors="surrogatepass"))
    if type(value) is int:
        return f"{value}L" if not -_LARGEST - 1 <= value <= _LARGEST else str(value)
    if type(value) is list:
        return f"[{', '.join(map(_python2_repr, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(_python2_repr, value))}{',' * (len(value) == 1)})"
    if type(value) is set:
        return f"set([{', '.join(map(_python2_repr, _python2_order(value)))}])"
    if type(value) is dict:
        pairs = (f"{_python2_repr(k)}: {_python2_repr(value[k])}" for k in _python2_order(value))
        return f"{{{', '.join(pairs)}}}"
    return repr(value)


def _python2_quote(data: bytes) -> str:
    """Return the repr of a byte string, which Python 3 writes as Python 2 did, but for the b."""
    return repr(data)[1:]


def _python2_order(keys: Iterable[Any]) -> list[Any]:
    """Return a dictionary's keys in the order in which Python 2's hash table held them.

    The table is open-addressed and starts with 8 slots. Filled to two thirds it grows to the first
    power of two above four times its entries (twice, from 50,000 entries on).
    """
    table: list[Any] = [None] * 8
    for used, key in enumerate(keys, start=1):
        _place(table, key)
        if used * 3 >= len(table) * 2:
            wanted, size = used * (2 if used > 50_000 else 4), 8
            while size <= wanted:
                size *= 2
            old, table = table, [None] * size
            for slot in old:
                if slot is not None:
                    _place(table, slot[0])
    return [slot[0] for slot in table if slot is not None]


def _place(table: list[Any], key: Any) -> None:
    """Put a key into the first free slot of its probe sequence (CPython 2's ``lookdict``)."""
    mask = len(table) - 1
    perturb = (
        _python2_hash(key.encode(errors="surrogatepass")) if type(key) is str else hash(key)
    ) % _WORD
    index = perturb & mask
    while table[index & mask] is not None:
        index = index * 5 + perturb + 1
        perturb >>= 5
    table[index & mask] = (key,)
