"""Tokens of a template's expression in runs: what brackets hold, what ``~`` joins, and what it cannot reach beyond."""

from __future__ import annotations

from typing import Final

from jinja2.lexer import Token

CLOSING: Final = {"lparen": "rparen", "lbracket": "rbracket", "lbrace": "rbrace"}
CLOSED: Final = frozenset(CLOSING.values())
#: What binds weaker than ``~``.
_DIVIDES: Final = frozenset(
    {"comma", "colon", "assign", "add", "sub", "eq", "ne", "lt", "lteq", "gt", "gteq"}
)
_DIVIDING: Final = frozenset({"if", "elif", "else", "and", "or", "not", "in", "is", "set"})


def end_of(tokens: list[Token], place: int) -> int:
    """Where the bracket at `place` is closed."""
    depth = 0
    for end in range(place, len(tokens)):
        depth += (tokens[end].type in CLOSING) - (tokens[end].type in CLOSED)
        if not depth:
            return end
    return len(tokens)


def split(tokens: list[Token], kind: str) -> list[list[Token]]:
    """The tokens between those of `kind`, outside of brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.type in CLOSING) - (token.type in CLOSED)
        if token.type == kind and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def segments(tokens: list[Token]) -> list[list[Token]]:
    """The tokens in runs that ``~`` cannot reach beyond: brackets stay whole, what divides stands alone."""
    runs: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.type in CLOSING) - (token.type in CLOSED)
        divides = not depth and (
            token.type in _DIVIDES or (token.type == "name" and token.value in _DIVIDING)
        )
        if divides:
            runs += [[token], []]
        else:
            runs[-1].append(token)
    return [run for run in runs if run]


def bare(tokens: list[Token]) -> list[Token]:
    """What is in brackets for the sake of ``~``, without these."""
    whole = bool(tokens) and tokens[0].type == "lparen" and end_of(tokens, 0) == len(tokens) - 1
    return tokens[1:-1] if whole else tokens
