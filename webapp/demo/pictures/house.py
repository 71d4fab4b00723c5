"""The house that the shop is in: walls, upper floor or tiled roof, sign board, awning, door and windows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.pictures.canvas import Box, Canvas, colour, mix
from webapp.demo.pictures.scene import GROUND, Daylight

SIGN_TOP, SIGN_BOTTOM = 222.0, 306.0


@dataclass(frozen=True, slots=True)
class Look:
    """How shops of a kind are fitted out: a row of `data/looks.csv`. `style` is "old" or "modern"."""

    look: str
    style: str
    board: str
    ink: str
    wall: str
    trim: str
    awning: str
    goods: str
    props: tuple[str, ...]


@cache
def looks() -> dict[str, Look]:
    return {
        row["look"]: Look(**{**row, "props": tuple(row["props"].split())})  # type: ignore[arg-type]
        for row in words.table("looks.csv")
    }


def draw_walls(canvas: Canvas, draw: Draw, look: Look, left: float, right: float, light: Daylight) -> None:
    """Wall and what is above the sign."""
    if look.style == "old":
        canvas.rect((left, 190, right, GROUND), look.wall)
        _draw_bricks(canvas, left, 190, right, GROUND, look.wall)
        _draw_tiled_roof(canvas, left, right)
        return
    top = 66.0 + draw.below(26)
    canvas.rect((left, top, right, GROUND), look.wall)
    if draw.chance(500):
        _draw_bricks(canvas, left, top, right, SIGN_TOP, look.wall)
    canvas.rect((left - 6, top - 8, right + 6, top + 6), mix(look.wall, "#3d352d", 0.35), radius=2)
    canvas.rect((left, top + 6, right, top + 12), "#00000022")
    _draw_upper_windows(canvas, draw, look, left, right, top, light)


def _draw_bricks(canvas: Canvas, left: float, top: float, right: float, bottom: float, wall: str) -> None:
    joint = mix(wall, "#3b2a20", 0.16)
    y, row = top, 0
    while y < bottom:
        canvas.line([(left, y), (right, y)], joint, 1)
        x = left + (row % 2) * 14
        while x < right:
            canvas.line([(x, y), (x, min(y + 11, bottom))], joint, 1)
            x += 28
        y, row = y + 11, row + 1


def _draw_tiled_roof(canvas: Canvas, left: float, right: float) -> None:
    """Grey tiles in courses, eaves that rise at both ends, a ridge with end pieces."""
    tile, dark = "#5d666b", "#434b50"
    top, eaves = 104.0, 206.0
    half = [(30, top), (11, top + 44), (-8, eaves - 18), (-20, eaves - 22), (-44, eaves - 34), (-30, eaves - 10),
            (-12, eaves + 2)]  # fmt: skip
    outline = [(left + x, y) for x, y in half] + [(right - x, y) for x, y in reversed(half)]
    canvas.poly(outline, tile)
    count = int((right - left + 20) // 17)
    for step in range(count + 1):
        share = step / count
        upper, lower = left + 34 + (right - left - 68) * share, left - 10 + (right - left + 20) * share
        canvas.line([(upper, top + 4), (lower, eaves - 4)], dark, 3)
        canvas.line([(upper + 3, top + 4), (lower + 3, eaves - 4)], "#7b868b", 1.4)
    for step in range(count * 2 + 1):
        x = left - 12 + (right - left + 24) * step / (count * 2)
        canvas.disc(x, eaves + 1, 4.6, dark)
        canvas.disc(x, eaves, 3.0, "#8a9499")
    canvas.rect((left + 26, top - 10, right - 26, top + 6), dark, radius=4)
    canvas.rect((left + 26, top - 10, right - 26, top - 6), "#7b868b", radius=2)
    for x, way in ((left + 28, -1), (right - 28, 1)):
        canvas.poly(
            [(x, top + 4), (x + way * 16, top - 26), (x + way * 24, top - 24), (x + way * 14, top + 6)], dark
        )
    canvas.rect((left, eaves + 4, right, eaves + 20), "#00000033")


def _draw_upper_windows(
    canvas: Canvas, draw: Draw, look: Look, left: float, right: float, top: float, light: Daylight
) -> None:
    count = 4 if right - left > 640 else 3
    slot = (right - left) / count
    for place in range(count):
        x0, x1 = left + slot * place + slot * 0.24, left + slot * (place + 1) - slot * 0.24
        y0, y1 = top + 30, min(top + 112, SIGN_TOP - 24)
        canvas.rect((x0 - 5, y0 - 5, x1 + 5, y1 + 5), mix(look.wall, "#ffffff", 0.5))
        warm = light.lamps and draw.chance(650)
        canvas.rect((x0, y0, x1, y1), "#ffd993" if warm else "#6f8a9c", lit=warm)
        if warm:
            canvas.glow((x0 + x1) / 2, (y0 + y1) / 2, 24, 22, "#382a10")
        curtain = draw.choice(("#e8ded0", "#c9d3cb", "#e0b9a5", "#b9c6d6"))
        canvas.poly([(x0, y0), (x0 + 16, y0), (x0 + 7, y1), (x0, y1)], curtain)
        canvas.poly([(x1, y0), (x1 - 16, y0), (x1 - 7, y1), (x1, y1)], curtain)
        canvas.rect(((x0 + x1) / 2 - 1.5, y0, (x0 + x1) / 2 + 1.5, y1), mix(look.trim, "#ffffff", 0.3))
        canvas.rect((x0 - 9, y1 + 4, x1 + 9, y1 + 11), mix(look.wall, "#2b2520", 0.3), radius=1)
        if draw.chance(450):
            _draw_window_box(canvas, draw, x0, x1, y1 + 4)
        elif draw.chance(350):
            _draw_air_conditioner(canvas, x1 + 14, y1 - 26)


def _draw_window_box(canvas: Canvas, draw: Draw, x0: float, x1: float, y: float) -> None:
    for step in range(int((x1 - x0) // 7)):
        canvas.disc(
            x0 + 4 + step * 7, y - 7 - draw.below(6), 6, draw.choice(("#5d8f4e", "#7aa95f", "#4b7a45"))
        )
    for _ in range(5):
        flower = draw.choice(("#d8504a", "#f0b93d", "#e88aa8"))
        canvas.disc(x0 + 6 + draw.below(max(1, int(x1 - x0 - 12))), y - 10 - draw.below(7), 2.6, flower)
    canvas.rect((x0 - 2, y - 3, x1 + 2, y + 8), "#8c5a3c", radius=2)


def _draw_air_conditioner(canvas: Canvas, x: float, y: float) -> None:
    canvas.rect((x, y, x + 40, y + 30), "#e9e9e4", radius=3)
    canvas.disc(x + 15, y + 15, 11, "#c3c7c6")
    canvas.disc(x + 15, y + 15, 3, "#8f9594")
    canvas.rect((x, y + 30, x + 40, y + 32), "#00000040")


def draw_sign(canvas: Canvas, look: Look, name: str, left: float, right: float, light: Daylight) -> None:
    """The board with the shop's name, as large as it fits."""
    box: Box = (left + 8, SIGN_TOP, right - 8, SIGN_BOTTOM)
    canvas.rect((box[0] + 3, box[1] + 6, box[2] + 3, box[3] + 8), "#00000038", radius=5)
    canvas.rect(box, look.board, radius=5, lit=light.lamps)
    canvas.rect((box[0], box[1], box[2], box[1] + 18), "#ffffff14", radius=5, lit=True)
    edge = mix(look.board, look.ink, 0.55)
    canvas.frame((box[0] + 5, box[1] + 5, box[2] - 5, box[3] - 5), edge, 1.5, radius=3, lit=light.lamps)
    spaced = (" " if len(name) < 7 else "").join(name)
    room = box[2] - box[0] - 90
    size = min(54.0, 54.0 * room / canvas.text_width(spaced, 54))
    x, y = (left + right) / 2, (SIGN_TOP + SIGN_BOTTOM) / 2 - 1
    shadow = "#00000070" if sum(colour(look.board)) < 480 else "#00000024"
    canvas.text(x + 1.5, y + 2.5, spaced, size, shadow, lit=True)
    canvas.text(x, y, spaced, size, look.ink, lit=light.lamps)
    if light.lamps:
        canvas.glow(x, y, (right - left) * 0.42, 30, mix(look.board, "#000000", 0.66))
    for way in (left + 34, right - 34):
        _draw_ornament(canvas, way, y, edge, light)


def _draw_ornament(canvas: Canvas, x: float, y: float, tone: str, light: Daylight) -> None:
    """A small diamond beside the name."""
    canvas.poly([(x, y - 9), (x + 9, y), (x, y + 9), (x - 9, y)], tone, lit=light.lamps)
    canvas.poly([(x, y - 4), (x + 4, y), (x, y + 4), (x - 4, y)], "#00000050", lit=True)


def draw_awning(canvas: Canvas, look: Look, left: float, right: float) -> None:
    """Striped cloth with a scalloped edge, and its shadow."""
    top, bottom, reach = SIGN_BOTTOM + 4, SIGN_BOTTOM + 44, 12.0
    stripes = max(9, round((right - left) / 40) | 1)
    canvas.poly([(left, top + 20), (right, top + 20), (right, bottom + 36), (left, bottom + 36)], "#00000030")
    for step in range(stripes):
        tone = look.awning if step % 2 == 0 else "#fbf5e6"
        a, b = step / stripes, (step + 1) / stripes
        upper = (left + (right - left) * a, left + (right - left) * b)
        lower = (left - reach + (right - left + 2 * reach) * a, left - reach + (right - left + 2 * reach) * b)
        canvas.poly([(upper[0], top), (upper[1], top), (lower[1], bottom), (lower[0], bottom)], tone)
        canvas.rect((lower[0], bottom, lower[1], bottom + 4), mix(tone, "#000000", 0.08))
        canvas.half_disc((lower[0], bottom - 7, lower[1], bottom + 15), mix(tone, "#000000", 0.08), 0, 180)
    canvas.rect((left, top, right, top + 5), "#00000028")


def draw_blade(canvas: Canvas, look: Look, mark: str, x: float, light: Daylight) -> None:
    """A round lamp box at the corner with one character."""
    canvas.line([(x, 330), (x + 34, 330)], "#3a3a3a", 3)
    canvas.disc(x + 36, 358, 27, look.board, lit=light.lamps)
    canvas.ring(x + 36, 358, 25, mix(look.board, look.ink, 0.7), 2)
    canvas.text(x + 36, 357, mark, 30, look.ink, lit=light.lamps)
    if light.lamps:
        canvas.glow(x + 36, 358, 34, 34, mix(look.board, "#000000", 0.5))
