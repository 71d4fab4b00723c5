"""Each block of a document as strips: the head, the text, forms, signatures, notes, the imprint, the foot of pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import layout
from .content import Addressee, Block, Content, Imprint, Note, Paragraph, Row, Signature, Signing
from .layout import (
    INK,
    LEFT,
    MM,
    PITCH,
    QUIET,
    RED,
    SIZE,
    WIDTH,
    Face,
    Item,
    Measure,
    Page,
    Rule,
    SealPlace,
    Strip,
    Text,
)
from .lines import Line, set_lines
from .rules import grouped
from .tables import TableSetter
from .typography import (
    CELL_PITCH,
    CELL_SIZE,
    CLOSER,
    FOOT_SIZE,
    FORM_HEAD_SIZE,
    HEAD_SIZE,
    IMPRINT_PITCH,
    IMPRINT_SIZE,
    NEXT_TO_NOTHING,
    NOTE_PITCH,
    NOTE_SIZE,
    SEAL_SIDE,
    SYMBOL_SIDE,
    TITLE_SIZE,
    balanced,
    baseline,
    condensed,
    fitted,
)

#: Beyond so many pages one more does not matter.
_SHORT = 4


@dataclass(frozen=True)
class Words:
    """What the pages say besides the content. Placeholders: `page` {page} {pages}; `missing` {count} {list}."""

    check: str
    enter: str
    page: str
    missing: str
    day: str
    proof: str
    proof_foot: str


class Setter:
    """Sets one document. `measure` gives a character's width in em of a face, `has` says whether it has a glyph."""

    def __init__(self, measure: Measure, has: Callable[[str], bool], words: Words) -> None:
        self._measure, self._has, self._words = measure, has, words
        self._pitch, self._tables = PITCH, TableSetter(self._body, CELL_PITCH)

    def pages(self, content: Content) -> list[Page]:
        """The document's pages with everything on them.

        Lines are set a little closer when that spares a last page that would hold next to nothing.
        """
        pages, filled = self._tried(content, 1.0)
        if 1 < len(pages) <= _SHORT and filled < NEXT_TO_NOTHING:
            for closer in CLOSER:
                tighter, _ = self._tried(content, closer)
                if len(tighter) < len(pages):
                    pages = tighter
                    break
        for number, page in enumerate(pages, 1):
            page.items += self._foot(content, number, len(pages))
        return pages

    def _tried(self, content: Content, closer: float) -> tuple[list[Page], float]:
        """(the pages with lines so much closer, how much of the last one is used)."""
        self._pitch, self._tables = PITCH * closer, TableSetter(self._body, CELL_PITCH * closer)
        strips = self._head(content)
        blocks = list(content.blocks)
        missing = self.missing(content)
        if missing:
            shown = "、".join(f"U+{ord(one):04X}" for one in missing[:20]) + (
                "……" if len(missing) > 20 else ""
            )
            blocks.append(Note(self._words.missing.format(count=len(missing), list=shown)))
        foot: Strip | None = None
        for at, block in enumerate(blocks):
            if isinstance(block, Imprint):
                foot = self._imprint(block)
            else:
                strips += self._block(block, blocks[at - 1] if at else None, strips)
        return layout.deal(strips, foot)

    def missing(self, content: Content) -> list[str]:
        """The characters of the content without a glyph, each once, in order."""
        found: dict[str, None] = {}
        for text in _texts(content):
            found |= dict.fromkeys(one for one in text if one != "\n" and not self._has(one))
        return list(found)

    def _body(self, one: str) -> float:
        return self._measure(one, "body")

    # --- text ---------------------------------------------------------------------------------------------------------

    def _set(
        self,
        text: str,
        width: float,
        size: float,
        face: Face = "body",
        *,
        indent: float = 0.0,
        justify: bool = True,
    ) -> list[Line]:
        return set_lines(
            text, width / size, lambda one: self._measure(one, face), indent=indent, justify=justify
        )

    def _centred(self, text: str, size: float, face: Face, pitch: float, colour: str = INK) -> list[Strip]:
        strips = []
        for line in balanced(text, WIDTH / size, lambda one: self._measure(one, face)):
            x = LEFT + (WIDTH - line.width * size) / 2
            strips.append(
                Strip(pitch, [Text(x, baseline(pitch, size), line, size, face, colour)], with_next=True)
            )
        return strips

    def _head(self, content: Content) -> list[Strip]:
        """The organisation in red over a red rule, the title, the number. Lower above a form, which needs the room."""
        form = isinstance(next(iter(content.blocks), None), Row)
        wanted, pitch = (FORM_HEAD_SIZE, self._pitch) if form else (HEAD_SIZE, self._pitch * 1.4)
        size = min(wanted, WIDTH / max(1.0, sum(self._measure(one, "title") for one in content.organisation)))
        strips = self._centred(content.organisation, max(size, NOTE_SIZE), "title", pitch, RED)
        strips.append(Strip(self._pitch * 0.5, [Rule(LEFT, 6, LEFT + WIDTH, 6, 1.4, RED)], with_next=True))
        strips.append(Strip(self._pitch * (0.1 if form else 0.6), with_next=True))
        strips += self._centred(content.title, TITLE_SIZE, "title", self._pitch * 1.15)
        if form:
            number, size = fitted(content.number, self._body, CELL_SIZE, WIDTH)
            item = Text(LEFT + WIDTH - number.width * size, baseline(CELL_PITCH, CELL_SIZE), number, size)
            strips.append(Strip(CELL_PITCH + 2, [item], with_next=True))
        else:
            strips += self._centred(content.number, SIZE, "body", self._pitch)
            strips.append(Strip(self._pitch * 0.8, with_next=True))
        return strips

    def _block(self, block: Block, before: Block | None, strips: list[Strip]) -> list[Strip]:
        if isinstance(block, Row):
            return self._tables.row(block, first=not isinstance(before, Row))
        if isinstance(block, Signing):
            return (
                self._tables.signing(block, self._words.day)
                if isinstance(before, Row)
                else self._signing(block)
            )
        if isinstance(block, Signature):
            return self._signature(block, strips)
        if isinstance(block, Note):
            return self._note(block, first=not isinstance(before, Note))
        gap = [Strip(self._pitch * 0.5, loose=True)] if isinstance(before, Row) else []
        assert isinstance(block, (Addressee, Paragraph))
        return gap + self._paragraph(block.text, 0.0 if isinstance(block, Addressee) else 2.0)

    def _paragraph(self, text: str, indent: float) -> list[Strip]:
        strips = []
        for number, line in enumerate(self._set(text, WIDTH, SIZE, indent=indent)):
            x = LEFT + (indent * SIZE if number == 0 else 0.0)
            strips.append(Strip(self._pitch, [Text(x, baseline(self._pitch, SIZE), line, SIZE)]))
        return strips

    def _note(self, block: Note, *, first: bool) -> list[Strip]:
        """Remarks hang by two characters, the room of the word that begins the first."""
        strips = []
        if first:
            strips.append(Strip(14.0, [Rule(LEFT, 8, LEFT + 60 * MM, 8, 0.5, QUIET)], with_next=True))
        hanging = 2.0 if first else 0.0
        for number, line in enumerate(
            self._set(block.text, WIDTH - 2 * NOTE_SIZE, NOTE_SIZE, indent=-hanging)
        ):
            x = LEFT + (2.0 - (hanging if number == 0 else 0.0)) * NOTE_SIZE
            item = Text(x, baseline(NOTE_PITCH, NOTE_SIZE), line, NOTE_SIZE, colour=QUIET)
            strips.append(Strip(NOTE_PITCH, [item]))
        return strips

    def _signature(self, block: Signature, strips: list[Strip]) -> list[Strip]:
        """Set four characters from the right edge and centred on the last line (GB/T 9704-2012, 7.3.5.1).

        The last two lines of the text go along: a page never holds a signature alone.
        """
        sets = [fitted(line, self._body, SIZE, WIDTH - 4 * SIZE) for line in block.lines]
        widths = [line.width * size for line, size in sets]
        widest, last = max(widths), widths[-1]
        centre = LEFT + WIDTH - max(4 * SIZE + last / 2, 2 * SIZE + widest / 2)
        above = max(self._pitch, SEAL_SIDE / 2 + 3 - len(sets) * self._pitch / 2)
        middle = above + self._pitch * len(sets) / 2
        body: list[Item] = []
        for number, (line, size) in enumerate(sets):
            y = above + number * self._pitch + baseline(self._pitch, SIZE)
            body.append(Text(centre - line.width * size / 2, y, line, size))
        words, size = fitted(block.seal, self._body, NOTE_SIZE, SEAL_SIDE - 8)
        place = Text(centre - words.width * size / 2, middle - SEAL_SIDE / 2 + 18, words, size, colour=QUIET)
        seal = SealPlace(centre, middle, SEAL_SIDE, place)
        for strip in strips[-2:]:
            strip.with_next = not strip.table
        return [Strip(middle + SEAL_SIDE / 2 + 4, [seal, *body])]

    def _signing(self, block: Signing) -> list[Strip]:
        """Below the text: who signs, and a line to sign on."""
        width = WIDTH / max(2, len(block.places))
        pitch = self._pitch * 1.5
        items: list[Item] = []
        for number, place in enumerate(block.places):
            x = LEFT + number * width
            line, size = fitted(place, self._body, IMPRINT_SIZE, width - 12)
            begin = x + line.width * size
            items.append(Text(x, baseline(pitch, IMPRINT_SIZE), line, size))
            if begin < x + width - 30:
                y = baseline(pitch, IMPRINT_SIZE) + 3
                items.append(Rule(begin, y, x + width - 12, y, 0.5))
        return [Strip(pitch, items, with_next=True)]

    # --- feet ---------------------------------------------------------------------------------------------------------

    def _imprint(self, block: Imprint) -> Strip:
        items: list[Item] = [Rule(LEFT, 6, LEFT + WIDTH, 6, 1.0)]
        y = 6.0
        for text in block.lines:
            for line in self._set(text, WIDTH - 2 * IMPRINT_SIZE, IMPRINT_SIZE):
                items.append(
                    Text(LEFT + IMPRINT_SIZE, y + baseline(IMPRINT_PITCH, IMPRINT_SIZE), line, IMPRINT_SIZE)
                )
                y += IMPRINT_PITCH
            items.append(Rule(LEFT, y + 3, LEFT + WIDTH, y + 3, 0.7))
            y += 3
        items[-1] = Rule(LEFT, y, LEFT + WIDTH, y, 1.0)
        return Strip(y + 1, items)

    def _foot(self, content: Content, number: int, of: int) -> list[Item]:
        top = layout.PAGE_HEIGHT - layout.BOTTOM + 7 * MM
        words = self._words
        page = condensed(words.page.format(page=number, pages=of), self._body, 0.0)
        items: list[Item] = [
            Text(LEFT + WIDTH - page.width * IMPRINT_SIZE, top + IMPRINT_SIZE, page, IMPRINT_SIZE)
        ]
        if not content.code:
            return [*items, *self._proof(top)] if self._words.proof else items
        items.append(layout.Symbol(LEFT, top, SYMBOL_SIDE, f"{content.check_url}/{content.code}"))
        shown = content.check_url.partition("://")[2]
        told = [content.number, words.check, words.enter.format(address=shown), grouped(content.code)]
        for at, text in enumerate(told):
            room = WIDTH - SYMBOL_SIDE - 3 * MM - (page.width + 2) * IMPRINT_SIZE * (at == 0)
            line, size = fitted(text, self._body, FOOT_SIZE, room)
            y = top + 9 + at * 13.2
            items.append(Text(LEFT + SYMBOL_SIDE + 3 * MM, y, line, size, colour=INK if at == 3 else QUIET))
        return items

    def _proof(self, top: float) -> list[Item]:
        foot = condensed(self._words.proof_foot, self._body, 0.0)
        across = condensed(self._words.proof, lambda one: self._measure(one, "title"), 0.0)
        x, y = layout.PAGE_WIDTH / 2, layout.PAGE_HEIGHT / 2
        return [
            Text(LEFT, top + IMPRINT_SIZE, foot, NOTE_SIZE, colour=QUIET),
            Text(x - across.width * 90 / 2, y, across, 90, "title", "#eeeeee", 30),
        ]


def _texts(content: Content) -> list[str]:
    """Everything that is printed out of the content."""
    texts = [content.organisation, content.title, content.number]
    for block in content.blocks:
        if isinstance(block, Row):
            texts += [text for cell in block.cells for text in cell]
        elif isinstance(block, Signing):
            texts += block.places
        elif isinstance(block, (Signature, Imprint)):
            texts += block.lines
        else:
            texts.append(block.text)
    return texts
