"""From ``yaml_template`` and ``hyper_parameters`` to YAML text, losing nothing.

A template is YAML with Python's named place-holders, ``%(name)d``. Plain ``%`` formatting would
write 1e-7 through ``%f`` as ``0.000000`` and the string ``yes`` as a boolean; here every value that
goes in comes out when the text is loaded.

The place-holders are first put as marks that YAML's own scanner takes for part of the text. From
its tokens it is then known where each one stands: as a whole scalar, inside a quoted, plain or
block scalar, in a tag, or in a comment. That decides how the value is written.
"""

__all__ = ["place_holders", "render", "stands_alone", "ydict"]

import re
import warnings
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from pylearn2_jobman.errors import JobmanError, TemplateError, UnusedKeyWarning, suggest
from pylearn2_jobman.rendering import flow, scanners
from pylearn2_jobman.rendering.placeholder import PATTERN, PlaceHolder, Verbatim, look_up
from pylearn2_jobman.values import plain

# Far above what people write; documents are loaded within the same limits.
LONGEST = 20_000_000  # characters
DEEPEST = 150
MOST_PROBLEMS = 20  # that are reported together

_SURROGATE = re.compile("[\ud800-\udfff]")
_HARMLESS = re.compile(r"[\w./-]*", re.ASCII)
_TAG_TEXT = re.compile(r"[\w./:~@+-]+", re.ASCII)


class ydict(dict[str, Any]):  # noqa: N801 - the original's name
    """A dictionary whose ``str()`` is YAML: ``__builder__`` becomes an ``!obj:`` tag."""

    def __str__(self) -> str:
        return flow.flow(plain(dict(self), ""))


def render(template: str, hyper_parameters: Mapping[str, Any]) -> str:
    """Fill a YAML template's place-holders so that loading the result gives the values back.

    Parameters
    ----------
    template
        YAML text with place-holders ``%(name)s``; ``%%`` is a percent sign. Without an explicit
        precision the letter says what kind of value is expected, never how many digits to keep:
        ``%(lr)d`` of 1e-4 is 0.0001, ``%(n)f`` of 5 is 5.0. ``%i`` makes an integer. An explicit
        precision is obeyed as Python does. ``%(a.b)s`` looks into nested dictionaries.
    hyper_parameters
        The values, nested dictionaries included.

    Returns
    -------
    str
        The YAML text.

    Raises
    ------
    TemplateError
        If place-holders are missing or malformed, a value is not of the kind that a letter
        expects, or the template is not YAML; with line and column, and all at once.
    NotStorableError
        If a value is an array or an object.

    Warns
    -----
    UnusedKeyWarning
        If a hyper-parameter is used by no place-holder.
    RenderWarning
        If ``%i`` changes a value.
    """
    if not isinstance(template, str):
        raise TemplateError(f"yaml_template is text, not {type(template).__name__}")
    if len(template) > LONGEST:
        raise TemplateError(f"yaml_template has {len(template)} characters; {LONGEST} are the most")
    values = plain(hyper_parameters, "")
    if not isinstance(values, dict):
        raise TemplateError(f"hyper_parameters is a dictionary, not {type(values).__name__}")
    source = _Source(template)
    if half := _SURROGATE.search(template):
        raise source.error(half.start(), f"{half[0]!r} is half of a surrogate pair, not text")
    marks = _read_place_holders(source, values)
    warn_of_unused(template, values, stacklevel=3)
    return _Rendering(source, marks).text()


def place_holders(template: str) -> set[str]:
    """Return the names that the place-holders of a template have."""
    return {match["name"] for match in PATTERN.finditer(template) if match["name"]}


def warn_of_unused(
    template: str, hyper_parameters: Mapping[Any, Any], *, stacklevel: int = 2
) -> None:
    """Warn of hyper-parameters that no place-holder uses, as `render` does."""
    names = place_holders(template)
    if unused := sorted(_unused(hyper_parameters, names)):
        shown = (f"{key}{suggest(key, names)}" for key in unused)
        warnings.warn(
            f"the template has no place-holder for the hyper-parameters {', '.join(shown)}",
            UnusedKeyWarning,
            stacklevel=stacklevel,
        )


def stands_alone(template: str, hyper_parameters: Mapping[str, Any]) -> set[Any]:
    """Return the hyper-parameters that are, somewhere in a template, a whole scalar without quotes.

    Parameters
    ----------
    template, hyper_parameters
        Those of `render`, which raises the same errors.
    """
    source = _Source(template)
    values = plain(hyper_parameters, "")
    assert isinstance(values, dict)  # a mapping stays one
    return _Rendering(source, _read_place_holders(source, values)).alone()


def _unused(values: Mapping[Any, Any], names: Collection[str], within: str = "") -> Iterator[str]:
    """Yield the hyper-parameters, with the dictionaries they are in, that no place-holder names."""
    for key, value in values.items():
        name = f"{within}{key}"
        if name in names:
            continue
        if isinstance(value, dict) and any(used.startswith(f"{name}.") for used in names):
            yield from _unused(value, names, f"{name}.")
        else:
            yield name


class _Source:
    """The template, and where in it things are."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0] + [m.end() for m in re.finditer("\n", text)]

    def error(self, offset: int, message: str) -> TemplateError:
        line = bisect_right(self._starts, offset)
        column = offset - self._starts[line - 1]
        shown = self.text[self._starts[line - 1] :].partition("\n")[0]
        start = max(0, column - 60)
        return TemplateError(
            f"yaml_template, line {line}, column {column + 1}: {message}\n"
            f"    {shown[start : start + 100]}\n    {' ' * (column - start)}^"
        )


@dataclass
class _Mark:
    """What stands for a place-holder while YAML scans the template."""

    holder: PlaceHolder
    token: str
    syntax: str  # flow.yaml_syntax of the value

    @property
    def start(self) -> int:
        return self.holder.match.start()

    @property
    def yaml(self) -> str:
        """The value, where it is YAML syntax."""
        return str(self.holder.value).strip()

    @property
    def placed(self) -> str:
        """The text to scan in its place: of the same structure as the value's YAML syntax."""
        # A tag takes in a bracket or comma that follows at once, hence the space.
        form = {"tag": "!{} ", "anchor": "&{}", "alias": "*{}", "nodes": "[{}]"}
        return form.get(self.syntax, "{}").format(self.token)

    def entries(self) -> str | None:
        """Return the value as entries of a flow mapping, if it is that."""
        match = self.holder.match
        if match["letter"] != "s" or match["precision"] is not None:
            return None
        return flow.entries(self.holder.value)


def _read_place_holders(source: _Source, values: dict[Any, Any]) -> list[_Mark]:
    """Find the place-holders and their values; raise all the errors there are, together."""
    stem = "ZQ"
    while stem in source.text:
        stem += "Q"
    marks = []
    errors: list[JobmanError] = []
    syntaxes: dict[str, str] = {}
    for i, match in enumerate(PATTERN.finditer(source.text)):
        try:
            root, value = look_up(match, values)
        except LookupError as error:
            errors.append(source.error(match.start(), error.args[0]))
            if len(errors) == MOST_PROBLEMS:
                break
            continue
        if isinstance(value, str) and (half := _SURROGATE.search(value)):
            problem = f"{root} holds {half[0]!r}, half of a surrogate pair, which is not text"
            errors.append(source.error(match.start(), problem))
        syntax = ""
        if isinstance(value, str) and match["precision"] is None:
            syntax = syntaxes[value] = (
                syntaxes[value] if value in syntaxes else flow.yaml_syntax(value)
            )
        marks.append(_Mark(PlaceHolder(match, root, value), f"{stem}{i}Z", syntax))
    if errors:
        raise TemplateError("\n".join(map(str, errors)))
    return marks


class _Rendering:
    """The writing of every place-holder as its surroundings want it."""

    def __init__(self, source: _Source, marks: list[_Mark]) -> None:
        self._source = source
        self._marks = marks
        self._errors: list[JobmanError] = []
        self._scanned, self._offsets = self._place_marks()
        self._token_of = {mark.token: mark for mark in marks}
        stem = marks[0].token.rstrip("Z").rstrip("0123456789") if marks else "(?!)"
        self._find = re.compile(rf"{stem}\d+Z")
        self._placed = re.compile(rf"[!&*\[]({stem}\d+Z)(?: |\])?")

    def _place_marks(self) -> tuple[str, list[tuple[int, int]]]:
        """Return the text to scan, and pairs (offset in it, offset in the template)."""
        parts: list[str] = []
        offsets = [(0, 0)]
        length = end = 0
        for mark in self._marks:
            before = self._source.text[end : mark.start]
            parts += [before, mark.placed]
            offsets.append((length + len(before), mark.start))
            length += len(before) + len(mark.placed)
            end = mark.holder.match.end()
            offsets.append((length, end))
        parts.append(self._source.text[end:])
        return "".join(parts), offsets

    def alone(self) -> set[Any]:
        """Return the hyper-parameters of the place-holders that are a whole plain scalar."""
        tokens = self._scan()
        entries = _entries(tokens)
        return {
            self._token_of[token.value].holder.root
            for i, token in enumerate(tokens)
            if isinstance(token, yaml.ScalarToken) and token.plain and i not in entries
            if token.value in self._token_of
        }

    def text(self) -> str:
        """Return the rendered text."""
        tokens = self._scan()
        self._anchors = {token.value for token in tokens if isinstance(token, yaml.AnchorToken)}
        self._anchors |= {mark.yaml[1:] for mark in self._marks if mark.syntax == "anchor"}
        written: list[str] = []
        end = 0
        for start, stop, text in self._replacements(tokens):
            written += [self._comments(self._scanned[end:start]), text]
            end = stop
        written.append(self._comments(self._scanned[end:]))
        if self._errors:
            raise TemplateError("\n".join(map(str, self._errors[:MOST_PROBLEMS])))
        if (length := sum(map(len, written))) > LONGEST:
            raise TemplateError(f"the YAML would have {length} characters; {LONGEST} are the most")
        return "".join(written)

    def _tokens(self, loader: Any) -> list[yaml.Token]:
        tokens: list[yaml.Token] = []
        depth = 0
        for token in yaml.scan(self._scanned, Loader=loader):
            tokens.append(token)
            depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
            if depth > DEEPEST:
                index = self._in_template(token.start_mark.index)
                raise self._source.error(index, f"nested more than {DEEPEST} deep")
        return tokens

    def _scan(self) -> list[yaml.Token]:
        try:
            return scanners.with_either(self._tokens)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            message = f"not valid YAML: {error.problem} {error.context or ''}".rstrip()
            raise self._source.error(
                self._in_template(mark.index if mark else 0), message
            ) from None
        except yaml.YAMLError as error:
            raise TemplateError(f"yaml_template is not valid YAML: {error}") from None

    def _in_template(self, index: int) -> int:
        placed, original = self._offsets[bisect_right(self._offsets, (index, 1 << 62)) - 1]
        return original + (index - placed)

    def _replacements(self, tokens: list[yaml.Token]) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, new text) for the tokens that hold place-holders, in order."""
        entries = _entries(tokens)
        for i, token in enumerate(tokens):
            start, end = token.start_mark.index, token.end_mark.index
            span = self._scanned[start:end]
            if not self._find.search(span) or start == end:
                continue
            if isinstance(token, yaml.ScalarToken):
                mark = self._token_of.get(token.value) if token.plain else None
                if mark is None:
                    glued = self._glued(token) if i in entries else None
                    yield start, end, glued or self._inside_scalar(token, span)
                elif mark.syntax == "nodes" and isinstance(
                    tokens[i - 1], yaml.FlowSequenceStartToken
                ):
                    yield start - 1, tokens[i + 1].end_mark.index, mark.yaml
                elif i in entries and (text := mark.entries()) is not None:
                    if not text and isinstance(tokens[i + 1], yaml.FlowEntryToken):
                        end = tokens[i + 1].end_mark.index  # with its comma
                    yield start, end, text
                else:
                    yield start, end, self._whole(mark)
            elif mark := self._token_of.get(span[1:]):
                if not mark.syntax:
                    yield start, end, span[0] + self._tag_text(mark)
                elif (
                    mark.syntax == "tag"
                    or (mark.syntax == "anchor" and not isinstance(tokens[i + 1], _AFTER_A_NODE))
                    or (mark.syntax == "alias" and mark.yaml[1:] in self._anchors)
                ):
                    yield start, end, mark.yaml
                else:  # it only looks like YAML syntax
                    yield start, end, flow.plain_or_quoted(mark.holder.value)
            else:  # a tag, anchor or alias around a place-holder: !obj:%(class)s
                yield (
                    start,
                    end,
                    self._find.sub(lambda match: self._tag_text(self._token_of[match[0]]), span),
                )

    def _whole(self, mark: _Mark) -> str:
        """Write a value that makes a whole scalar of its own."""
        try:
            value = mark.holder.whole()
            return value if isinstance(value, Verbatim) else flow.flow(value, self._anchors)
        except ValueError as error:
            self._errors.append(self._source.error(mark.start, str(error)))
            return ""

    def _glued(self, token: yaml.ScalarToken) -> str | None:
        """Write ``key:%(value)s`` of a flow mapping, where the value is a list or a mapping."""
        key, colon, rest = token.value.partition(":")
        mark = self._token_of.get(rest) if token.plain and colon else None
        if mark is None or not isinstance(mark.holder.value, list | tuple | dict):
            return None
        key = self._find.sub(lambda match: self._text_of(self._token_of[match[0]]), key)
        return f"{key}: {self._whole(mark)}"

    def _inside_scalar(self, token: yaml.ScalarToken, span: str) -> str:
        """Write a scalar of which place-holders are a part, or all between its quotes."""
        texts = {t: self._text_of(self._token_of[t]) for t in self._find.findall(token.value)}
        value = self._find.sub(lambda match: texts[match[0]], self._unplaced(token.value))
        if token.plain:
            return value if flow.can_stand_plain(value) else flow.double_quoted(value)
        if all(_HARMLESS.fullmatch(text) for text in texts.values()):
            return self._find.sub(lambda match: texts[match[0]], self._unplaced(span))
        if token.style == "'" and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return flow.double_quoted(value) + ("\n" if span.endswith("\n") else "")

    def _comments(self, gap: str) -> str:
        """Write the place-holders of the text between two tokens: they stand in comments."""

        def one_line(match: re.Match[str]) -> str:
            text = self._text_of(self._token_of[match[0]])
            return "".join(c if c.isprintable() else " " for c in text)

        return self._find.sub(one_line, self._unplaced(gap))

    def _unplaced(self, text: str) -> str:
        """Take away what `_Mark.placed` put around the marks, where it turned out to be text."""

        def token(match: re.Match[str]) -> str:
            mark = self._token_of[match[1]]
            for placed in (mark.placed, mark.placed.rstrip()):  # the latter at a scalar's end
                if mark.syntax and match[0].startswith(placed):
                    return mark.token + match[0].removeprefix(placed)
            return match[0]

        return self._placed.sub(token, text)

    def _tag_text(self, mark: _Mark) -> str:
        text = self._text_of(mark)
        if not _TAG_TEXT.fullmatch(text):
            message = f"a dotted name is wanted here, and {mark.holder.root} is {text!r}"
            self._errors.append(self._source.error(mark.start, message))
        return text

    def _text_of(self, mark: _Mark) -> str:
        try:
            return mark.holder.text()
        except ValueError as error:
            self._errors.append(self._source.error(mark.start, str(error)))
            return ""


def _entries(tokens: list[yaml.Token]) -> set[int]:
    """Return where a scalar stands in a flow mapping that is neither a key nor a value."""
    found = set()
    around: list[yaml.Token] = []  # the flow collections that are open
    for i, token in enumerate(tokens):
        if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
            around.append(token)
        elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
            around.pop()
        elif (
            isinstance(token, yaml.ScalarToken)
            and isinstance(around[-1] if around else None, yaml.FlowMappingStartToken)
            and isinstance(tokens[i - 1], yaml.FlowMappingStartToken | yaml.FlowEntryToken)
            and isinstance(tokens[i + 1], yaml.FlowMappingEndToken | yaml.FlowEntryToken)
        ):
            found.add(i)
    return found


_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
# An anchor before one of these has no node to name.
_AFTER_A_NODE = (
    yaml.BlockEndToken,
    yaml.DocumentEndToken,
    yaml.FlowEntryToken,
    yaml.FlowMappingEndToken,
    yaml.FlowSequenceEndToken,
    yaml.KeyToken,
    yaml.StreamEndToken,
)
