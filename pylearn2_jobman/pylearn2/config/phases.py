"""The phases of a YAML document, some of which load a model that an earlier one saves."""

__all__ = ["WHAT_A_DOCUMENT_IS", "Phases", "check_phases"]

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence
from typing import Any, overload

import yaml

from pylearn2_jobman.errors import ConfigError
from pylearn2_jobman.pylearn2.config.nodes import node_kind
from pylearn2_jobman.pylearn2.config.yaml_parse import Document

_SEQUENCE = "tag:yaml.org,2002:seq"
WHAT_A_DOCUMENT_IS = (
    "its outermost node is to be a !obj:pylearn2.train.Train {...}, or a list of them"
)


class Phases(MutableSequence[Any]):
    """A list of train objects, or a single one, to be trained in order.

    The whole document is checked first: names, keywords, variables. Then the phases are built, but
    for those after the first with a ``!pkl:`` in them: what it loads may be what an earlier phase
    saves, so that these are built when they are asked for. A node that an anchor names is built
    once, also when several phases name it.

    Setting a phase to something else, such as None, lets go of it.

    Parameters
    ----------
    text
        The YAML text.
    check
        Called with each phase when it has been built.
    source
        Name of the text's file, for error messages.
    environ
        Values for ``${VAR}``, asked before the environment.

    Attributes
    ----------
    is_list : bool
        Whether the document is a list.

    Raises
    ------
    ConfigError, NameResolutionError
        As `pylearn2.config.yaml_parse.load` does, and whatever a constructor or ``check`` raises.
    """

    def __init__(
        self,
        text: str,
        check: Callable[[Any], None] | None = None,
        source: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._document = Document(text, source, environ or {})
        self._check = check or (lambda phase: None)
        root = self._document.checked_root()
        self.is_list = root is not None and root.tag == _SEQUENCE
        self._nodes = list(root.value) if root is not None and self.is_list else [root]
        self._phases: dict[int, Any] = {}
        for number, node in enumerate(self._nodes):
            if number == 0 or not _unpickles(node):
                self._built(number)

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, number: int) -> Any: ...

    @overload
    def __getitem__(self, number: slice) -> list[Any]: ...

    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        return self._built(range(len(self))[number])  # an IndexError ends an iteration

    def __setitem__(self, number: Any, phase: Any) -> None:
        self._phases[range(len(self))[number]] = phase
        waiting = [node for i, node in enumerate(self._nodes) if i not in self._phases]
        self._document.forget_all_but({id(node) for node in _inside(waiting)})

    def __delitem__(self, number: Any) -> None:
        raise TypeError("a document has the phases that it has; set one to None to let go of it")

    def insert(self, index: int, value: Any) -> None:
        """Refuse: a document has the phases that it has."""
        raise TypeError("a document has the phases that it has; none can be put in")

    def _built(self, number: int) -> Any:
        if number not in self._phases:
            node = self._nodes[number]
            phase = None if node is None else self._document.build(node)
            self._check(phase)
            self._phases[number] = phase
        return self._phases[number]


def check_phases(text: str, source: str) -> dict[str, list[str]]:
    """Check a document that another machine is to train: nothing is built, opened or called.

    Parameters
    ----------
    text
        The YAML text.
    source
        What it is called in errors.

    Returns
    -------
    dict
        What cannot be told here, names and places of variables, by the reason.

    Raises
    ------
    ConfigError, NameResolutionError
        With all that is wrong: see `FirstPass`; or what is to be trained has no ``main_loop()``.
    """
    unchecked: dict[str, list[str]] = {}
    document = Document(text, source, {})
    root = document.first_pass(unchecked)
    if root is None:
        raise ConfigError(f"{source} is empty: {WHAT_A_DOCUMENT_IS}")
    for node in root.value if root.tag == _SEQUENCE else [root]:
        named = document.named(node)
        if node_kind(node)[0] is None:
            document.source.problem(f"nothing is built here: {WHAT_A_DOCUMENT_IS}", node)
        elif isinstance(named, type) and not hasattr(named, "main_loop"):
            shown = f"{named.__name__} has no main_loop(): {WHAT_A_DOCUMENT_IS}"
            document.source.problem(shown, node)
    document.source.raise_problems()
    return unchecked


def _unpickles(node: yaml.Node | None) -> bool:
    return any(node_kind(inner)[0] == "!pkl" for inner in _inside([node]))


def _inside(nodes: Iterable[yaml.Node | None]) -> Iterator[yaml.Node]:
    """Yield nodes and all that is in them, what anchors name included."""
    seen: set[int] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
