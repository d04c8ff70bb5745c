"""From YAML text to the objects it describes: ``!obj:``, ``!pkl:``, ``!import``, ``${VAR}``.

A document is loaded in two passes. The first (`FirstPass`) finds every name and checks every
keyword and literal, so that a typing mistake at the end of a file is reported, with all the others,
before a dataset is read. The second builds the objects, innermost first. A node that an anchor
names is built once.
"""

__all__ = ["Document", "Proxy", "load", "load_path"]

import contextlib
import os
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import IO, Any

import yaml

from pylearn2_jobman.errors import ConfigError
from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.naming import arguments, backend
from pylearn2_jobman.pylearn2.config.first_pass import FirstPass, resolve
from pylearn2_jobman.pylearn2.config.nodes import Tree, node_kind
from pylearn2_jobman.pylearn2.config.source import Source
from pylearn2_jobman.pylearn2.utils.python2 import dict_order
from pylearn2_jobman.whole_file import decoded

_TUPLE = "tag:yaml.org,2002:python/tuple"


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
        return resolve(self.name, Use.ARGUMENT if self.tag == "!import" else Use.BUILD)


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
        If the text is not YAML, goes beyond a limit (see `pylearn2.config.nodes`), a key stands
        twice, a variable is not set, or an argument is not one that its callable takes. Every
        message carries line and column.
    NameResolutionError
        If a name cannot be imported.
    Exception
        Whatever a constructor raises is left as it is, with a note saying where it was called.
    """
    source = getattr(stream, "name", None)
    text = stream if isinstance(stream, str | bytes) else stream.read()
    if isinstance(text, bytes):
        text = decoded(text, source or "", ConfigError)
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
        self.source = Source(text, source)
        self._environ = environ
        self._built: dict[int, Any] = {}
        self._instantiate = True

    def load(self, instantiate: bool) -> Any:
        """Return what the document describes."""
        self._instantiate = instantiate
        root = self.checked_root()
        return None if root is None else self.build(root)

    def checked_root(self) -> yaml.Node | None:
        """Return the document's outermost node, after the first pass; None if it is empty."""
        root = self.first_pass()
        self.source.raise_problems()
        return root

    def first_pass(self, unchecked: dict[str, list[str]] | None = None) -> yaml.Node | None:
        """Return the outermost node; ``source`` has what is wrong in it.

        Parameters
        ----------
        unchecked
            See `FirstPass`.
        """
        tree = self._tree = Tree(self.source)
        instantiate = self._instantiate
        self._checked = FirstPass(self.source, tree, self._environ, instantiate, unchecked)
        if tree.root is not None:
            self._checked.check(tree.root)
        return tree.root

    def named(self, node: yaml.Node) -> Any:
        """Return what a node's ``!obj:`` calls, as the first pass found it; None for others."""
        kind, name = node_kind(node)
        return self._checked.find(name, node) if kind == "!obj" else None

    def forget_all_but(self, kept: Set[int]) -> None:
        """Let go of what was built, but for the nodes of these ids."""
        self._built = {identity: made for identity, made in self._built.items() if identity in kept}

    def build(self, node: yaml.Node) -> Any:
        """Return what a node describes; the second time, the same object."""
        identity = id(node)
        if identity not in self._built:
            self._built[identity] = self._make(node)
        return self._built[identity]

    def _make(self, node: yaml.Node) -> Any:
        kind, name = node_kind(node)
        if kind == "!obj":
            return self._call(name, self._mapping(node), node)
        if kind == "!pkl":
            return self._unpickle(self._checked.substituted(name), node)
        if kind == "!import":
            if self._instantiate:
                return self._checked.find(name, node, Use.ARGUMENT)
            return self._proxy(kind, name, node)
        if node.tag == _TUPLE:
            return tuple(self.build(item) for item in node.value)
        if node.tag == "tag:yaml.org,2002:map":
            mapping = self._mapping(node)
            if backend.real_pylearn2() is not None and all(isinstance(k, str) for k in mapping):
                # It hands out random streams to its monitored datasets in the order of Python 2.
                return {key: mapping[key] for key in dict_order(mapping)}
            return mapping
        if node.tag == "tag:yaml.org,2002:seq":
            return [self.build(item) for item in node.value]
        value = self._tree.scalar(node)
        return self._checked.substituted(value) if isinstance(value, str) else value

    def _mapping(self, node: yaml.Node) -> dict[Any, Any]:
        if not isinstance(node, yaml.MappingNode):
            return {}  # !obj:name with nothing behind it
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.build(key_node)
            try:
                twice = key in mapping
            except TypeError:
                raise self.source.located(
                    "a key cannot be a list or a mapping, nor hold one", key_node.start_mark
                ) from None
            if twice:
                raise self.source.located(f"the key {key!r} stands twice", key_node.start_mark)
            mapping[key] = self.build(value_node)
        return mapping

    def _call(self, name: str, keywords: dict[str, Any], node: yaml.Node) -> Any:
        if not self._instantiate:
            return Proxy(name, keywords, self.source.of(node))
        target = self._checked.find(name, node)
        try:
            made = target(**arguments.modernized(name, keywords))
        except Exception as error:
            error.add_note(f"while building !obj:{name} {self.source.where(node.start_mark)}")
            raise
        return self._sourced(made, node)

    def _unpickle(self, path: str, node: yaml.Node) -> Any:
        if not self._instantiate:
            return self._proxy("!pkl", path, node)
        from pylearn2_jobman.pylearn2.utils import serial

        try:
            loaded = serial.load(path)
        except Exception as error:
            error.add_note(f"while loading !pkl: {path} {self.source.where(node.start_mark)}")
            raise
        return self._sourced(loaded, node)

    def _sourced(self, made: Any, node: yaml.Node) -> Any:
        """Leave the source text on an object, and return it."""
        if isinstance(made, type | FunctionType):  # which others have, too
            return made
        with contextlib.suppress(AttributeError, TypeError):  # numbers, classes with __slots__
            made.yaml_src = self.source.of(node)
        return made

    def _proxy(self, tag: str, name: str, node: yaml.Node) -> Proxy:
        return Proxy(name, {}, self.source.of(node), tag)
