"""Reading the project's own sources, for the tests that guard the whole."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from .databases import ROOT

#: CJK ideographs. Full-width punctuation is typography, not words: it may join a name and a branch.
CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
}
_SILENT |= {tokenize.ENDMARKER}


def python_files(*folders: str) -> list[Path]:
    """Every Python file below the folders of the project, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """The path as the project says it: relative, with slashes."""
    return path.relative_to(ROOT).as_posix()


def docstring_lines(source: str) -> set[int]:
    """Numbers of the lines that docstrings take."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            said = node.body[0]
            lines.update(range(said.lineno, (said.end_lineno or said.lineno) + 1))
    return lines


def code_lines(source: str) -> int:
    """How many lines carry code: neither blank nor comment nor docstring."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstring_lines(source))


def chinese_strings(source: str) -> list[tuple[int, str]]:
    """(line, text) of string literals with Chinese in them; docstrings and comments are left out.

    Raw strings are patterns: they read what people write, they say nothing.
    """
    silent = docstring_lines(source)
    return [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.STRING
        and token.start[0] not in silent
        and not token.string.lower().startswith(("r", "br", "rb"))
        and CHINESE.search(token.string)
    ]


@dataclass(frozen=True)
class Inline:
    """Something in a template that a strict content security policy would refuse."""

    line: int
    what: str


#: Kinds of script that are data: no browser runs them.
DATA = frozenset({"application/json", "application/ld+json"})


class _InlineFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Inline] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        if tag == "style":
            self.found.append(Inline(line, "<style>"))
        if tag == "script" and "src" not in names and names.get("type") not in DATA:
            self.found.append(Inline(line, "<script> without src"))
        for name, value in names.items():
            if name == "style" or (name.startswith("on") and name[2:].isalpha()):
                self.found.append(Inline(line, f"attribute {name} of <{tag}>"))
            if name in {"href", "action", "src"} and value.strip().lower().startswith("javascript:"):
                self.found.append(Inline(line, f"javascript: in {name} of <{tag}>"))


_JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)


def inline_parts(template: str) -> Iterator[Inline]:
    """Inline styles, scripts and event handlers of a template; Jinja's own tags are blanked, lines kept."""
    blanked = _JINJA.sub(lambda match: "\n" * match.group().count("\n"), template)
    finder = _InlineFinder()
    finder.feed(blanked)
    finder.close()
    return iter(finder.found)
