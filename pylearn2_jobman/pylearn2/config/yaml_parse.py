"""From YAML text to the objects it describes: ``!obj:``, ``!pkl:``, ``!import``, ``${VAR}``.

A document is loaded in two passes. The first finds every name and checks every keyword, so that a
typing mistake at the end of a file is reported, with all the others, before a dataset is read. The
second builds the objects, innermost first. A node that an anchor names is built once.
"""

__all__ = ["Document", "Proxy", "load", "load_path"]

import contextlib
import os
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import yaml

from pylearn2_jobman.errors import ConfigError, JobmanError, NameResolutionError
from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.naming import arguments, names
from pylearn2_jobman.naming.signatures import argument_problem
from pylearn2_jobman.pylearn2.utils import string_utils
from pylearn2_jobman.rendering import scanners

_TUPLE = "tag:yaml.org,2002:python/tuple"
_STRING = "tag:yaml.org,2002:str"


class _Loader(scanners.FAST):  # type: ignore[misc]
    """PyYAML's safe loader, with floats as people write them; its global loaders stay untouched."""


class _TolerantLoader(scanners.TOLERANT):  # type: ignore[misc]
    """The same, with PyYAML's own scanner."""


# YAML 1.1 wants a dot in the mantissa and a sign in the exponent; people write 1e-4 and 5e3.
for _kind in (_Loader, _TolerantLoader):
    _kind.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?(?:\d+(?:\.\d*)?|\.\d+)[eE][-+]?\d+$"),
        list("-+0123456789."),
    )


@dataclass(frozen=True)
class Proxy:
    """An object that is not built: ``load(..., instantiate=False)`` gives it in place of one.

    Attributes
    ----------
    name
        The dotted name behind ``!obj:`` or ``!import:``, or the path behind ``!pkl:``.
    keywords
        The arguments, by name.
    yaml_src
        The YAML text of the node.
    tag
        ``"!obj"``, ``"!pkl"`` or ``"!import"``.
    """

    name: str
    keywords: dict[str, Any] = field(default_factory=dict)
    yaml_src: str = ""
    tag: str = "!obj"

    @property
    def callable(self) -> Any:
        """The function or class that the name stands for."""
        return _resolve(self.name, Use.ARGUMENT if self.tag == "!import" else Use.BUILD)


def load(
    stream: str | bytes | IO[str] | IO[bytes],
    environ: Mapping[str, str] | None = None,
    instantiate: bool = True,
) -> Any:
    """Load YAML text and build the objects it describes.

    Parameters
    ----------
    stream
        The text, or an open file.
    environ
        Values for ``${VAR}``, asked before the environment.
    instantiate
        False gives the tree with a `Proxy` for each object, importing and substituting nothing.

    Returns
    -------
    object
        What the document describes. Every object built gets its source text as ``yaml_src``, where
        it takes attributes.

    Raises
    ------
    ConfigError
        If the text is not YAML, a key stands twice, a variable is not set, or an argument is not
        one that its callable takes. Every message carries line and column.
    NameResolutionError
        If a name cannot be imported.
    Exception
        Whatever a constructor raises is left as it is, with a note saying where it was called.
    """
    source = getattr(stream, "name", None)
    text = stream if isinstance(stream, str | bytes) else stream.read()
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    return Document(text, str(source) if source else "", environ or {}).load(instantiate)


def load_path(
    path: str | os.PathLike[str],
    environ: Mapping[str, str] | None = None,
    instantiate: bool = True,
) -> Any:
    """Load a YAML file; see `load`."""
    with Path(path).open("rb") as stream:
        return load(stream, environ, instantiate)


class Document:
    """One YAML text on its way to objects."""

    def __init__(self, text: str, source: str, environ: Mapping[str, str]) -> None:
        self._text = text
        self._source = source
        self._environ = environ
        self._built: dict[int, Any] = {}
        self._building: set[int] = set()
        self._callables: dict[int, Any] = {}
        self._problems: list[JobmanError] = []
        self._instantiate = True

    def load(self, instantiate: bool) -> Any:
        """Return what the document describes."""
        self._instantiate = instantiate
        root = self.checked_root()
        return None if root is None else self.build(root)

    def checked_root(self) -> yaml.Node | None:
        """Return the document's outermost node, after the first pass; None if it is empty."""
        try:
            root = scanners.with_either(self._composed, _Loader, _TolerantLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            context = f" {error.context}" if error.context else ""
            raise self._located(f"not valid YAML: {error.problem}{context}", mark) from None
        except yaml.YAMLError as error:
            raise ConfigError(f"not valid YAML: {error}") from None
        if root is None:
            return None
        self._check(root, set())
        if self._problems:
            raise _together(self._problems)
        return root

    def _composed(self, loader: Any) -> yaml.Node | None:
        self._loader = loader(self._text)
        root: yaml.Node | None = self._loader.get_single_node()
        return root

    def forget_all_but(self, kept: Set[int]) -> None:
        """Let go of what was built, but for the nodes of these ids."""
        self._built = {identity: made for identity, made in self._built.items() if identity in kept}

    # First pass: names, keywords, variables and keys, all of them, before anything is built.

    def _check(self, node: yaml.Node, seen: set[int]) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self._check_keys(node)
            self._merge(node)
        kind, name = node_kind(node)
        if kind == "!obj" and not isinstance(node, yaml.MappingNode) and node.value:
            self._problem(f"!obj:{name} takes a mapping of named arguments, {{...}}", node)
        elif kind == "!obj" and self._instantiate:
            self._check_call(name, node)
        elif kind == "!import" and self._instantiate:
            self._find(name, node, Use.ARGUMENT)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._check(key, seen)
                self._check(value, seen)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self._check(item, seen)
        elif self._instantiate and node.tag in (_STRING, "!pkl:"):
            for problem in string_utils.problems(node.value, self._environ):
                self._problem(problem, node)

    def _check_keys(self, node: yaml.MappingNode) -> None:
        first: dict[tuple[str, str], yaml.Node] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            earlier = first.setdefault((key.tag, key.value), key)
            if earlier is not key:
                line = earlier.start_mark.line + 1
                self._problem(f"the key {key.value!r} stands here and in line {line}", key)

    def _merge(self, node: yaml.MappingNode) -> None:
        """Carry out YAML's merge key, ``<<: *defaults``."""
        try:
            self._loader.flatten_mapping(node)
        except yaml.MarkedYAMLError as error:
            self._problem(f"{error.problem}", node)

    def _check_call(self, name: str, node: yaml.Node) -> None:
        target = self._find(name, node)
        if target is None:
            return
        if not callable(target):
            self._problem(f"{name} is a {type(target).__name__}, which cannot be called", node)
            return
        given = [key.value for key, _ in node.value]
        for problem in (
            arguments.why_refused(name, given),
            argument_problem(target, name, arguments.modernized_names(name, given)),
        ):
            if problem:
                self._problem(problem, node)

    def _find(self, name: str, node: yaml.Node, use: Use = Use.BUILD) -> Any:
        if id(node) not in self._callables:
            try:
                self._callables[id(node)] = _resolve(name, use)
            except NameResolutionError as error:
                self._problems.append(self._located(str(error), node.start_mark, type(error)))
                return None
            except Exception as error:
                error.add_note(self._where(node.start_mark))
                raise
        return self._callables[id(node)]

    # Second pass.

    def build(self, node: yaml.Node) -> Any:
        """Return what a node describes; the second time, the same object."""
        identity = id(node)
        if identity in self._built:
            return self._built[identity]
        if identity in self._building:
            raise self._located("this anchor contains itself", node.start_mark)
        self._building.add(identity)
        value = self._built[identity] = self._make(node)
        self._building.remove(identity)
        return value

    def _make(self, node: yaml.Node) -> Any:
        kind, name = node_kind(node)
        if kind == "!obj":
            return self._call(name, self._mapping(node), node)
        if kind == "!pkl":
            return self._unpickle(self._substitute(name), node)
        if kind == "!import":
            if not self._instantiate:
                return self._proxy(kind, name, node)
            return self._find(name, node, Use.ARGUMENT)
        if kind is not None:
            known = "!obj:, !pkl:, !import, !float"
            raise self._located(f"unknown tag {node.tag!r} (known: {known})", node.start_mark)
        if node.tag == _TUPLE:
            return tuple(self.build(item) for item in node.value)
        if node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node)
        if node.tag == "tag:yaml.org,2002:seq":
            return [self.build(item) for item in node.value]
        return self._scalar(node)

    def _mapping(self, node: yaml.Node) -> dict[Any, Any]:
        if not isinstance(node, yaml.MappingNode):
            return {}  # !obj:name with nothing behind it
        mapping = {}
        for key_node, value_node in node.value:
            key = self.build(key_node)
            try:
                mapping[key] = self.build(value_node)
            except TypeError as error:
                if isinstance(key, list | dict):
                    raise self._located(
                        "a key cannot be a list or a mapping", key_node.start_mark
                    ) from None
                raise error
        return mapping

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            if node.tag == "!float":
                return float(node.value)
            value = self._loader.construct_object(node, deep=True)
        except yaml.MarkedYAMLError as error:
            raise self._located(f"{error.problem}", node.start_mark) from None
        except (ValueError, OverflowError) as error:  # a date like 2010-13-45
            raise self._located(f"{node.value!r}: {error}", node.start_mark) from None
        return self._substitute(value) if isinstance(value, str) else value

    def _substitute(self, text: str) -> str:
        return string_utils.substitute(text, self._environ) if self._instantiate else text

    def _call(self, name: str, keywords: dict[str, Any], node: yaml.Node) -> Any:
        if not self._instantiate:
            return Proxy(name, keywords, self._source_of(node))
        target = self._find(name, node)
        try:
            made = target(**arguments.modernized(name, keywords))
        except Exception as error:
            error.add_note(f"while building !obj:{name} {self._where(node.start_mark)}")
            raise
        return self._sourced(made, node)

    def _unpickle(self, path: str, node: yaml.Node) -> Any:
        if not self._instantiate:
            return self._proxy("!pkl", path, node)
        from pylearn2_jobman.pylearn2.utils import serial

        try:
            loaded = serial.load(path)
        except Exception as error:
            error.add_note(f"while loading !pkl: {path} {self._where(node.start_mark)}")
            raise
        return self._sourced(loaded, node)

    def _sourced(self, made: Any, node: yaml.Node) -> Any:
        """Leave the source text on an object, and return it."""
        with contextlib.suppress(AttributeError, TypeError):  # numbers, classes with __slots__
            made.yaml_src = self._source_of(node)
        return made

    def _proxy(self, tag: str, name: str, node: yaml.Node) -> Proxy:
        return Proxy(name, {}, self._source_of(node), tag)

    # Where things stand in the text.

    def _source_of(self, node: yaml.Node) -> str:
        text = self._text[node.start_mark.index : node.end_mark.index]
        if "*" not in text:
            return text
        # An alias may point outside of this part; written anew, the part stands by itself.
        written: str = yaml.serialize(node, Dumper=getattr(yaml, "CDumper", yaml.Dumper))
        return written

    def _where(self, mark: yaml.Mark) -> str:
        source = f"{self._source}, " if self._source else ""
        return f"({source}line {mark.line + 1}, column {mark.column + 1})"

    def _problem(self, message: str, node: yaml.Node) -> None:
        self._problems.append(self._located(message, node.start_mark))

    def _located(
        self, message: str, mark: yaml.Mark | None, kind: type[JobmanError] = ConfigError
    ) -> JobmanError:
        if mark is None:
            return kind(message)
        lines = self._text.splitlines()
        line = lines[mark.line] if mark.line < len(lines) else ""
        # A window on the line, since rendered YAML has long ones.
        start = max(0, mark.column - 60)
        shown = line[start : start + 100]
        caret = " " * (mark.column - start) + "^"
        where = self._where(mark)[1:-1]
        return kind(f"{where}: {message}\n    {shown}\n    {caret}")


def node_kind(node: yaml.Node) -> tuple[str | None, str]:
    """Return which of our tags a node has (None for YAML's own) and what it names."""
    tag: str = node.tag
    if tag.startswith("!obj:"):
        return "!obj", tag.removeprefix("!obj:")
    for kind in ("!pkl", "!import"):
        if tag == kind or tag.startswith(f"{kind}:"):
            suffix = tag.removeprefix(kind).removeprefix(":")
            return kind, suffix or str(node.value)
    if tag == "!float" or not tag.startswith("!"):
        return None, ""
    return "unknown", tag


def _resolve(name: str, use: Use) -> Any:
    try:
        return names.resolve(name, use)
    except NameResolutionError:
        if "." in name:
            raise
    return names.resolve(f"builtins.{name}", use)  # !obj:dict, !obj:slice


def _together(problems: list[JobmanError]) -> JobmanError:
    if len(problems) == 1:
        return problems[0]
    kinds = {type(problem) for problem in problems}
    kind = kinds.pop() if len(kinds) == 1 else ConfigError
    return kind("\n".join(str(problem) for problem in problems))
