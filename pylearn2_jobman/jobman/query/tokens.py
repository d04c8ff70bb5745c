"""The words of the query language: a text taken apart, and where in it something is wrong."""

__all__ = ["Token", "Tokens"]

import re
from dataclasses import dataclass
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.bookkeeping import as_text
from pylearn2_jobman.values import parse_literal

_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<quoted>{_QUOTED})
    | (?P<operator>==|!=|<>|<=|>=|=|<|>)
    | (?P<mark>[(),\[\]{{}}:])
    | (?P<word>[^\s=<>!(),\[\]{{}}:'"]+)
    )""",
    re.VERBOSE,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_SURROGATE = re.compile("[\ud800-\udfff]")
# Far above what people write: a database takes seconds for more.
MOST_CHARACTERS = 20_000
MOST_COMPARISONS = 200
MOST_VALUES = 2_000


@dataclass(frozen=True)
class Token:
    """A part of the text: ``quoted``, ``operator``, ``mark`` or ``word``, and where it begins."""

    kind: str
    text: str
    position: int

    def is_word(self, *words: str) -> bool:
        """Return whether it is one of the language's own words, in any case."""
        return self.kind == "word" and self.text.lower() in words


class Tokens:
    """The tokens of a text, taken one after the other.

    Parameters
    ----------
    text
        As a user wrote it.
    subject
        The name of that in errors: ``the selection``.
    hint
        How it should look, for errors.

    Attributes
    ----------
    compared : set of str
        The keys that were taken as those of comparisons.
    """

    def __init__(self, text: str, subject: str, hint: str) -> None:
        self._source = text
        self._subject = subject
        self._hint = hint
        self._tokens: list[Token] = []
        self._next = 0
        self.compared: set[str] = set()
        self._counted = {"comparisons": 0, "values": 0}
        if len(text) > MOST_CHARACTERS:
            raise UsageError(
                f"{subject} has {len(text)} characters; {MOST_CHARACTERS} are the most"
            )
        if half := _SURROGATE.search(text):
            raise self.error(half.start(), _half(half[0]))
        position = 0
        end = len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                start = position + len(text[position:]) - len(text[position:].lstrip())
                raise self.error(start, "a quote that is not closed, or a lone '!'")
            kind = str(match.lastgroup)
            self._tokens.append(Token(kind, match[kind], match.start(kind)))
            position = match.end()

    def at_end(self) -> bool:
        """Return whether nothing is left."""
        return self._next == len(self._tokens)

    def peek(self) -> Token | None:
        """Return the next token without taking it; None at the end."""
        return None if self.at_end() else self._tokens[self._next]

    def take(self, expected: str) -> Token:
        """Take the next token.

        Raises
        ------
        UsageError
            If there is none, saying what was expected.
        """
        if self.at_end():
            raise self.error(len(self._source), f"expected {expected}")
        self._next += 1
        return self._tokens[self._next - 1]

    def take_word(self, *words: str) -> str | None:
        """Take the next token if it is one of these words; return it in lower case, or None."""
        token = self.peek()
        if token is None or not token.is_word(*words):
            return None
        self._next += 1
        return token.text.lower()

    def take_mark(self, mark: str) -> bool:
        """Take the next token if it is this mark; return whether it was."""
        token = self.peek()
        found = token is not None and token.kind == "mark" and token.text == mark
        self._next += found
        return found

    def expect(self, text: str) -> None:
        """Take a word or mark that has to stand here."""
        token = self.take(repr(text))
        if token.kind not in ("word", "mark") or token.text.lower() != text:
            raise self.error(token.position, f"expected {text!r}, found {token.text!r}")

    def key(self) -> str:
        """Take a key."""
        token = self.take("a key")
        if token.kind not in ("word", "quoted"):
            raise self.error(token.position, f"expected a key, found {token.text!r}")
        return self._text(token) if token.kind == "quoted" else token.text

    def value(self) -> Any:
        """Take a value: a Python literal, or a word, which is text."""
        token = self.take("a value")
        if token.kind == "operator" or (token.kind == "mark" and token.text not in _CLOSING):
            raise self.error(token.position, f"expected a value, found {token.text!r}")
        self.count("values", token, MOST_VALUES)
        if token.kind == "mark":
            return self._container(token)
        if token.kind == "quoted":
            return self._text(token)
        try:
            return parse_literal(token.text)
        except ValueError:
            return token.text

    def values(self) -> list[Any]:
        """Take a list of values in parentheses."""
        opening = self.take("'('")
        if opening.text not in ("(", "["):
            raise self.error(opening.position, f"expected '(', found {opening.text!r}")
        closing = _CLOSING[opening.text]
        found: list[Any] = []
        while not self.take_mark(closing):
            if found:
                self._separator(closing)
                if self.take_mark(closing):
                    break
            found.append(self.value())
        return found

    def count(self, what: str, token: Token, most: int) -> None:
        """Count comparisons or values; raise UsageError if there are too many."""
        self._counted[what] += 1
        if self._counted[what] > most:
            raise self.error(token.position, f"more than {most} {what}")

    def error(self, position: int, problem: str) -> UsageError:
        """Return an error that shows the place in the text."""
        start = max(0, position - 200)  # a window, since the page makes long ones
        shown = as_text(self._source[start : start + 300]).replace("\n", " ")
        return UsageError(
            f"{self._subject} is not understood at column {position + 1}: {problem:.300}\n"
            f"  {shown}\n  {' ' * (position - start)}^\n{self._hint}"
        )

    def _text(self, token: Token) -> str:
        """Return what a quoted token says."""
        try:
            text = str(parse_literal(token.text))
        except ValueError:
            raise self.error(token.position, "this is not a Python literal") from None
        if half := _SURROGATE.search(text):
            raise self.error(token.position, _half(half[0]))
        return text

    def _separator(self, closing: str) -> None:
        token = self.take(f"',' or {closing!r}")
        if token.text != ",":
            raise self.error(token.position, f"expected ',' or {closing!r}")

    def _container(self, opening: Token) -> Any:
        """Return the list, tuple or dictionary that begins at a bracket."""
        open_brackets = [_CLOSING[opening.text]]
        end = opening
        while open_brackets:
            end = self.take(repr(open_brackets[-1]))
            if end.kind == "mark" and end.text in _CLOSING:
                open_brackets.append(_CLOSING[end.text])
            elif end.kind == "mark" and end.text == open_brackets[-1]:
                open_brackets.pop()
        literal = self._source[opening.position : end.position + 1]
        try:
            return parse_literal(literal)
        except ValueError:
            raise self.error(opening.position, f"{literal:.60} is not a Python literal") from None


def _half(surrogate: str) -> str:
    return f"{surrogate!r} is half of a surrogate pair, which is not text"
