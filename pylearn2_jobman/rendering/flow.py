"""From plain Python values to YAML's flow text, so that loading the text gives the values back."""

__all__ = [
    "can_stand_plain",
    "double_quoted",
    "entries",
    "flow",
    "plain_or_quoted",
    "word_value",
    "yaml_syntax",
]

import re
from collections.abc import Container, Mapping
from typing import Any, Literal

import yaml

from pylearn2_jobman.rendering import scanners
from pylearn2_jobman.values import in_order

# What may stand unquoted anywhere in YAML: words of letters, digits and path characters. Wider
# sets are possible; a quote too many costs nothing.
_PLAIN = re.compile(r"[-+]?[A-Za-z0-9_/.~][\w/.@+=~-]*(?: [\w/.@+=~-]+)*", re.ASCII)
_DOCUMENT_MARK = re.compile(r"(?:---|\.\.\.)(?: |$)")
_BUILDER = "__builder__"
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_KNOWN_TAGS = re.compile(r"!obj:\S|!pkl:|!import\b|!float$|tag:yaml\.org,2002:")
_RESOLVER = yaml.resolver.Resolver()
_WORD_TYPES = {f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "null")}
_SCIENTIFIC = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)[eE][-+]?\d+")


def flow(value: Any, anchors: Container[str] | None = None) -> str:
    """Return a plain value (see `pylearn2_jobman.values.plain`) as YAML flow text.

    A dictionary with the key ``__builder__`` becomes ``!obj:<builder> {...}``. A string stays that
    string, but for one that begins with a tag of the loader (``!obj:``, ``!pkl:``, ``!import``)
    and, in dictionaries with ``__builder__``, for one that is YAML or has quotes of its own.

    Parameters
    ----------
    value
        The value.
    anchors
        The anchors that there are for aliases, such as ``'*train'``; None: any.

    >>> flow({"lr": 1e-05, "name": "1e3", "cost": {"__builder__": "mylab.Cost", "p": 2}})
    "{lr: 1.0e-05, name: '1e3', cost: !obj:mylab.Cost {p: 2}}"
    """
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, complex):
        raise ValueError(f"YAML has no complex numbers, such as {value}: give its parts")
    if isinstance(value, str):
        if value.startswith(("!obj:", "!pkl:", "!import")) and yaml_syntax(value):
            return value
        return plain_or_quoted(value)
    if isinstance(value, Mapping):
        builder = value.get(_BUILDER)
        argument = flow if _BUILDER not in value else _argument
        items = ", ".join(
            f"{flow(k)}: {argument(v, anchors)}" for k, v in value.items() if k != _BUILDER
        )
        if _BUILDER not in value:
            return f"{{{items}}}"
        if not (isinstance(builder, str) and _DOTTED.fullmatch(builder)):
            raise ValueError(f"{_BUILDER} is a dotted name like 'package.Class', not {builder!r}")
        return f"!obj:{builder} {{{items}}}"
    if isinstance(value, set):
        value = in_order(value)
    items = ", ".join(flow(item, anchors) for item in value)
    return f"!!python/tuple [{items}]" if isinstance(value, tuple) else f"[{items}]"


def _argument(value: Any, anchors: Container[str] | None) -> str:
    """Return an argument of a builder as flow text.

    The original wrote its text as it stood: people put quotes around it themselves, or an alias.
    """
    if isinstance(value, Mapping) and _BUILDER not in value:
        items = ", ".join(f"{flow(k)}: {_argument(v, anchors)}" for k, v in value.items())
        return f"{{{items}}}"
    if not isinstance(value, str):
        return flow(value, anchors)
    syntax = yaml_syntax(value)
    text = value.strip()
    if syntax == "nodes" or (syntax == "alias" and (anchors is None or text[1:] in anchors)):
        return text
    events = _events(f"[{text} ]") if text.startswith(("'", '"')) else []
    if len(events) == 1 and getattr(events[0], "style", None):
        return plain_or_quoted(events[0].value)
    return flow(value, anchors)


def _number(value: int | float) -> str:
    """Return a number as every YAML loader reads it: exactly, and a float as a float."""
    if isinstance(value, int):
        return str(value)
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    # YAML 1.1 sees a float only where there is a dot: 1e-05 would be a string elsewhere.
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text


def plain_or_quoted(text: str) -> str:
    """Return a string as a YAML scalar that loads as that string."""
    if can_stand_plain(text) and _is_string(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return double_quoted(text)


def _is_string(text: str) -> bool:
    """Return whether an unquoted scalar would be read as a string, not as a number, date, ..."""
    if _SCIENTIFIC.fullmatch(text):
        return False
    resolve: Any = _RESOLVER.resolve
    return bool(resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str")


def can_stand_plain(text: str) -> bool:
    """Return whether a text may stand unquoted, whatever type it is then read as."""
    return bool(_PLAIN.fullmatch(text)) and not _DOCUMENT_MARK.match(text)


def double_quoted(text: str) -> str:
    """Return a text as a double-quoted scalar on one line, with everything unusual escaped."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code < 0xE000:
        raise ValueError(f"{character!r} is half of a surrogate pair, which is not text")
    if code < 0x100:
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def yaml_syntax(text: str) -> Literal["", "tag", "anchor", "alias", "nodes"]:
    """Return which YAML syntax a string is, or ``""`` when it is only text.

    A string is syntax when it begins with ``!``, ``&``, ``*``, ``[`` or ``{``, can stand inside a
    flow sequence, and names no tag that the loader does not know.

    Returns
    -------
    str
        ``"tag"`` and ``"anchor"`` for a lone one, which belongs to the node that follows it;
        ``"alias"``; ``"nodes"`` for one whole node or several with commas between.
    """
    text = text.strip()
    if not text.startswith(("!", "&", "*", "[", "{")):
        return ""
    events = _events(f"[{text} ]")
    if not events:
        return ""
    if len(events) == 1:
        (event,) = events
        if isinstance(event, yaml.AliasEvent):
            return "alias"
        if isinstance(event, yaml.ScalarEvent) and event.value == "" and not event.style:
            return "tag" if event.tag else "anchor"
    return "nodes"


def _events(collection: str) -> list[Any]:
    """Return YAML's events inside a collection; none for what is not YAML, or has unknown tags."""
    try:  # a text that ends in a comment hides the closing bracket, and fails
        events = scanners.with_either(lambda loader: list(yaml.parse(collection, Loader=loader)))
    except yaml.YAMLError:
        return []
    events = events[3:-3]
    tags = [tag for event in events if (tag := getattr(event, "tag", None))]
    return events if all(_KNOWN_TAGS.match(tag) for tag in tags) else []


def entries(value: Any) -> str | None:
    """Return what a value is as entries of a flow mapping, or None if it is not that.

    >>> entries("irange: .05, sparse_init: 15")
    'irange: .05, sparse_init: 15'
    """
    if isinstance(value, Mapping) and _BUILDER not in value:
        return flow(value)[1:-1]
    if not isinstance(value, str):
        return None
    if not value.strip():
        return ""
    text = value.strip().rstrip(",")
    if not _events(f"{{{text} }}"):
        return None
    depth = 0
    for token in yaml.scan(f"{{{text} }}", Loader=yaml.SafeLoader):
        if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
            depth += 1
        elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
            depth -= 1
        elif isinstance(token, yaml.ValueToken) and depth == 1:
            return text
    return None


def word_value(text: str) -> Any:
    """Return what YAML reads a text without quotes as: True, None, a number, or the text itself.

    >>> [word_value(text) for text in ("off", "~", ".inf", "tanh")]
    [False, None, inf, 'tanh']
    """
    resolve: Any = _RESOLVER.resolve
    if resolve(yaml.ScalarNode, text, (True, False)) in _WORD_TYPES:
        return yaml.safe_load(text)
    return text
