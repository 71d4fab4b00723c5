"""Things on the pavement and under the eaves: lanterns, bicycles, plants, crates, a cat."""

from __future__ import annotations

from collections.abc import Callable

from webapp.demo.draw import Draw
from webapp.demo.pictures.canvas import Canvas, mix
from webapp.demo.pictures.goods import FRUIT_COLOURS
from webapp.demo.pictures.house import SIGN_BOTTOM, Look
from webapp.demo.pictures.scene import Daylight


def draw_lanterns(canvas: Canvas, places: list[float], light: Daylight) -> None:
    """Red lanterns under the sign, alight when the lamps are on."""
    for x in places:
        y = SIGN_BOTTOM + 36
        canvas.line([(x, SIGN_BOTTOM), (x, y - 22)], "#3a2a20", 1.6)
        canvas.disc(x, y, 22, "#c8281e", ry=19, lit=light.lamps)
        canvas.disc(x, y, 13, "#dd4530", ry=19, lit=light.lamps)
        canvas.disc(x, y, 5, "#f0683f", ry=19, lit=light.lamps)
        for edge in (y - 21, y + 15):
            canvas.rect((x - 10, edge, x + 10, edge + 6), "#e8b84a", radius=2, lit=light.lamps)
        for thread in (-4, 0, 4):
            canvas.line([(x + thread, y + 21), (x + thread, y + 36)], "#e3a83a", 1.4, lit=light.lamps)
        if light.lamps:
            canvas.glow(x, y, 40, 36, "#8a3214")


def _wheel(canvas: Canvas, x: float, y: float, radius: float) -> None:
    canvas.ring(x, y, radius, "#2b2b2e", 3.2)
    for dx, dy in ((1, 0), (0, 1), (0.7, 0.7), (0.7, -0.7)):
        canvas.line([(x - dx * radius, y - dy * radius), (x + dx * radius, y + dy * radius)], "#9aa0a6", 0.8)
    canvas.disc(x, y, 3, "#5a5f66")


def _bicycle(canvas: Canvas, draw: Draw, x: float) -> None:
    """An upright town bicycle with a basket."""
    tone = draw.choice(("#2f6f6a", "#b8402f", "#2d4a7a", "#3a3a3c", "#d9a23a"))
    base, radius = 566.0, 27.0
    rear, fore, hub = (x - 42, base - radius), (x + 44, base - radius), (x - 4, base - radius + 2)
    canvas.disc(x, base + 2, 76, "#00000026", ry=6)
    _wheel(canvas, *rear, radius)
    _wheel(canvas, *fore, radius)
    seat, head = (x - 16, base - 68), (x + 32, base - 72)
    for a, b in (
        (rear, hub),
        (rear, seat),
        (seat, hub),
        (hub, head),
        (seat, (x + 28, base - 60)),
        (head, fore),
    ):
        canvas.line([a, b], tone, 3.6)
    canvas.line([seat, (x - 18, base - 80)], "#6a6a6c", 3)
    canvas.rect((x - 31, base - 86, x - 6, base - 79), "#3a2a22", radius=3)
    canvas.line([head, (x + 29, base - 90), (x + 18, base - 94)], "#6a6a6c", 3)
    canvas.rect((x + 38, base - 90, x + 68, base - 66), "#b98a52", radius=3)
    for step in range(4):
        canvas.line([(x + 42 + step * 7, base - 89), (x + 42 + step * 7, base - 67)], "#8a6236", 1.2)
    canvas.arc((rear[0] - 31, rear[1] - 31, rear[0] + 31, rear[1] + 31), tone, 3, 190, 310)
    canvas.disc(*hub, 7, "#5a5f66")
    canvas.line([(hub[0] - 9, hub[1] + 11), (hub[0] + 9, hub[1] - 11)], "#3a3a3c", 2.4)


def _scooter(canvas: Canvas, draw: Draw, x: float) -> None:
    """An electric scooter, as every pavement has them."""
    tone, base = draw.choice(("#5fa39a", "#e8d9b5", "#c9574a", "#7a97b8")), 568.0
    canvas.disc(x, base + 1, 74, "#00000026", ry=6)
    for wheel in (x - 46, x + 48):
        canvas.disc(wheel, base - 17, 18, "#2b2b2e")
        canvas.disc(wheel, base - 17, 8, "#b9c0c5")
    canvas.poly([(x - 66, base - 44), (x - 14, base - 52), (x - 4, base - 20), (x - 58, base - 20)], tone)
    canvas.rect((x - 8, base - 26, x + 34, base - 18), mix(tone, "#000000", 0.2), radius=3)
    canvas.poly([(x + 28, base - 20), (x + 42, base - 22), (x + 34, base - 84), (x + 22, base - 82)], tone)
    canvas.rect((x - 64, base - 58, x - 10, base - 47), "#3a2f2a", radius=5)
    canvas.line([(x + 27, base - 82), (x + 22, base - 96), (x + 8, base - 98)], "#3a3a3c", 3.4)
    canvas.disc(x + 34, base - 78, 6, "#fff3c4")
    canvas.poly(
        [(x + 32, base - 34), (x + 66, base - 36), (x + 58, base - 26), (x + 34, base - 24)],
        mix(tone, "#ffffff", 0.25),
    )


def _plants(canvas: Canvas, draw: Draw, x: float) -> None:
    """Two pots: a clipped bush and something in flower."""
    for step, size in ((-26, 1.0), (22, 0.78)):
        centre, base = x + step, 560.0
        canvas.disc(centre, base + 2, 28 * size, "#00000026", ry=5)
        pot = draw.choice(("#a8552f", "#e6ded0", "#4f6f8a", "#6a6a64"))
        canvas.poly([(centre - 22 * size, base - 38 * size), (centre + 22 * size, base - 38 * size),
                     (centre + 16 * size, base), (centre - 16 * size, base)], pot)  # fmt: skip
        canvas.rect(
            (centre - 24 * size, base - 42 * size, centre + 24 * size, base - 35 * size),
            mix(pot, "#ffffff", 0.2),
            radius=2,
        )
        for _ in range(20):
            dx, dy = (draw.fraction() * 2 - 1) * 26 * size, draw.fraction() * 50 * size
            canvas.disc(
                centre + dx, base - 44 * size - dy, 9 * size, draw.choice(("#4f7f47", "#6f9d57", "#3d6b45"))
            )
        if draw.chance(600):
            flower = draw.choice(("#d8504a", "#f0b93d", "#e88aa8", "#f7f0e0"))
            for _ in range(9):
                dx, dy = (draw.fraction() * 2 - 1) * 24 * size, draw.fraction() * 46 * size
                canvas.disc(centre + dx, base - 46 * size - dy, 3.4, flower)


def _crates(canvas: Canvas, draw: Draw, x: float) -> None:
    """Two rows of slanted crates, heaped."""
    for level, base in ((0, 540.0), (1, 566.0)):
        for place in (-1, 0, 1):
            centre = x + place * 46 + level * 4
            fruit = draw.choice(FRUIT_COLOURS)
            for _ in range(17):
                canvas.disc(centre - 17 + draw.below(35), base - 22 - draw.below(11), 6.4,
                            mix(fruit, "#ffffff" if draw.chance(300) else "#5a2a10", 0.14))  # fmt: skip
            canvas.poly(
                [
                    (centre - 23, base - 22),
                    (centre + 23, base - 22),
                    (centre + 20, base),
                    (centre - 20, base),
                ],
                "#c49a62",
            )
            canvas.line([(centre - 22, base - 12), (centre + 22, base - 12)], "#94693a", 1.6)
            canvas.rect((centre - 9, base - 19, centre + 9, base - 8), "#fff6dc", radius=1)
            canvas.line([(centre - 5, base - 13), (centre + 5, base - 13)], "#b8402f", 2)


def _sandwich(canvas: Canvas, draw: Draw, x: float) -> None:
    """A chalk board on two legs."""
    base = 566.0
    canvas.disc(x, base + 1, 34, "#00000026", ry=5)
    canvas.poly([(x - 24, base - 78), (x + 24, base - 78), (x + 30, base), (x - 30, base)], "#8a5a38")
    canvas.poly(
        [(x - 19, base - 71), (x + 19, base - 71), (x + 24, base - 10), (x - 24, base - 10)], "#2f3a36"
    )
    for row, width in enumerate((22, 30, 26, 18)):
        tone = draw.choice(("#f3ead2", "#f3c96a", "#a8d0b8"))
        canvas.line([(x - width / 2, base - 60 + row * 12), (x + width / 2, base - 60 + row * 12)], tone, 2.4)


def _stools(canvas: Canvas, draw: Draw, x: float) -> None:
    """A low table and stools for breakfast on the pavement."""
    tone = draw.choice(("#3f78a8", "#c9502f", "#4f8f5a"))
    canvas.disc(x, 568, 70, "#00000022", ry=6)
    canvas.rect((x - 36, 526, x + 36, 533), "#b98a52", radius=2)
    for leg in (-28, 28):
        canvas.line([(x + leg, 532), (x + leg * 1.15, 566)], "#8a6236", 4)
    canvas.half_disc((x - 12, 510, x + 12, 534), "#f4ede0", 0, 180)
    canvas.disc(x, 522, 12, "#e2a24a", ry=3)
    for side in (-58, 58):
        canvas.rect((x + side - 15, 540, x + side + 15, 547), tone, radius=3)
        canvas.poly(
            [(x + side - 12, 547), (x + side + 12, 547), (x + side + 16, 568), (x + side - 16, 568)],
            mix(tone, "#000000", 0.18),
        )
        canvas.poly(
            [(x + side - 6, 553), (x + side + 6, 553), (x + side + 8, 568), (x + side - 8, 568)], "#00000033"
        )


def _cat(canvas: Canvas, draw: Draw, x: float) -> None:
    """The shop's cat, seen from behind, looking in."""
    fur, base = draw.choice(("#d98a3d", "#3a3634", "#e9e1d3", "#8d8378")), 562.0
    canvas.disc(x, base + 1, 24, "#00000026", ry=4)
    canvas.arc((x + 2, base - 22, x + 44, base + 4), fur, 6, 20, 175)
    canvas.disc(x, base - 17, 17, fur, ry=19)
    canvas.disc(x, base - 41, 12.5, fur, ry=11)
    for side in (-1, 1):
        canvas.poly([(x + side * 3, base - 49), (x + side * 12, base - 45), (x + side * 10, base - 59)], fur)
    for stripe in (-25, -17, -9):
        canvas.line([(x - 8, base + stripe), (x + 8, base + stripe)], mix(fur, "#000000", 0.25), 2)


def _barber(canvas: Canvas, draw: Draw, x: float) -> None:
    """The turning pole of red, white and blue."""
    top, bottom = 430.0, 556.0
    canvas.rect((x - 17, bottom, x + 17, 566), "#6a6a70", radius=3)
    canvas.rect((x - 12, top, x + 12, bottom), "#f7f5f0", radius=4)
    shift = draw.below(20)
    for step in range(-1, 8):
        y = top + step * 20 + shift - 14
        tone = "#c8332a" if step % 2 else "#2d5a9a"
        points = [(x - 12, y + 16), (x + 12, y), (x + 12, y + 8), (x - 12, y + 24)]
        canvas.poly([(px, min(max(py, top + 2), bottom - 2)) for px, py in points], tone)
    canvas.rect((x - 12, top, x - 6, bottom), "#ffffff50")
    canvas.rect((x - 15, top - 9, x + 15, top + 2), "#6a6a70", radius=4)


def _stack(canvas: Canvas, draw: Draw, x: float) -> None:
    """A stack of tyres with a plant on top."""
    del draw
    canvas.disc(x, 566, 42, "#00000026", ry=6)
    for level in range(4):
        y = 560 - level * 17
        canvas.rect((x - 34, y - 15, x + 34, y + 2), "#2a2b2e", radius=8)
        canvas.rect((x - 30, y - 9, x + 30, y - 6), "#4a4c50")
    for angle in (-18, -9, 0, 9, 18):
        canvas.line([(x, 494), (x + angle, 460 + abs(angle) * 0.6)], "#5d8f4e", 4)


PROPS: dict[str, Callable[[Canvas, Draw, float], None]] = {
    "bicycle": _bicycle,
    "scooter": _scooter,
    "plants": _plants,
    "crates": _crates,
    "sandwich": _sandwich,
    "stools": _stools,
    "cat": _cat,
    "barber": _barber,
    "stack": _stack,
}


def draw_props(canvas: Canvas, draw: Draw, look: Look, places: list[float]) -> None:
    """The look's things, each before one window, never before the door."""
    things = [name for name in look.props if name in PROPS]
    for name, x in zip(things, places, strict=False):
        PROPS[name](canvas, draw, x)
