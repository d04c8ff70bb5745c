"""Parameters as people write them: ``key=value``, ``key:=expr``, ``key::builder``, ``.conf`` files.

===================  ============================================================================
``key=value``        the value if it is a Python literal (``0.1``, ``[1, 2]``, ``'text'``, None),
                     otherwise the text itself; nothing is ever computed (see `words` for ``no``)
``key:=expression``  what the expression gives (see `pylearn2_jobman.jobman.parameters.expression`)
``key::module.name`` short for ``key.__builder__='module.name'``
``key ~ draw(...)``  a random value (see `pylearn2_jobman.jobman.parameters.distributions`)
``file.conf``        the parameters in a file, one a line, ``#`` starts a comment
``key <- file.conf`` the same, every key prefixed with ``key.``
===================  ============================================================================

A later parameter overrides an earlier one with the same key. The parsers have the names that the
option ``--parser`` takes: `filemerge` (the usual one), `standard` (no files), and `raw_filemerge`
and `raw` (``key=value`` is always text).
"""

__all__ = ["OWN", "filemerge", "parser", "raw", "raw_filemerge", "standard"]

import ast
import builtins
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import JobmanError, NotComputedWarning, UsageError
from pylearn2_jobman.jobman.parameters.choices import Choices
from pylearn2_jobman.jobman.parameters.conf import blocks, read_key
from pylearn2_jobman.jobman.parameters.distributions import is_distribution, parse_distribution
from pylearn2_jobman.jobman.parameters.expression import evaluate
from pylearn2_jobman.jobman.parameters.words import Word, as_yaml_reads
from pylearn2_jobman.values import parse_literal, plain
from pylearn2_jobman.whole_file import read_text

Parser = Callable[..., dict[str, Any]]

# A file may be called mlp.conf~, and a value begin with it.
_OPERATOR = re.compile(r"<-|::|:=|=|~(?=\s|[^\W\d]\w*\s*\()")
_FORMS = (
    "a parameter is key=value, key:=expression, key::builder, key ~ distribution, file.conf or "
    "key <- file.conf"
)


def standard(*arguments: str, choices: Choices | None = None) -> dict[str, Any]:
    """Return the flat state that ``key=value``, ``key:=expr`` and ``key::builder`` describe.

    Parameters
    ----------
    *arguments
        The parameters.
    choices
        What those are that may be several things; see `Choices`.

    Raises
    ------
    UsageError
        If an argument is none of these.
    """
    return _parse(arguments, _Reader(choices, literals=True, files=False))


def raw(*arguments: str, choices: Choices | None = None) -> dict[str, Any]:
    """Do as `standard`, except that ``key=value`` is always text."""
    return _parse(arguments, _Reader(choices, literals=False, files=False))


def filemerge(*arguments: str, choices: Choices | None = None) -> dict[str, Any]:
    """Return the flat state that parameters and ``.conf`` files describe.

    Raises
    ------
    UsageError
        If an argument or a line of a file is not understood, or a file cannot be read; the message
        names the file and the line.
    """
    return _parse(arguments, _Reader(choices, literals=True, files=True))


def raw_filemerge(*arguments: str, choices: Choices | None = None) -> dict[str, Any]:
    """Do as `filemerge`, except that ``key=value`` is always text."""
    return _parse(arguments, _Reader(choices, literals=False, files=True))


OWN: tuple[Parser, ...] = (filemerge, raw, raw_filemerge, standard)


def parser(name: str) -> Parser:
    """Return the parser that ``--parser`` names: one of this module, or a dotted name.

    Raises
    ------
    UsageError
        If there is none of that name here.
    NameResolutionError
        If the dotted name leads nowhere.
    """
    own = {function.__name__: function for function in OWN}
    if name in own:
        return own[name]
    if "." not in name:
        raise UsageError(f"no parser {name!r}; there are {', '.join(sorted(own))}")
    from pylearn2_jobman.naming import names

    found: Parser = names.resolve(name)
    return found


def _parse(arguments: tuple[str, ...], reader: "_Reader") -> dict[str, Any]:
    for argument in arguments:
        reader.argument(argument, prefix="", directory=Path())
    return as_yaml_reads(reader.keys)


class _Reader:
    """Collects keys from arguments and from the files that they name."""

    def __init__(self, choices: Choices | None, literals: bool, files: bool) -> None:
        self.choices = choices or Choices()
        self.literals = literals
        self.files = files
        self.keys: dict[str, Any] = {}
        self.open_files: list[Path] = []

    def argument(self, text: str, prefix: str, directory: Path) -> None:
        """Take one parameter; ``directory`` is where the files that it names are looked for."""
        text = self.choices.text(text, in_file=bool(self.open_files))
        quoted, rest = read_key(text)
        match = _OPERATOR.match(rest) if quoted is not None else _OPERATOR.search(text)
        if match is None:
            if not text.strip() or not self.files:
                raise UsageError(f"{text!r} is not a parameter: {_FORMS}")
            self.file(text, prefix, directory)
            return
        if quoted is None:
            key, value = text[: match.start()].strip(), text[match.end() :].strip()
        else:
            key, value = quoted, rest[match.end() :].strip()
        full = f"{prefix}.{key}" if prefix and key else prefix or key
        if match[0] == "<-":
            if not self.files:
                raise UsageError(f"{text!r}: this parser reads no files")
            self.file(value, full, directory)
        elif not key:
            raise UsageError(f"{text!r} has no key before {match[0]!r}: {_FORMS}")
        elif match[0] == "::":
            self.keys[f"{full}.__builder__"] = value
        elif match[0] == ":=":
            self.keys[full] = plain(evaluate(value, self.visible(prefix)), full)
        elif match[0] == "~":
            self.keys[full] = self.choices.draw(full, parse_distribution(value))
        else:
            self.keys[full] = self.value(key, value)

    def value(self, key: str, text: str) -> Any:
        """Return what stands after ``=``: a literal's value, or the text itself."""
        if not self.literals:
            return text
        try:
            return parse_literal(text)
        except ValueError:
            meant = ""
            if is_distribution(text):
                meant = f"to draw it write {key} ~ {text}"
            elif _would_have_been_computed(text):
                meant = f"to compute it write {key}:={text}"
            if meant:
                told = f"{key}={text} keeps {text!r} as text; {meant}"
                warnings.warn(told, NotComputedWarning, stacklevel=5)
            return Word(text)

    def visible(self, prefix: str) -> dict[str, Any]:
        """Return what ``%key`` may refer to: all keys, and those of the file without prefix."""
        if not prefix:
            return self.keys
        start = f"{prefix}."
        own = {k.removeprefix(start): v for k, v in self.keys.items() if k.startswith(start)}
        return {**self.keys, **own}

    def file(self, name: str, prefix: str, directory: Path) -> None:
        """Take every line of a ``.conf`` file."""
        path = directory / name
        try:
            if not path.exists() and (directory / name.strip()).exists():
                path = directory / name.strip()
            if path.resolve() in self.open_files:
                raise UsageError(f"{path} includes itself")
            text = read_text(path)
        except FileNotFoundError:
            hint = "" if path.suffix == ".conf" else f" ({_FORMS})"
            raise UsageError(f"there is no file {str(path)!r}{hint}") from None
        except UsageError:
            raise
        except (OSError, ValueError) as error:  # a name too long, or with a NUL character
            raise UsageError(f"cannot read {str(path)!r:.200}: {error!s:.200}") from None
        self.open_files.append(path.resolve())
        (_, shared), *others = blocks(text, path)
        self.lines(shared, prefix, path)
        if others:
            chosen = self.choices.block([name for name, _ in others], path)
            self.lines(dict(others)[chosen], prefix, path)
        self.open_files.pop()

    def lines(self, lines: list[tuple[int, str]], prefix: str, path: Path) -> None:
        """Take lines of a file, each with its number."""
        for number, line in lines:
            try:
                self.argument(line, prefix, path.parent)
            except JobmanError as error:
                place = f"{path}, line {number}: "
                raise type(error)(place + str(error).removeprefix(place)) from None
            except Exception as error:
                error.add_note(f"in {path}, line {number}: {line}")
                raise


def _would_have_been_computed(text: str) -> bool:
    """Return whether LISA's jobman, which used ``eval``, would have made another value of it.

    That is an expression of numbers, literals and built-in functions. A lone word is a name that
    people use as text (``max``, ``all``), and other names meant text there too.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    if isinstance(tree, ast.Name | ast.Attribute | ast.Constant):
        return False
    bound = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return all(
        node.id in bound or hasattr(builtins, node.id) or node.id in ("inf", "nan", "unicode")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
    )
