"""The first pass over a YAML document: what names and types can tell, before anything is built."""

__all__ = ["FirstPass", "resolve"]

import builtins
from collections.abc import Mapping
from typing import Any

import yaml

from pylearn2_jobman.errors import JobmanError, NameResolutionError
from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.naming import absence, arguments, names
from pylearn2_jobman.naming.literals import value_problem
from pylearn2_jobman.naming.signatures import argument_problem
from pylearn2_jobman.pylearn2.config.nodes import Tree, node_kind
from pylearn2_jobman.pylearn2.config.source import Source
from pylearn2_jobman.pylearn2.utils import string_utils

_KNOWN = "!obj:, !pkl:, !import, !float"
_SEQUENCES = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:python/tuple")
_MAPPING = "tag:yaml.org,2002:map"
_STRING = "tag:yaml.org,2002:str"
_OUR_OWN = "pylearn2_jobman.pylearn2."  # whose annotations say what they take


class FirstPass:
    """Finds every problem of a document that names, keywords, variables and literals show.

    Parameters
    ----------
    source
        Gets the problems.
    tree
        The document's nodes.
    environ
        Values for ``${VAR}``, asked before the environment.
    instantiate
        False: the document is only read, so that nothing has to be there that it names.
    unchecked
        Where the document is for another machine: gets what cannot be told here (names of packages
        that are not installed, places of variables that are not set) under the reason.
    """

    def __init__(
        self,
        source: Source,
        tree: Tree,
        environ: Mapping[str, str],
        instantiate: bool,
        unchecked: dict[str, list[str]] | None = None,
    ) -> None:
        self._source = source
        self._tree = tree
        self._environ = environ
        self._instantiate = instantiate
        self._unchecked = unchecked
        self._found: dict[int, Any] = {}
        self._resolved: dict[tuple[str, Use], Any] = {}
        self._seen: set[int] = set()

    def check(self, node: yaml.Node) -> None:
        """Check a node and all that is in it."""
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        kind, name = node_kind(node)
        if (problem := _misplaced(node, kind, name)) is not None:
            self._source.problem(problem, node)
        elif kind == "!obj" and self._instantiate:
            self._check_call(name, node)
        elif kind == "!import" and self._instantiate:
            self.find(name, node, Use.ARGUMENT)
        elif kind is None and node.tag not in (*_SEQUENCES, _MAPPING):
            self.literal(node)
        if isinstance(node, yaml.MappingNode):
            self._check_keys(node)
            for pair in node.value:
                for part in pair:
                    if id(part) not in self._seen:
                        self.check(part)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self.check(item)
        elif self._instantiate and (kind == "!pkl" or isinstance(self.literal(node), str)):
            for problem in string_utils.problems(node.value, self._environ):
                if self._unchecked is None:
                    self._source.problem(problem, node)
                else:
                    self._unchecked.setdefault(problem, []).append(node.value)

    def find(self, name: str, node: yaml.Node, use: Use = Use.BUILD) -> Any:
        """Return what a node's name stands for; None if there is no such thing."""
        if id(node) not in self._found:
            known = (name, use)
            try:
                if known not in self._resolved:
                    self._resolved[known] = resolve(name, use)
                self._found[id(node)] = self._resolved[known]
            except (Exception, SystemExit) as error:
                self._found[id(node)] = None
                if self._unchecked is not None and (reason := absence.why_absent(error)):
                    self._unchecked.setdefault(reason, []).append(name)
                    self._resolved[known] = None
                elif isinstance(error, NameResolutionError):
                    self._source.problem(str(error), node, type(error))
                elif self._unchecked is not None:
                    self._source.problem(absence.import_failure(name, error), node)
                else:
                    error.add_note(self._source.where(node.start_mark))
                    raise
                return None
        return self._found[id(node)]

    def literal(self, node: yaml.Node) -> Any:
        """Return the value of a plain node, an empty one for a collection; None if there is none.

        Objects have no value yet: they are Ellipsis.
        """
        if node_kind(node)[0] is not None:
            return ...
        if node.tag in _SEQUENCES:
            return []
        if node.tag == _MAPPING:
            return {}
        try:
            value = self._tree.scalar(node)
        except JobmanError as error:
            if id(node) not in self._found:
                self._source.problems.append(error)
            self._found[id(node)] = None
            return ...
        return self.substituted(value) if isinstance(value, str) else value

    def substituted(self, text: str) -> str:
        """Return a text with its variables' values; with one that has none, it stays what it is."""
        if not self._instantiate or string_utils.problems(text, self._environ):
            return text
        return string_utils.substitute(text, self._environ)

    def _check_keys(self, node: yaml.MappingNode) -> None:
        """Find keys that Python takes for the same: ``1`` and ``true``, two variables' values."""
        if all(key.tag == _STRING and "$" not in key.value for key, _ in node.value):
            return
        earlier: dict[Any, yaml.Node] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            value = self.literal(key)
            if value is ... or earlier.setdefault(value, key) is key:
                continue
            other = earlier[value]
            self._source.problem(
                f"the key {key.value!r} equals the key {other.value!r} in line "
                f"{other.start_mark.line + 1}",
                key,
            )

    def _check_call(self, name: str, node: yaml.Node) -> None:
        target = self.find(name, node)
        if target is None:
            return
        if not callable(target):
            self._source.problem(
                f"{name} is a {type(target).__name__}, which cannot be called", node
            )
            return
        given: dict[str, yaml.Node] = {}
        for key, value in node.value:
            argument = self.literal(key)
            if isinstance(argument, str):
                given[argument] = value
            else:
                self._source.problem(_no_argument(name, key, argument), key)
        for problem in (
            arguments.why_refused(name, given),
            argument_problem(target, name, arguments.modernized_names(name, given)),
        ):
            if problem:
                self._source.problem(problem, node)
        if str(getattr(target, "__module__", "")).startswith(_OUR_OWN):
            self._check_values(target, name, given)

    def _check_values(self, target: Any, name: str, given: Mapping[str, yaml.Node]) -> None:
        layer = self.literal(given["layer_name"]) if "layer_name" in given else None
        of_layer = f" of layer {layer!r}" if isinstance(layer, str) else ""
        for argument, node in given.items():
            value = self.literal(node)
            if value is not ... and (problem := value_problem(target, argument, value)):
                self._source.problem(f"{argument}{of_layer} ({name}) {problem}", node)


def _misplaced(node: yaml.Node, kind: str | None, name: str) -> str | None:
    """Return why a node cannot have its tag, or None."""
    scalar = isinstance(node, yaml.ScalarNode)
    if kind == "unknown":
        return f"unknown tag {name!r} (known: {_KNOWN})"
    if kind == "!obj" and not isinstance(node, yaml.MappingNode) and node.value:
        return f"!obj:{name} takes a mapping of named arguments, {{...}}"
    if kind in ("!pkl", "!import") and (not scalar or (node.value and node.value != name)):
        return f"{kind} takes one {'path' if kind == '!pkl' else 'dotted name'}, and nothing else"
    if node.tag in _SEQUENCES and not isinstance(node, yaml.SequenceNode):
        return f"{node.tag.rpartition('/')[2].rpartition(':')[2]} takes a list, [...]"
    if node.tag == _MAPPING and not isinstance(node, yaml.MappingNode):
        return "map takes a mapping, {...}"
    if node.tag == "!float" and not scalar:
        return "!float takes one number"
    return None


def _no_argument(name: str, key: yaml.Node, value: Any) -> str:
    if not isinstance(key, yaml.ScalarNode) or value is ...:
        return f"the name of an argument of {name} is text"
    kind = {bool: "a boolean", int: "an integer", float: "a number"}.get(type(value), "no text")
    return (
        f"the name of an argument of {name} is text, and {key.value!r} is {kind} in YAML: "
        f"if it is meant, quote it, '{key.value}'"
    )


def resolve(name: str, use: Use) -> Any:
    """Return what a name stands for; one without a dot may be built in: ``!obj:dict``."""
    return names.resolve(f"builtins.{name}" if hasattr(builtins, name) else name, use)
