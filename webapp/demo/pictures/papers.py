"""Sample papers: how a business licence or another licence looks, plainly marked as a sample.

They exist so that officers have something to zoom and turn in the demo city. Layout and ornaments are drawn
here; no real form is imitated to the detail, and the marking cannot be overlooked.
"""

from __future__ import annotations

import math
from datetime import date
from io import BytesIO
from pathlib import Path

from PIL import Image

from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.licences import DemoLicence
from webapp.demo.operators import DemoOperator
from webapp.demo.pictures.canvas import Canvas, find_font, mix

PAPER_SIZE = (1040, 736)
PAPER_QUALITY = 76
_INK, _LABEL, _CINNABAR, _GOLD = "#2a2622", "#7a5a34", "#b8402f", "#b89a5e"


def licence_scan(
    seed: int,
    index: int,
    licence: DemoLicence,
    operator: DemoOperator,
    address: str,
    font: Path | None = None,
) -> bytes:
    """The paper as WebP, as if photographed from above: 1040 × 736 pixels, slightly turned, on a desk."""
    draw = Draw(seed, f"paper/{licence.kind}", index)
    canvas = Canvas(find_font(font), size=PAPER_SIZE)
    _draw_sheet(canvas)
    _draw_heading(canvas, licence)
    _draw_facts(canvas, licence, operator, address)
    _draw_issuer(canvas, draw, licence)
    _draw_pattern_code(canvas, draw)
    sheet = _mark_as_sample(canvas)
    target = BytesIO()
    _lay_on_desk(draw, sheet).save(target, "WEBP", quality=PAPER_QUALITY, method=4)
    return target.getvalue()


def _label(name: str) -> str:
    return words.phrases()[f"paper_{name}"]


def _draw_sheet(canvas: Canvas) -> None:
    """Cream paper, guilloche rosettes, a double border."""
    width, height = canvas.size
    canvas.gradient((0, 0, width, height), "#fdf9ee", "#f6efdc")
    for turn in range(0, 360, 6):
        angle = math.radians(turn)
        x, y = width / 2 + math.cos(angle) * 90, height / 2 + 20 + math.sin(angle) * 90
        canvas.ring(x, y, 130, "#e9dfc3", 0.7)
    for inset, thick in ((18, 5.0), (27, 1.2), (33, 1.2)):
        canvas.frame((inset, inset, width - inset, height - inset), _GOLD, thick, radius=4)
    for x in range(46, width - 40, 14):
        for y in (30, height - 30):
            canvas.disc(x, y, 2, _GOLD)
    for x, y in ((30, 30), (width - 30, 30), (30, height - 30), (width - 30, height - 30)):
        canvas.disc(x, y, 14, "#f6efdc")
        canvas.ring(x, y, 13, _GOLD, 2)
        canvas.disc(x, y, 5, _CINNABAR)


def _draw_heading(canvas: Canvas, licence: DemoLicence) -> None:
    spaced = ("  " if len(licence.name) <= 4 else " " if len(licence.name) < 9 else "").join(licence.name)
    room = canvas.size[0] - 260.0
    size = min(58.0, 58.0 * room / canvas.text_width(spaced, 58))
    canvas.text(canvas.size[0] / 2, 104, spaced, size, _INK)
    canvas.line([(canvas.size[0] / 2 - 210, 150), (canvas.size[0] / 2 + 210, 150)], _GOLD, 2)
    canvas.text(canvas.size[0] / 2, 176, f"{_label('number')}  {licence.number}", 21, _CINNABAR)


def _draw_facts(canvas: Canvas, licence: DemoLicence, operator: DemoOperator, address: str) -> None:
    facts = (
        ("holder", licence.holder),
        ("code", operator.uscc),
        ("person", operator.legal_representative),
        ("address", address),
        ("scope", licence.scope),
        ("term", _term(licence)),
    )
    y = 230.0
    for name, text in facts:
        canvas.text_left(92, y, _label(name), 20, _LABEL)
        for line in _wrap(canvas, text, 21, 590):
            canvas.text_left(250, y, line, 21, _INK)
            y += 32
        y += 18


def _wrap(canvas: Canvas, text: str, size: float, room: float) -> list[str]:
    """Chinese breaks anywhere: as many characters a line as fit, at most three lines."""
    lines = [""]
    for character in text:
        if canvas.text_width(lines[-1] + character, size) > room:
            lines.append("")
        lines[-1] += character
    return lines[:3]


def _written(day: date) -> str:
    return _label("date").format(year=day.year, month=day.month, day=day.day)


def _term(licence: DemoLicence) -> str:
    until = _written(licence.valid_until) if licence.valid_until else _label("no_end")
    return _label("from_until").format(start=_written(licence.valid_from), end=until)


def _draw_issuer(canvas: Canvas, draw: Draw, licence: DemoLicence) -> None:
    """Issuer, date, and a ring where the seal would be: it says that this is a sample."""
    x, y = 800.0 + draw.below(20), 560.0 + draw.below(14)
    canvas.text(x, y, licence.authority, 22, _INK)
    canvas.text(x, y + 44, _written(licence.valid_from), 20, _INK)
    canvas.ring(x + 10, y + 12, 78, _CINNABAR + "b8", 4.5)
    points = []
    for step in range(10):
        reach, angle = (24 if step % 2 == 0 else 10), math.radians(step * 36 - 90)
        points.append((x + 10 + math.cos(angle) * reach, y + 8 + math.sin(angle) * reach))
    canvas.poly(points, _CINNABAR + "a0")
    canvas.text(x + 10, y - 38, _label("sample"), 19, _CINNABAR + "c0")
    canvas.text(x + 10, y + 58, _label("sample_short"), 17, _CINNABAR + "c0")


def _draw_pattern_code(canvas: Canvas, draw: Draw) -> None:
    """A square that looks like the code of a licence and holds nothing."""
    x, y, cells, cell = 852.0, 212.0, 21, 5.0
    canvas.rect((x - 8, y - 8, x + cells * cell + 8, y + cells * cell + 8), "#ffffff")
    for row in range(cells):
        for column in range(cells):
            if draw.chance(480):
                canvas.rect(
                    (x + column * cell, y + row * cell, x + (column + 1) * cell, y + (row + 1) * cell),
                    "#3a3632",
                )
    side = cells * cell
    for dx, dy in ((0, 0), (side - 35, 0), (0, side - 35)):
        canvas.rect((x + dx, y + dy, x + dx + 35, y + dy + 35), "#3a3632")
        canvas.rect((x + dx + 5, y + dy + 5, x + dx + 30, y + dy + 30), "#ffffff")
        canvas.rect((x + dx + 10, y + dy + 10, x + dx + 25, y + dy + 25), "#3a3632")


def _mark_as_sample(canvas: Canvas) -> Image.Image:
    """The words across the sheet, light but large."""
    layer = Canvas(canvas.font, size=canvas.size)
    width, height = canvas.size
    layer.text(width / 2, height / 2, _label("sample"), 150, "#ffffff")
    mask = (
        layer.image.convert("L")
        .rotate(18, Image.Resampling.BICUBIC)
        .point([value * 34 // 255 for value in range(256)])
    )
    canvas.image.paste(Image.new("RGB", canvas.image.size, _CINNABAR), (0, 0), mask)
    return canvas.finish()


def _lay_on_desk(draw: Draw, sheet: Image.Image) -> Image.Image:
    """The sheet on a wooden desk, not quite straight, with its shadow."""
    desk = Canvas(find_font(), size=PAPER_SIZE)
    width, height = PAPER_SIZE
    wood = draw.choice(("#8a6a4a", "#6f5a4a", "#a88a66", "#5f6a70"))
    desk.gradient((0, 0, width, height), mix(wood, "#ffffff", 0.12), mix(wood, "#000000", 0.12))
    for _ in range(26):
        y = draw.below(height)
        desk.line([(0, y), (width, y + draw.between(-14, 14))], mix(wood, "#000000", 0.16), 1)
    table = desk.finish()
    turn = (draw.fraction() * 2 - 1) * 2.6
    small = sheet.resize((width * 9 // 10, height * 9 // 10), Image.Resampling.LANCZOS)
    shape = Image.new("L", small.size, 255)
    turned = small.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    outline = shape.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    spot = ((width - turned.width) // 2, (height - turned.height) // 2)
    table.paste(Image.new("RGB", turned.size, mix(wood, "#000000", 0.5)), (spot[0] + 7, spot[1] + 9), outline)
    table.paste(turned, spot, outline)
    return table
