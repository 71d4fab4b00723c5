"""Forms of documents (``texts/*.txt``) and filling them in.

A form is plain text that a bureau can correct. Above ``---`` stand ``name: value`` lines; a name followed by a law's
code (``title order20``) holds for that law alone. Below, each line is one block, told apart by its first character::

    @ whom it is for            | word | value | word | value      a row of a table
    * {a_list}   one numbered paragraph each                        _ who signs | who signs
    > a line of the signature   . a remark   = a line of the imprint   # a comment

Any other line is a paragraph. ``{name}`` stands for a fact. A line with an optional fact that is missing is left out
whole, but for ``{name?}``, which may be missing within its line; a table row only when all its facts are missing. What
people wrote is put in after the form was read: it cannot become a form itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from webapp.core import clock
from webapp.core.errors import DomainError, Invalid

from . import numerals
from .content import Addressee, Block, Imprint, Note, Paragraph, Row, Signature, Signing
from .rules import Fact, Form, Kind, Law

HERE: Final = Path(__file__).with_name("texts")
_PLACE: Final = re.compile(r"\{([a-z0-9_]+)(\?)?\}")
_HEAD: Final = re.compile(r"([a-z_]+)(?: (order[0-9]+|listing))?: *(.*)")
_MARKS: Final = frozenset("@|*_>.=")
#: Facts that every document has by itself.
GIVEN: Final = frozenset(
    {"organisation", "number", "title", "law", "article", "issued_on", "issued_on_in_characters"}
)
#: Header names; `source` says where the wording was read.
_HEADS: Final = frozenset({"title", "mark", "article", "law", "source", "seal"})


class FormFault(DomainError):
    """A form file cannot be used; the message names the file and what is wrong with it."""

    status = 500

    def __init__(self, why: str) -> None:
        super().__init__("letter_form_broken", why=why)

    def __str__(self) -> str:
        return str(self.details["why"])


@dataclass(frozen=True)
class Line:
    """One line of a form: its mark ("" for a paragraph) and its text."""

    mark: str
    text: str

    def places(self) -> list[str]:
        """The names of the facts in it, in order."""
        return [name for name, _ in _PLACE.findall(self.text)]

    def needed(self) -> list[str]:
        """Those without which the line is left out."""
        return [name for name, spare in _PLACE.findall(self.text) if not spare]


@dataclass(frozen=True)
class Sheet:
    """A form as read for one law: title, number mark, the law and its article ("" when not sure), seal, lines.

    `seal` is what stands in the place of the seal, `source` where the wording was read.
    """

    title: str
    mark: str
    law: str
    article: str
    seal: str
    source: str
    lines: tuple[Line, ...]


def load(kind: Kind, law: Law, folder: Path | None = None) -> Sheet:
    """The form of `kind` under `law`: the bureau's own in `folder` if there is one, else the one shipped.

    Raises FormFault.
    """
    names = (f"{kind.code}.{law.value}.txt", f"{kind.code}.txt")
    for where in (folder, HERE):
        for name in names:
            if where is not None and (where / name).is_file():
                path = where / name
                return _read(path, path.stat().st_mtime_ns, kind, law)
    raise FormFault(f"{names[1]}: there is no such form")


@lru_cache(maxsize=128)
def _read(path: Path, _changed: int, kind: Kind, law: Law) -> Sheet:
    common = _heads((HERE / "laws.txt").read_text(encoding="utf-8-sig").splitlines(), "laws.txt", law)
    head, rule, body = path.read_text(encoding="utf-8-sig").partition("\n---\n")
    if not rule:
        raise FormFault(f"{path.name}: a line --- must stand between head and text")
    heads = common | _heads(head.splitlines(), path.name, law)
    for name in ("title", "mark", "law", "seal"):
        if not heads.get(name):
            raise FormFault(f"{path.name}: {name} is missing")
    lines = tuple(_line(text) for text in body.splitlines() if text.strip() and not text.startswith("#"))
    _check(lines, kind, path.name)
    article = heads.get("article", "")
    return Sheet(
        title=heads["title"],
        mark=heads["mark"],
        law=heads["law"],
        article=""
        if "?" in article
        else article,  # what nobody has read in the law's own text is not printed
        seal=heads["seal"],
        source=heads.get("source", ""),
        lines=lines,
    )


def _heads(lines: list[str], name: str, law: Law) -> dict[str, str]:
    general: dict[str, str] = {}
    special: dict[str, str] = {}
    for number, text in enumerate(lines, 1):
        if not text.strip() or text.startswith("#"):
            continue
        match = _HEAD.fullmatch(text)
        if match is None or match[1] not in _HEADS:
            raise FormFault(f"{name}, line {number}: not a head line: {text[:40]}")
        if match[2] is None:
            general[match[1]] = match[3]
        elif match[2] == law.value:
            special[match[1]] = match[3]
        elif match[2] not in set(Law):
            raise FormFault(f"{name}, line {number}: no such law: {match[2]}")
    return general | special


def _line(text: str) -> Line:
    mark = text[0] if text[0] in _MARKS and text[1:2] == " " else ""
    return Line(mark, text[2:].strip() if mark else text.strip())


def _check(lines: tuple[Line, ...], kind: Kind, name: str) -> None:
    """Every place is a fact of the kind, every needed fact has a place, every line is well formed."""
    used: set[str] = set()
    for line in lines:
        for place in line.places():
            fact = _fact_of(place, kind)
            if place not in GIVEN and fact is None:
                raise FormFault(f"{name}: there is no fact {{{place}}} in {kind.code}")
            used.add(fact.name if fact else place)
            if (fact is not None and fact.form is Form.LIST) != (line.mark == "*") and line.mark != "|":
                raise FormFault(f"{name}: a list stands alone in a line that begins with *: {{{place}}}")
        if "{" in _PLACE.sub("", line.text) or "}" in _PLACE.sub("", line.text):
            raise FormFault(f"{name}: a brace that is no place for a fact: {line.text[:40]}")
        if line.mark == "|" and len(_cells(line.text)) % 2:
            raise FormFault(f"{name}: a row needs pairs of word and value: {line.text[:40]}")
    missing = {fact.name for fact in kind.facts if not fact.optional} - used
    if missing:
        raise FormFault(f"{name}: these facts of {kind.code} are not said: {', '.join(sorted(missing))}")


def _fact_of(place: str, kind: Kind) -> Fact | None:
    return kind.fact(place) or (
        kind.fact(place.removesuffix("_in_characters")) if place not in GIVEN else None
    )


# --- filling in -----------------------------------------------------------------------------------------------------


def words_of(kind: Kind, given: Mapping[str, Any], yes_no: tuple[str, str]) -> dict[str, Any]:
    """`given` facts as they are printed: texts, and lists of texts. A missing optional one is "".

    `yes_no` are the words for yes and no. Raises Invalid (``letter_fact_missing``, ``letter_fact_unknown``,
    ``letter_fact_form``) with the fact as `field`.
    """
    for name in given:
        if kind.fact(name) is None:
            raise Invalid("letter_fact_unknown", field=name)
    words: dict[str, Any] = {}
    for fact in kind.facts:
        value = given.get(fact.name)
        if value is None or value in ("", [], ()):
            if not fact.optional:
                raise Invalid("letter_fact_missing", field=fact.name)
            words[fact.name] = ""
            continue
        if not _fits(fact.form, value):
            raise Invalid("letter_fact_form", field=fact.name)
        words[fact.name] = _printed(fact.form, value, yes_no)
        if fact.form in _CHARACTERS:
            words[f"{fact.name}_in_characters"] = _CHARACTERS[fact.form](value)
    return words


def _fits(form: Form, value: Any) -> bool:
    if form is Form.DATE:
        return isinstance(value, date) and not isinstance(value, datetime)
    if form is Form.INSTANT:
        return isinstance(value, datetime) and value.tzinfo is not None
    if form is Form.MONEY:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= numerals.MOST_FEN
    if form is Form.YES_NO:
        return isinstance(value, bool)
    if form is Form.LIST:
        return not isinstance(value, str) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _printed(form: Form, value: Any, yes_no: tuple[str, str]) -> Any:
    if form is Form.DATE:
        return numerals.day(value)
    if form is Form.INSTANT:
        local = value.astimezone(clock.SHANGHAI)
        minutes = f"{local.minute}分" if local.minute else ""
        return f"{numerals.day(local.date())}{local.hour}时{minutes}"
    if form is Form.MONEY:
        return numerals.yuan(value)
    if form is Form.YES_NO:
        return yes_no[0] if value else yes_no[1]
    if form is Form.LIST:
        return [clean(one) for one in value]
    return clean(value)


_CHARACTERS: Final[dict[Form, Callable[[Any], str]]] = {
    Form.DATE: numerals.day_in_characters,
    Form.MONEY: numerals.yuan_in_characters,
}
_BREAKS: Final = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r"[\t\xa0]")
#: Signs that are no characters to a reader: controls, marks that turn the direction of writing, halves of surrogates.
_NOT_WRITTEN: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def clean(text: str) -> str:
    """A text as it can be printed: line ends as ``\\n``, tabs as blanks, without signs that nobody can see."""
    return _NOT_WRITTEN.sub("", _BLANKS.sub(" ", _BREAKS.sub("\n", text))).strip()


def fill(sheet: Sheet, words: Mapping[str, Any]) -> tuple[Block, ...]:
    """The blocks of `sheet` with `words` (see :func:`words_of` and GIVEN) put in."""
    blocks: list[Block] = []
    signature: list[str] = []
    imprint: list[str] = []
    for line in sheet.lines:
        if line.mark == "|":
            blocks += _row(line, words)
        elif not all(words.get(place) for place in line.needed()):
            continue
        elif line.mark == "*":
            blocks += _items(line, words)
        elif line.mark == ">":
            signature.append(_put(line.text, words))
        elif line.mark == "=":
            imprint.append(_put(line.text, words))
        elif line.mark == "_":
            blocks.append(Signing(tuple(_cells(line.text))))
        else:
            blocks += _lines(line, words)
    if signature:
        at = next((at for at, block in enumerate(blocks) if isinstance(block, Note)), len(blocks))
        blocks.insert(at, Signature(tuple(signature), sheet.seal))
    if imprint:
        blocks.append(Imprint(tuple(imprint)))
    return tuple(blocks)


def _put(text: str, words: Mapping[str, Any]) -> str:
    return _PLACE.sub(lambda match: _joined(words.get(match[1], "")), text)


def _joined(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else value


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip().strip("|").split("|")]


def _row(line: Line, words: Mapping[str, Any]) -> list[Block]:
    places = line.places()
    if places and not any(words.get(place) for place in places):
        return []
    cells = _cells(line.text)
    pairs = zip(cells[::2], cells[1::2], strict=True)
    return [Row(tuple((word, _put(value, words)) for word, value in pairs))]


def _items(line: Line, words: Mapping[str, Any]) -> list[Block]:
    (place,) = line.places()
    head, _, tail = line.text.partition("{" + place + "}")
    return [Paragraph(f"{number}.{head}{item}{tail}") for number, item in enumerate(words[place], 1) if item]


def _lines(line: Line, words: Mapping[str, Any]) -> list[Block]:
    made: dict[str, Callable[[str], Block]] = {"@": Addressee, ".": Note}
    parts = [part.strip() for part in _put(line.text, words).split("\n")]
    return [made.get(line.mark, Paragraph)(part) for part in parts if part]
