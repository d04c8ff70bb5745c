"""YAML text as a tree of nodes: within limits, with merge keys carried out, scalars as values.

The limits are far above what people write. They are what stands between a few lines that name each
other and a worker without memory.
"""

__all__ = ["Tree", "node_kind"]

import re
from typing import Any

import yaml

from pylearn2_jobman.errors import ConfigError, JobmanError
from pylearn2_jobman.pylearn2.config.source import Source
from pylearn2_jobman.rendering import scanners
from pylearn2_jobman.rendering.template import DEEPEST, LONGEST

MOST_NODES = 300_000
MOST_REPEATED = 50_000  # of those, what aliases and merges may make of a short text

_MERGE = "tag:yaml.org,2002:merge"
_STRING = "tag:yaml.org,2002:str"
_NO_CHARACTER = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


class Tree:
    """The nodes of a YAML text.

    Attributes
    ----------
    root : yaml.Node or None
        The outermost node; None for an empty text.

    Raises
    ------
    ConfigError
        If the text is not YAML, goes beyond a limit, or a node holds itself. A key that stands
        twice, or a merge of what is no mapping, is one of the source's problems.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._sizes: dict[int, tuple[int, int]] = {}
        self._inside: set[int] = set()
        self._merged = 0
        try:
            _check_text(source)
            self.root = scanners.with_either(self._composed, _Loader, _TolerantLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            context = f" {error.context}" if error.context else ""
            raise source.located(f"not valid YAML: {error.problem}{context}", mark) from None
        except yaml.YAMLError as error:
            raise ConfigError(f"not valid YAML: {error}") from None
        if self.root is not None:
            self._measure(self.root)

    def _composed(self, loader: Any) -> yaml.Node | None:
        _check_sizes(self._source, loader)
        self._loader = loader(self._source.text)
        root: yaml.Node | None = self._loader.get_single_node()
        return root

    def scalar(self, node: yaml.Node) -> Any:
        """Return the value of a node with one of YAML's own tags, but maps, sequences and tuples.

        Raises
        ------
        ConfigError
            If it is not what its tag says.
        """
        try:
            if node.tag == "!float":
                return float(node.value)
            return self._loader.construct_object(node, deep=True)
        except yaml.MarkedYAMLError as error:
            raise self._source.located(f"{error.problem}", node.start_mark) from None
        except RecursionError:
            raise self._source.located("nested too deep", node.start_mark) from None
        except Exception as error:  # PyYAML raises KeyError for '!!bool maybe', and so on
            kind = node.tag.rpartition(":")[2].lstrip("!")
            shown = repr(node.value) if isinstance(node, yaml.ScalarNode) else "this"
            # The reason is readable in a ValueError alone, as of the date 2010-13-45.
            reason = f": {error}" if isinstance(error, ValueError) else f" is no {kind}"
            raise self._source.located(f"{shown:.100}{reason}", node.start_mark) from None

    def _measure(self, node: yaml.Node) -> tuple[int, int]:
        """Carry out the merges in a node; return how many nodes it is with all aliases written out.

        And how deep it is. An alias names what stands before it, so that this recurses no deeper
        than the text.
        """
        identity = id(node)
        if identity in self._sizes:
            return self._sizes[identity]
        if identity in self._inside:
            raise self._source.located("this anchor contains itself", node.start_mark)
        self._inside.add(identity)
        children = _children(node)
        for child in children:
            self._measure(child)
        if isinstance(node, yaml.MappingNode):
            self._merge(node)
            children = _children(node)
        measured = [self._sizes[id(child)] for child in children]
        size = 1 + sum(size for size, _ in measured)
        depth = 1 + max((depth for _, depth in measured), default=0)
        self._limit(size, node)
        if depth > DEEPEST:
            raise self._source.located(_too_deep(), node.start_mark)
        self._inside.remove(identity)
        self._sizes[identity] = size, depth
        return size, depth

    def _merge(self, node: yaml.MappingNode) -> None:
        """Carry out YAML's merge keys, ``<<: *defaults``: own keys count most, then the first."""
        own: dict[Any, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[int, yaml.MappingNode] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                for each in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if isinstance(each, yaml.MappingNode):
                        merged.setdefault(id(each), each)
                    else:
                        self._source.problem(
                            "expected a mapping or list of mappings for merging", each
                        )
                continue
            earlier = own.setdefault(self._identity(key), (key, value))[0]
            if earlier is not key:
                self._source.problem(f"{_shown(key)} stands here and {_line(earlier)}", key)
        pairs: dict[Any, tuple[yaml.Node, yaml.Node]] = {}
        for mapping in reversed(merged.values()):
            pairs.update((self._identity(key), (key, value)) for key, value in mapping.value)
        node.value = list((pairs | own).values())
        self._merged += 2 * len(pairs)
        self._limit(self._merged, node)

    def _limit(self, nodes: int, node: yaml.Node) -> None:
        # A text has no more nodes than characters: this concerns those that repeat themselves.
        most = min(MOST_NODES, max(MOST_REPEATED, len(self._source.text)))
        if nodes > most:
            raise self._source.located(
                f"more than {most} nodes, with aliases and merges written out", node.start_mark
            )

    def _identity(self, key: yaml.Node) -> Any:
        """Return what two keys have in common if one of them overrides the other."""
        if key.tag == _STRING:
            return key.value
        if isinstance(key, yaml.SequenceNode):
            return (key.tag, *map(self._identity, key.value))
        if not isinstance(key, yaml.ScalarNode) or key.tag.startswith("!"):
            return id(key)
        try:
            value = self.scalar(key)
        except JobmanError:
            return id(key)
        return type(value), value


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


def _check_text(source: Source) -> None:
    """Refuse a text that is too long, or none."""
    if len(source.text) > LONGEST:
        raise ConfigError(
            f"the YAML text has {len(source.text)} characters; {LONGEST} are the most"
        )
    if found := _NO_CHARACTER.search(source.text):
        line = source.text.count("\n", 0, found.start()) + 1
        raise ConfigError(f"line {line}: not valid YAML: {found[0]!r} is not a character of text")


def _check_sizes(source: Source, loader: Any) -> None:
    """Refuse a text that PyYAML would not survive, or no memory would hold."""
    depth = nodes = 0
    for event in yaml.parse(source.text, Loader=loader):
        nodes += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST or nodes > MOST_NODES:
            message = _too_deep() if depth > DEEPEST else f"more than {MOST_NODES} nodes"
            mark: Any = event.start_mark
            raise source.located(message, mark)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _too_deep() -> str:
    return f"nested more than {DEEPEST} deep"


def _shown(key: yaml.Node) -> str:
    return f"the key {key.value!r}" if isinstance(key, yaml.ScalarNode) else "this key"


def _line(node: yaml.Node) -> str:
    return f"in line {node.start_mark.line + 1}"
