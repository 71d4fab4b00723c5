"""Every Chinese sentence of a consumer's template is offered in English without being marked by hand.

While a template is compiled, its Chinese text (also in attributes) and its Chinese strings become look-ups in the
catalogues: ``<p>共 {{ count }} 件</p>`` is looked up as ``共 {count} 件``. So no page can forget a sentence, and a test
can name every one that has no English (:func:`offered`). What a page prints of data that is Chinese (names, addresses,
reasons typed by officers) is marked ``lang="zh"`` on an English page, so that it is read aloud as Chinese (WCAG 3.1.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from . import token_runs

HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
#: Chinese stops and brackets alone (， 。 ； （）) are looked up, too: an English page has its own.
WRITTEN: Final = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
#: Nothing but text may stand in these; programs and styles are no text at all.
_PLAIN: Final = frozenset({"title", "option", "textarea"})
#: Blocks that a layout puts where no markup may stand.
_BARE: Final = frozenset({"title", "description", "back"})
_PROGRAMS: Final = frozenset({"script", "style"})
#: Calls whose first string is a sentence already looked up, a key of a catalogue, or data.
_LOOKED_UP: Final = frozenset({"_", "_string", "_joined", "_later", "framed", "say", "label"})
_KNOWN: Final = frozenset({"_", "framed"})
#: A word of English makes a text English with Chinese names in it; else the whole text is Chinese.
_ENGLISH: Final = re.compile(r"\b(?:[a-z]{3,}|of|to|in|at|on|by)\b")
_CHINESE_PART: Final = re.compile(r"((?:[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef])+)")
_MARK: Final = Markup('<span lang="zh">{}</span>')
#: Attributes whose values are words for people.
_READ: Final = re.compile(r"\b(?:aria-label|alt|title|placeholder|label|data-label)=$")
_PIECE: Final = re.compile(r"<!--.*?-->|</?([a-zA-Z][\w-]*)|[<>\"]|[^<>\"]+", re.DOTALL)


def is_offered(template: str | None) -> bool:
    """Is a template (by its name) for readers of English? Officers' pages and printed forms are Chinese."""
    name = (template or "").rpartition("/")[2]
    return (
        bool(template) and not name.startswith(("office_", "_office")) and template != "layouts/office.html"
    )


class Sentences(Extension):
    """The compile step; Jinja calls :meth:`filter_stream` with the tokens of each template."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The template's tokens, with its Chinese replaced by look-ups."""
        return _Rewriter(stream.name or "").tokens(stream) if is_offered(stream.name) else stream


class _Rewriter:
    """Walks the tokens of one template, following where in the HTML it is."""

    def __init__(self, name: str) -> None:
        #: What a file of macros sets is made once for all requests: it is looked up when it is shown.
        self.lasting = name.startswith("components/") or name.rpartition("/")[2].startswith("_")
        self.depth = 0  # of macros and blocks
        self.out: list[Token] = []
        #: The text that is being gathered: strings, and expressions as lists of tokens.
        self.run: list[str | list[Token]] = []
        self.tag = ""  # the tag that we are inside of
        self.quoted = False  # in an attribute's value
        self.read = False  # … of an attribute that people read or hear
        self.within = ""  # a plain or program element that is open
        self.captured: list[str] = []  # {% set %} and {% block title %} may end up in an attribute
        self.found: list[str] = []  # the sentences, for the test of the catalogues
        self.joined: list[tuple[str, list[str]]] = []  # and those made by ``~``, with their pieces

    def tokens(self, stream: Iterable[Token]) -> Iterator[Token]:
        inside: list[Token] = []
        kind = ""
        for token in stream:
            if not kind and token.type == "data":
                self._data(token)
            elif not kind:
                kind, inside = token.type, [token]
            elif token.type in ("variable_end", "block_end") and kind == token.type.replace("end", "begin"):
                self._expression(kind, [*inside, token])
                kind = ""
            else:
                inside.append(token)
        self._flush(0)
        yield from self.out

    # -- what is met

    def _data(self, token: Token) -> None:
        for piece in _PIECE.finditer(token.value):
            text = piece[0]
            if self.within in _PROGRAMS and not text.startswith("</"):
                self._mark(token.lineno, text)
            elif self.tag and text == '"':
                self._flush(token.lineno)
                self.quoted = not self.quoted
                self.read = self.quoted and _READ.search(self.out[-1].value if self.out else "") is not None
                self._mark(token.lineno, text)
            elif self.tag and self.quoted:
                self.run.append(text)
            elif self.tag:
                self._mark(token.lineno, text)
                if text == ">":
                    self.within = self.tag if self.tag in _PLAIN | _PROGRAMS else self.within
                    self.tag = ""
            elif text.startswith("<!--"):
                self._mark(token.lineno, text)
            elif piece[1]:
                self._flush(token.lineno)
                self.tag = piece[1].lower() if not text.startswith("</") else "/"
                if text.startswith("</") and piece[1].lower() == self.within:
                    self.within = ""
                self._mark(token.lineno, text)
            else:
                self.run.append(text)

    def _expression(self, kind: str, tokens: list[Token]) -> None:
        first = tokens[1].value if kind == "block_begin" else ""
        call = "_later" if self.lasting and not self.depth and first == "set" else "_string"
        tokens = [tokens[0], *self._strings(tokens[1:-1], call), tokens[-1]]
        if kind == "variable_begin":
            if self.within in _PROGRAMS or (self.tag and not self.quoted):
                self._flush(tokens[0].lineno)
                self.out += tokens
            else:
                self.run.append(tokens[1:-1])
            return
        self._flush(tokens[0].lineno)
        if first in ("macro", "endmacro"):
            self.depth += 1 if first == "macro" else -1
        self._capture(tokens)
        self.out += tokens

    def _capture(self, tokens: list[Token]) -> None:
        words = [token.value for token in tokens[1:-1]]
        if words[:1] == ["set"] and not any(token.type == "assign" for token in tokens):
            self.captured.append("set")
        elif words[:1] == ["block"] and (self.captured or words[1] in _BARE):
            self.captured.append("block")
        elif (
            words[:1] in (["endset"], ["endblock"])
            and self.captured
            and words[0] == f"end{self.captured[-1]}"
        ):
            self.captured.pop()

    # -- what is written

    def _mark(self, line: int, text: str) -> None:
        self.out.append(Token(line, "data", text))

    def _strings(self, tokens: list[Token], call: str, *, known: bool = False) -> list[Token]:
        """The tokens of an expression, its Chinese strings looked up; what is joined by ``~`` as one sentence.

        `known`: the first string is one that is looked up already.
        """
        made: list[Token] = []
        for segment in token_runs.segments(tokens):
            operands = token_runs.split(segment, "tilde")
            words = [
                part[0].value
                for part in operands
                if len(part) == 1 and part[0].type == "string" and WRITTEN.search(part[0].value)
            ]
            if len(operands) > 1 and words and call == "_string":
                made += self._joined(segment[0].lineno, operands, call)
            else:
                made += self._apart(segment, call, known=known and not made)
        return made

    def _apart(self, tokens: list[Token], call: str, *, known: bool) -> list[Token]:
        made: list[Token] = []
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.type in token_runs.CLOSING:
                end = token_runs.end_of(tokens, place)
                named = place > 0 and tokens[place - 1].value in _KNOWN
                made += [
                    token,
                    *self._strings(tokens[place + 1 : end], call, known=named),
                    *tokens[end : end + 1],
                ]
                place = end + 1
                continue
            if token.type == "string" and WRITTEN.search(token.value):
                self.found.append(token.value)
                if not (known and place == 0):
                    made += _call(token.lineno, call, token.value, [])
                    place += 1
                    continue
            made.append(token)
            place += 1
        return made

    def _joined(self, line: int, operands: list[list[Token]], call: str) -> list[Token]:
        run: list[str | list[Token]] = [
            part[0].value if len(part) == 1 and part[0].type == "string" else part for part in operands
        ]
        message, places = _message(run)
        self.joined.append(
            (message, [piece for piece in run if isinstance(piece, str) and WRITTEN.search(piece)])
        )
        filled = [(name, self._strings(tokens, call)) for name, tokens in places]
        return _call(line, "_joined", message, filled)

    def _flush(self, line: int) -> None:
        """Write the gathered run: as one sentence where it is Chinese, else piece by piece."""
        run, self.run = self.run, []
        if not run:
            return
        text = "".join(piece for piece in run if isinstance(piece, str))
        wraps = not self.tag and not self.within and not self.captured
        if not WRITTEN.search(text):
            for piece in run:
                self._piece(line, piece, wraps=wraps)
            return
        message, places = _message(run)
        bare = message.strip()
        self.found.append(bare)
        lead, tail = message[: len(message) - len(message.lstrip())], message[len(message.rstrip()) :]
        if lead:
            self._mark(line, lead)
        self.out.append(Token(line, "variable_begin", "{{"))
        self.out += _call(line, "_data_sentence" if wraps else "_sentence", bare, places)
        self.out.append(Token(line, "variable_end", "}}"))
        if tail:
            self._mark(line, tail)

    def _piece(self, line: int, piece: str | list[Token], *, wraps: bool) -> None:
        if isinstance(piece, str):
            self._mark(line, piece)
            return
        self.out.append(Token(line, "variable_begin", "{{"))
        if wraps or not self.tag or self.read:
            piece = [
                Token(line, "name", "_data" if wraps else "_word"),
                Token(line, "lparen", "("),
                *piece,
                Token(line, "rparen", ")"),
            ]
        self.out += piece
        self.out.append(Token(line, "variable_end", "}}"))


def _call(line: int, name: str, text: str, places: list[tuple[str, list[Token]]]) -> list[Token]:
    made = [Token(line, "name", name), Token(line, "lparen", "("), Token(line, "string", text)]
    for place, tokens in places:
        made += [Token(line, "comma", ","), Token(line, "name", place), Token(line, "assign", "=")]
        made += [Token(line, "lparen", "("), *tokens, Token(line, "rparen", ")")]
    return [*made, Token(line, "rparen", ")")]


def _message(run: list[str | list[Token]]) -> tuple[str, list[tuple[str, list[Token]]]]:
    """A run as a sentence with named places, and what stands in them."""
    text = ""
    places: list[tuple[str, list[Token]]] = []
    filled_in = any(
        not isinstance(piece, str) for piece in run
    )  # else braces are a script's own places: as they are
    for piece in run:
        if isinstance(piece, str):
            bare = re.sub(r"\s+", " ", piece)
            text += bare.replace("{", "{{").replace("}", "}}") if filled_in else bare
            continue
        name = base = _name(token_runs.bare(piece))
        count = 1
        while name in dict(places):
            count += 1
            name = f"{base}{count}"
        places.append((name, piece))
        text += "{" + name + "}"
    return text, places


def _name(tokens: list[Token]) -> str:
    """The name that a reader of the catalogue sees: the last of a dotted path, before filters and calls."""
    name, expects = "value", True
    for token in tokens:
        if token.type == "name" and expects:
            name, expects = str(token.value), False
        elif token.type == "dot":
            expects = True
        else:
            break
    return "word" if name in _LOOKED_UP else name


def offered(environment: Environment, source: str, name: str) -> list[str]:
    """The sentences of one template that want English, as the catalogues' msgids."""
    return _rewritten(environment, source, name).found


def joined(environment: Environment, source: str, name: str) -> list[tuple[str, list[str]]]:
    """The sentences that are made by ``~``, each with its pieces: either it or all of these want English."""
    return _rewritten(environment, source, name).joined


def _rewritten(environment: Environment, source: str, name: str) -> _Rewriter:
    rewriter = _Rewriter(name)
    list(rewriter.tokens(environment.lexer.tokenize(source, name)))
    return rewriter


def in_chinese(value: Any) -> Any:
    """A text of data for an English page: its Chinese is marked as such; markup of our own is left alone."""
    if not isinstance(value, str) or hasattr(value, "__html__") or not HAN.search(value):
        return value
    if not _ENGLISH.search(value):
        return _MARK.format(value)
    parts = (_MARK.format(part) if HAN.search(part) else part for part in _CHINESE_PART.split(value) if part)
    return Markup("<span>{}</span>").format(Markup("").join(parts))


def filled(text: str, places: dict[str, Any]) -> Markup:
    """A sentence of a template (trusted, it may hold entities) with its places filled and escaped."""
    if not places:
        return Markup(text)  # noqa: S704 - text of our own templates and catalogues
    return Markup(text).format(**{name: escape(value) for name, value in places.items()})  # noqa: S704
