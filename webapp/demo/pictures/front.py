"""The ground floor: door and windows."""

from __future__ import annotations

from webapp.demo.draw import Draw
from webapp.demo.pictures.canvas import Box, Canvas, mix
from webapp.demo.pictures.goods import GOODS
from webapp.demo.pictures.house import SIGN_BOTTOM, Look
from webapp.demo.pictures.scene import GROUND, Daylight


def draw_window(canvas: Canvas, draw: Draw, look: Look, box: Box, light: Daylight) -> None:
    """A shop window: room, goods, reflections, frame and the low wall below."""
    x0, y0, x1, y1 = box
    room = ("#ffe9b8", "#f0b970") if light.lamps else ("#7d8f93", "#b9b7a4")
    canvas.gradient(box, mix(room[0], look.wall, 0.12), room[1], lit=light.lamps)
    for share in (0.25, 0.75):
        x = x0 + (x1 - x0) * share
        canvas.line([(x, y0), (x, y0 + 14)], "#4a3b2c", 1.5)
        canvas.half_disc((x - 12, y0 + 8, x + 12, y0 + 28), "#f6d58a" if light.lamps else "#d9cdb4", 180, 360)
    with canvas.lamplight("#fff3d8" if light.lamps else light.ambient):
        GOODS[look.goods](canvas, draw, box)
    if light.lamps:
        canvas.glow((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) * 0.5, (y1 - y0) * 0.5, "#2e210e")
        canvas.glow((x0 + x1) / 2, GROUND + 26, (x1 - x0) * 0.45, 16, "#4a3414")
    slant = (x1 - x0) * 0.16
    for start, width in ((0.12, 0.1), (0.3, 0.05)):
        a, b = x0 + (x1 - x0) * start, x0 + (x1 - x0) * (start + width)
        canvas.poly(
            [(a + slant, y0), (b + slant, y0), (b - slant * 0.2, y1), (a - slant * 0.2, y1)],
            "#ffffff2c",
            lit=True,
        )
    canvas.frame((x0 - 2, y0 - 2, x1 + 2, y1 + 2), look.trim, 5)
    canvas.rect((x0 - 8, y1 + 2, x1 + 8, y1 + 10), mix(look.trim, "#ffffff", 0.25), radius=1)


def draw_lattice(canvas: Canvas, look: Look, box: Box) -> None:
    """Wooden lattice over the upper third, as old houses have it."""
    x0, y0, x1, _ = box
    bottom = y0 + 34
    canvas.rect((x0, bottom - 2, x1, bottom + 2), look.trim)
    step = (x1 - x0) / max(3, round((x1 - x0) / 30))
    x = x0
    while x < x1 - 1:
        canvas.frame((x + 4, y0 + 5, x + step - 4, bottom - 6), look.trim, 2)
        canvas.line([(x + step / 2, y0), (x + step / 2, y0 + 6)], look.trim, 2)
        canvas.line([(x + step / 2, bottom - 6), (x + step / 2, bottom)], look.trim, 2)
        x += step


def draw_door(canvas: Canvas, draw: Draw, look: Look, x0: float, x1: float, light: Daylight) -> None:
    """A double door with panes, a paper on the glass, a mat, a step."""
    top = SIGN_BOTTOM + 30
    wood = look.trim if look.style == "old" else mix(look.trim, "#2b2b2b", 0.2)
    canvas.rect((x0 - 7, top - 7, x1 + 7, GROUND), mix(wood, "#000000", 0.25))
    middle = (x0 + x1) / 2
    glass = "#ffdf9e" if light.lamps else "#8fa3a6"
    for a, b in ((x0, middle - 1), (middle + 1, x1)):
        canvas.rect((a, top, b, GROUND), wood)
        pane = (a + 9, top + 10, b - 9, GROUND - (60 if look.style == "old" else 26))
        canvas.gradient(pane, mix(glass, "#ffffff", 0.2), mix(glass, look.wall, 0.3), lit=light.lamps)
        canvas.poly(
            [(pane[0], pane[3]), (pane[0], pane[1] + 60), (pane[2], pane[1]), (pane[2], pane[1] + 40)],
            "#ffffff26",
            lit=True,
        )
        if look.style == "old":
            canvas.line([((a + b) / 2, pane[1]), ((a + b) / 2, pane[3])], wood, 3)
            for share in (0.33, 0.66):
                y = pane[1] + (pane[3] - pane[1]) * share
                canvas.line([(pane[0], y), (pane[2], y)], wood, 3)
            canvas.frame((a + 9, GROUND - 50, b - 9, GROUND - 12), mix(wood, "#000000", 0.3), 2)
    for side in (-1, 1):
        canvas.rect((middle + side * 7 - 1.8, 428, middle + side * 7 + 1.8, 458), "#e0c07a", radius=2)
    if light.lamps:
        canvas.glow(middle, GROUND + 24, (x1 - x0) * 0.5, 16, "#5a4018")
    _draw_sticker(canvas, draw, x0 + 22, 400)
    canvas.rect((x0 - 14, GROUND - 5, x1 + 14, GROUND + 4), "#b9b2a4", radius=1)
    canvas.poly(
        [(x0 + 4, GROUND + 8), (x1 - 4, GROUND + 8), (x1 + 8, GROUND + 24), (x0 - 8, GROUND + 24)], "#7a2e26"
    )
    canvas.poly(
        [(x0 + 9, GROUND + 11), (x1 - 9, GROUND + 11), (x1 + 1, GROUND + 21), (x0 - 1, GROUND + 21)],
        "#93392f",
    )


def _draw_sticker(canvas: Canvas, draw: Draw, x: float, y: float) -> None:
    """The code on the door, too small to read and not a code."""
    canvas.rect((x - 13, y - 15, x + 13, y + 17), "#ffffff", radius=2)
    canvas.rect((x - 13, y - 15, x + 13, y - 9), "#b8402f", radius=2)
    for row in range(7):
        for column in range(7):
            if draw.chance(520):
                canvas.rect(
                    (x - 8.4 + column * 2.4, y - 5 + row * 2.4, x - 6 + column * 2.4, y - 2.6 + row * 2.4),
                    "#1f2a37",
                )
