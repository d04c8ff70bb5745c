"""The text of ``.conf`` files: their lines, and states written so that every value reads back."""

__all__ = [
    "blanked",
    "blocks",
    "format_conf",
    "logical_lines",
    "read_conf",
    "read_key",
    "write_conf",
]

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.values import format_literal, parse_literal
from pylearn2_jobman.whole_file import decoded, read_file, whole_file

# Where a string literal can begin (not at the apostrophe of "it's").
_BEGINS = re.compile(r"""(?<![^\W_])(?:[rRbBuU]{1,2}(?=['"]))?(?P<quote>['"])""")
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_MOST_UNCLOSED = 100  # quotes in a line; each is looked for to the line's end
_QUOTED_KEY = re.compile(r"""\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*(?=<-|::|:=|=|~)""")
_BLOCK = re.compile(r"\[\s*([^\[\]=,'\"]*[^\[\]=,'\"\s])\s*\]")
# What can stand before " = " and be read back as that key.
_PLAIN_KEY = re.compile(r"[^\s=:#'\"<~](?:[^\n\r=:#<~]*[^\s=:#<~])?")


def blocks(text: str, name: object) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the lines above the first ``[block]`` of a file, under the name "", and every block.

    Raises
    ------
    UsageError
        If two blocks have one name.
    """
    found: list[tuple[str, list[tuple[int, str]]]] = [("", [])]
    for number, line in logical_lines(text):
        match = _BLOCK.fullmatch(line)
        if match is None:
            found[-1][1].append((number, line))
        elif match[1] in dict(found):
            raise UsageError(f"{name}, line {number}: there is a block [{match[1]}] above already")
        else:
            found.append((match[1], []))
    return found


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line that holds something, without its comment.

    A ``#`` inside a quoted string does not start a comment.
    """
    for number, line in enumerate(text.split("\n"), 1):
        stripped = _without_comment(line).strip()
        if stripped:
            yield number, stripped


def blanked(line: str) -> str:
    """Return a line with spaces in place of its string literals."""
    kept: list[str] = []
    place = blank_to = unclosed = 0
    while (begin := _BEGINS.search(line, place)) is not None:
        start = begin.start("quote")
        string = _STRING.match(line, start) if unclosed < _MOST_UNCLOSED else None
        if string is None:
            unclosed += 1
            place = start + 1
        else:
            place = string.end()
            kept += [line[blank_to:start], " " * (place - start)]
            blank_to = place
    return "".join([*kept, line[blank_to:]])


def read_key(text: str) -> tuple[str | None, str]:
    """Split a parameter whose key is quoted; return the key, or None, and the rest of the text."""
    match = _QUOTED_KEY.match(text)
    if match is None:
        return None, text
    return str(parse_literal(match[1])), text[match.end() :]


def format_conf(flat: Mapping[str, Any]) -> str:
    """Return a flat state as ``.conf`` text, sorted by key."""
    return "".join(
        f"{_written(key)} = {format_literal(value)}\n" for key, value in sorted(flat.items())
    )


def write_conf(path: Path, flat: Mapping[str, Any], *, flush: bool = True) -> None:
    """Write a flat state to a file that is never half there; see `whole_file`."""
    with whole_file(path, flush=flush) as file:
        file.write(format_conf(flat).encode())


def read_conf(path: Path) -> dict[str, Any]:
    """Read back a state that `write_conf`, or LISA's jobman, wrote.

    Unlike a ``.conf`` file made by hand, every value must be a literal and no other file is read:
    what is damaged is refused.

    Raises
    ------
    UsageError
        Naming the file and the line.
    """
    try:
        text = decoded(read_file(path), path)
    except FileNotFoundError:
        raise UsageError(f"there is no file {str(path)!r}") from None
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error}") from None
    if not text:
        raise UsageError(f"{path} is empty; it is damaged")
    flat: dict[str, Any] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        key, rest = read_key(line)
        if key is None:
            key, equals, rest = line.partition("=")
            key = key.strip()
        else:
            equals, rest = rest[:1], rest[1:]
        try:
            if not key or equals != "=":
                raise ValueError("there is no key = value")
            flat[key] = parse_literal(rest)
        except ValueError as error:
            raise UsageError(f"{path}, line {number}: {error}; the file is damaged") from None
    if not text.endswith("\n"):
        raise UsageError(f"{path} ends in the middle of a line; it is damaged")
    return flat


def _written(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key.isprintable() else repr(key)


def _without_comment(line: str) -> str:
    return line[: len(blanked(line).partition("#")[0])]
