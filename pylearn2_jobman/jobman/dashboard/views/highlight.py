"""YAML text with its parts marked for the style sheet."""

__all__ = ["highlighted"]

import re

from dash import html
from pygments.lexers.data import YamlLexer
from pygments.token import Comment, Keyword, Literal, Name, String, _TokenType

_CLASSES = (
    (Comment, "y-comment"),
    (Name.Label, "y-anchor"),
    (Keyword.Type, "y-tag"),
    (Name.Tag, "y-key"),
    (String, "y-string"),
)
_PLAIN = (Literal.Scalar.Plain, Name.Variable)
_NUMBER = re.compile(r"[-+]?(\.?\d[\d_.]*(e[-+]?\d+)?|\.inf)|\.nan", re.IGNORECASE)


def highlighted(text: str) -> list[html.Span | str]:
    """Return text as the children of a ``pre``; what is in it stays text, whatever it holds."""
    lexer = YamlLexer(stripnl=False, ensurenl=False)
    return [
        html.Span(piece, className=name) if (name := _class(kind, piece)) else piece
        for kind, piece in lexer.get_tokens(text)
    ]


def _class(kind: _TokenType, piece: str) -> str | None:
    if kind in _PLAIN:
        if piece.startswith("*"):
            return "y-anchor"
        return "y-number" if _NUMBER.fullmatch(piece) else "y-string"
    return next((name for token, name in _CLASSES if kind in token), None)
