"""What can be seen through a shop's window, by trade."""

from __future__ import annotations

from collections.abc import Callable

from webapp.demo.draw import Draw
from webapp.demo.pictures.canvas import Box, Canvas, mix

_GOODS_COLOURS = ("#d8574a", "#e9a13b", "#5d8f6a", "#4a7ba6", "#8a5a83", "#e8d3a2", "#c9825b", "#7fa3a0")
FRUIT_COLOURS = ("#d8433a", "#f09a2d", "#f3cf45", "#7fae3f", "#a2426b", "#c9c04a")
_BOOK_COLOURS = ("#8c3b2e", "#2f5d70", "#c9a24b", "#4d6b46", "#6a4a6e", "#b9754a", "#d9cdb0")


def _shelves(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    for level in (0.42, 0.7, 0.99):
        y = y0 + (y1 - y0) * level
        x = x0 + 8
        while x < x1 - 12:
            width, height = 7 + draw.below(7), 15 + draw.below(16)
            tone = draw.choice(_GOODS_COLOURS)
            if draw.chance(400):
                canvas.rect(
                    (x + width * 0.3, y - height - 5, x + width * 0.7, y - height + 2),
                    mix(tone, "#ffffff", 0.4),
                )
            canvas.rect((x, y - height, x + width, y), tone, radius=2)
            canvas.rect((x, y - height * 0.6, x + width, y - height * 0.35), "#ffffff70")
            x += width + 2 + draw.below(3)
        canvas.rect((x0, y, x1, y + 4), "#7a5a3c")


def _steamers(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, _, x1, y1 = box
    canvas.rect((x0, y1 - 26, x1, y1), "#8a5a38")
    x = x0 + 34
    while x < x1 - 20:
        count = 2 + draw.below(3)
        for level in range(count):
            y = y1 - 26 - level * 17
            canvas.rect((x - 27, y - 16, x + 27, y), "#d9b074", radius=4)
            canvas.rect((x - 27, y - 6, x + 27, y - 3), "#b3854c")
        top = y1 - 26 - count * 17
        canvas.disc(x, top + 1, 27, "#ecd3a2", ry=7)
        for puff in range(4):
            canvas.disc(
                x - 10 + puff * 7 + draw.below(6), top - 12 - puff * 11, 9 + puff * 2.5, "#ffffff4a", lit=True
            )
        x += 66


def _bowls(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    canvas.rect((x0, y1 - 30, x1, y1 - 22), "#6b4028")
    canvas.rect((x0, y1 - 22, x1, y1), "#8a5a3c")
    x = x0 + 30
    while x < x1 - 18:
        tone = draw.choice(("#f4ede0", "#3f6f8a", "#b4473a"))
        canvas.half_disc((x - 19, y1 - 62, x + 19, y1 - 24), tone, 0, 180)
        canvas.disc(x, y1 - 43, 19, draw.choice(("#c9502f", "#e2a24a", "#8a9a4a")), ry=5)
        canvas.line([(x + 4, y1 - 45), (x + 24, y1 - 66)], "#7a4a2c", 1.6)
        canvas.line([(x, y1 - 45), (x + 19, y1 - 68)], "#7a4a2c", 1.6)
        for puff in range(2):
            canvas.disc(x - 6 + puff * 9, y1 - 62 - puff * 10, 7, "#ffffff40", lit=True)
        x += 54
    canvas.rect((x0 + 10, y0 + 44, x0 + 36, y0 + 84), "#b23a2e", radius=2)
    canvas.rect((x1 - 36, y0 + 44, x1 - 10, y0 + 84), "#b23a2e", radius=2)


def _cups(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    for level in (0.5, 0.96):
        y = y0 + (y1 - y0) * level
        canvas.rect((x0, y, x1, y + 5), "#8a6240")
        x = x0 + 16
        while x < x1 - 18:
            tone = draw.choice(("#f7efe0", "#d98f5a", "#8fb59a", "#e7b9b0", "#6f4a34"))
            if draw.chance(500):
                canvas.poly([(x, y - 34), (x + 20, y - 34), (x + 16, y), (x + 4, y)], tone)
                canvas.rect((x - 1, y - 37, x + 21, y - 32), "#fffaf0", radius=2)
                canvas.line([(x + 12, y - 36), (x + 17, y - 52)], "#5d8f6a", 2)
            else:
                canvas.rect((x, y - 20, x + 20, y), tone, radius=5)
                canvas.ring(x + 21, y - 11, 6, tone, 2.4)
            x += 34


def _loaves(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    for level in (0.48, 0.74, 0.98):
        y = y0 + (y1 - y0) * level
        canvas.rect((x0, y, x1, y + 4), "#9a6a40")
        x = x0 + 20
        while x < x1 - 16:
            crust = draw.choice(("#c98a45", "#dca65c", "#b06f33", "#f0cfa0", "#e9b7b0"))
            canvas.disc(x, y - 9, 16, crust, ry=10)
            for cut in (-6, 0, 6):
                canvas.line([(x + cut - 2, y - 14), (x + cut + 2, y - 8)], "#fff0d060", 2)
            x += 36


def _curtains(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    tone = draw.choice(("#b9705a", "#7d8f74", "#c9ab6a", "#8a7a9a"))
    width = (x1 - x0) * 0.3
    for side, fold in ((x0, 1), (x1, -1)):
        canvas.poly(
            [(side, y0), (side + fold * width, y0), (side + fold * width * 0.45, y1), (side, y1)], tone
        )
        for step in range(1, 5):
            x = side + fold * width * step / 5
            canvas.line([(x, y0), (side + fold * width * 0.45 * step / 5, y1)], mix(tone, "#000000", 0.18), 2)
    middle = (x0 + x1) / 2
    canvas.rect((middle - 26, y1 - 20, middle + 26, y1), "#7a5236")
    canvas.rect((middle - 8, y1 - 42, middle + 8, y1 - 20), "#d9d3c4", radius=5)
    for angle in (-16, -6, 6, 16):
        canvas.line([(middle, y1 - 40), (middle + angle, y1 - 72)], "#5d7f4a", 2)
        canvas.disc(middle + angle, y1 - 74, 5, "#e3a0a8")


def _posters(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    count = max(2, int((x1 - x0) // 70))
    width = (x1 - x0 - 16) / count
    for place in range(count):
        a, b = x0 + 12 + width * place, x0 + width * (place + 1)
        top, bottom = y0 + 40, y1 - 18
        sky = draw.choice(("#f3c98a", "#9cc7dd", "#e8a59a", "#b6cfa2", "#8d86b8"))
        canvas.gradient((a, top, b, bottom), sky, mix(sky, "#ffffff", 0.5), lit=True)
        canvas.disc(a + (b - a) * 0.68, top + 22, 9, "#fff2c8", lit=True)
        half = (a + b) / 2
        canvas.poly([(a, bottom - 14), (a + (b - a) * 0.35, top + 40), (half + 8, bottom - 14)], "#4f6f62")
        canvas.poly([(half - 10, bottom - 14), (b - (b - a) * 0.25, top + 54), (b, bottom - 14)], "#6d8f7a")
        canvas.rect((a, bottom - 14, b, bottom), "#f7f2e6")
        canvas.rect((a + 6, bottom - 9, b - 16, bottom - 6), "#b8402f")
        canvas.frame((a, top, b, bottom), "#fffaf0", 2)


def _drawers(canvas: Canvas, draw: Draw, box: Box) -> None:
    """A medicine cabinet, a counter, a green cross."""
    x0, y0, x1, y1 = box
    x = x0 + 6
    while x < x1 - 24:
        for row in range(4):
            y = y0 + 36 + row * 22
            canvas.rect((x, y, x + 24, y + 19), draw.choice(("#9a6a42", "#a8764a", "#8f603a")), radius=1)
            canvas.disc(x + 12, y + 10, 2, "#e8cf9a")
        x += 26
    canvas.rect((x0, y1 - 32, x1, y1), "#e6f0ea")
    canvas.rect((x0, y1 - 36, x1, y1 - 31), "#0f7a5a")
    middle = (x0 + x1) / 2
    canvas.rect((middle - 16, y1 - 26, middle + 16, y1 - 4), "#ffffff", radius=3)
    canvas.rect((middle - 3, y1 - 23, middle + 3, y1 - 7), "#1f9d6f")
    canvas.rect((middle - 8, y1 - 18, middle + 8, y1 - 12), "#1f9d6f")


def _mannequins(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, _, x1, y1 = box
    canvas.rect((x0, y1 - 12, x1, y1), "#e9ded2")
    x = x0 + 36
    while x < x1 - 22:
        tone, top = draw.choice(_GOODS_COLOURS), y1 - 108
        canvas.line([(x, y1 - 40), (x, y1 - 10)], "#5a4a40", 3)
        canvas.disc(x, top, 8, "#e8d5c4", ry=10)
        canvas.poly([(x - 17, top + 15), (x + 17, top + 15), (x + 12, top + 50), (x - 12, top + 50)], tone)
        hem = 22 if draw.chance(500) else 12
        canvas.poly(
            [(x - 12, top + 50), (x + 12, top + 50), (x + hem, top + 84), (x - hem, top + 84)],
            mix(tone, "#2b2530", 0.25),
        )
        canvas.disc(x, y1 - 9, 14, "#5a4a40", ry=3)
        x += 60


def _books(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    for level in (0.4, 0.7, 0.99):
        y = y0 + (y1 - y0) * level
        x = x0 + 5
        while x < x1 - 10:
            width, height = 5 + draw.below(6), 22 + draw.below(12)
            canvas.rect((x, y - height, x + width, y), draw.choice(_BOOK_COLOURS), radius=1)
            canvas.rect((x, y - height + 5, x + width, y - height + 7), "#f3e3b890")
            x += width + (1 if draw.chance(930) else 14)
        canvas.rect((x0, y, x1, y + 4), "#6b4a2e")


def _mirrors(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    x = x0 + 42
    while x < x1 - 26:
        canvas.disc(x, y0 + 66, 25, "#f6d9e6", ry=33)
        canvas.disc(x, y0 + 66, 21, "#dbeaf0", ry=29)
        chair = draw.choice(("#a34a63", "#3f5d6b", "#5a4a78"))
        canvas.rect((x - 17, y1 - 58, x + 17, y1 - 26), chair, radius=7)
        canvas.rect((x - 21, y1 - 30, x + 21, y1 - 20), mix(chair, "#000000", 0.2), radius=4)
        canvas.rect((x - 2.5, y1 - 20, x + 2.5, y1 - 4), "#8d8d92")
        canvas.disc(x, y1 - 3, 14, "#8d8d92", ry=3)
        x += 76


def _tyres(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    canvas.rect((x0, y0 + 34, x1, y0 + 40), "#5a6470")
    x = x0 + 26
    while x < x1 - 18:
        canvas.disc(x, y0 + 62, 22, "#2a2b2e")
        canvas.disc(x, y0 + 62, 11, "#9aa3ab")
        canvas.disc(x, y0 + 62, 4, "#5a6470")
        x += 48
    middle, tone = (x0 + x1) / 2, draw.choice(("#b8402f", "#3f6f9a", "#d9dde0"))
    canvas.rect((middle - 52, y1 - 34, middle + 52, y1 - 12), tone, radius=9)
    canvas.poly(
        [(middle - 34, y1 - 33), (middle - 20, y1 - 54), (middle + 20, y1 - 54), (middle + 36, y1 - 33)], tone
    )
    canvas.poly(
        [(middle - 24, y1 - 35), (middle - 15, y1 - 49), (middle + 16, y1 - 49), (middle + 26, y1 - 35)],
        "#cfe3ec",
    )
    for wheel in (-30, 30):
        canvas.disc(middle + wheel, y1 - 11, 11, "#26272a")
        canvas.disc(middle + wheel, y1 - 11, 5, "#b9c0c5")


def _weights(canvas: Canvas, draw: Draw, box: Box) -> None:
    x0, y0, x1, y1 = box
    for level in (0.62, 0.96):
        y = y0 + (y1 - y0) * level
        canvas.rect((x0, y, x1, y + 5), "#5a5f66")
        x = x0 + 24
        while x < x1 - 22:
            tone, size = draw.choice(("#2b2d31", "#3f8f5a", "#c9502f")), 9 + draw.below(6)
            canvas.rect((x - 14, y - size - 2, x + 14, y - size + 2), "#9aa3ab")
            for side in (-15, 15):
                canvas.rect((x + side - 5, y - size * 2, x + side + 5, y), tone, radius=3)
            x += 56
    canvas.disc((x0 + x1) / 2, y0 + 56, 18, "#e8846a")


def _cases(canvas: Canvas, draw: Draw, box: Box) -> None:
    """Glass counters with small bright things on velvet."""
    x0, y0, x1, y1 = box
    canvas.rect((x0, y0 + 38, x1, y0 + 42), "#8a7a5a")
    for step in range(int((x1 - x0) // 30)):
        x = x0 + 18 + step * 30
        canvas.ring(x - 6, y0 + 56, 6, "#3a3a44", 1.8)
        canvas.ring(x + 8, y0 + 56, 6, "#3a3a44", 1.8)
    for top in (y1 - 56, y1 - 28):
        canvas.rect((x0, top, x1, top + 26), "#f4efe4")
        canvas.rect((x0 + 5, top + 3, x1 - 5, top + 22), draw.choice(("#3a2a4a", "#2a3f4a", "#5a2430")))
        x = x0 + 16
        while x < x1 - 12:
            shine = draw.choice(("#f5d26a", "#f4f4f2", "#e8b84a", "#bfe0ee"))
            canvas.ring(x, top + 12, 4.5, shine, 1.8)
            canvas.disc(x, top + 7, 1.8, "#ffffff", lit=True)
            x += 15


def _screens(canvas: Canvas, draw: Draw, box: Box) -> None:
    """Television sets above, refrigerators and washing machines below."""
    x0, y0, x1, y1 = box
    x = x0 + 12
    while x < x1 - 58:
        canvas.rect((x, y0 + 34, x + 54, y0 + 70), "#22252a", radius=2)
        sky = draw.choice(("#4a90c2", "#e08a5a", "#5aa37a", "#8a6ab0"))
        canvas.gradient((x + 3, y0 + 37, x + 51, y0 + 67), sky, mix(sky, "#ffffff", 0.6), lit=True)
        x += 64
    x = x0 + 14
    while x < x1 - 40:
        if draw.chance(500):
            canvas.rect((x, y1 - 62, x + 34, y1), "#e4e8ea", radius=2)
            canvas.line([(x, y1 - 38), (x + 34, y1 - 38)], "#9aa3a9", 1.5)
            canvas.rect((x + 27, y1 - 56, x + 30, y1 - 42), "#8a9399")
        else:
            canvas.rect((x, y1 - 42, x + 36, y1), "#f4f5f4", radius=3)
            canvas.ring(x + 18, y1 - 19, 12, "#8a9aa6", 3)
            canvas.disc(x + 18, y1 - 19, 9, "#5f7f92")
        x += 44


def _sofas(canvas: Canvas, draw: Draw, box: Box) -> None:
    """A sofa under pictures, a floor lamp."""
    x0, y0, x1, y1 = box
    canvas.rect((x0, y1 - 10, x1, y1), "#a8825a")
    x = x0 + 14
    while x < x1 - 92:
        tone = draw.choice(("#a85a42", "#4f6f7a", "#8a8f5a", "#b98a52"))
        canvas.rect((x, y1 - 56, x + 84, y1 - 14), tone, radius=9)
        canvas.rect((x - 6, y1 - 40, x + 12, y1 - 9), mix(tone, "#000000", 0.15), radius=6)
        canvas.rect((x + 72, y1 - 40, x + 90, y1 - 9), mix(tone, "#000000", 0.15), radius=6)
        canvas.rect((x + 12, y1 - 31, x + 72, y1 - 12), mix(tone, "#ffffff", 0.18), radius=4)
        canvas.rect((x + 18, y1 - 47, x + 36, y1 - 30), "#f0d9a8", radius=4)
        canvas.rect((x + 22, y0 + 36, x + 62, y0 + 64), "#f7f0e0")
        canvas.poly([(x + 26, y0 + 60), (x + 38, y0 + 44), (x + 58, y0 + 60)], "#6d8f7a")
        canvas.line([(x + 102, y1 - 9), (x + 102, y1 - 76)], "#5a4a3a", 2)
        canvas.poly(
            [(x + 90, y1 - 70), (x + 114, y1 - 70), (x + 108, y1 - 90), (x + 96, y1 - 90)],
            "#f6dfa6",
            lit=True,
        )
        x += 128


def _fruit(canvas: Canvas, draw: Draw, box: Box) -> None:
    """Heaps on slanted boards, green leaves between, a scale on the counter."""
    x0, y0, x1, y1 = box
    for level in (0.48, 0.74, 0.99):
        y = y0 + (y1 - y0) * level
        x = x0 + 4
        while x < x1 - 34:
            tone = draw.choice(FRUIT_COLOURS)
            for row, count in enumerate((5, 4, 2)):
                for place in range(count):
                    shade = mix(tone, "#ffffff" if draw.chance(350) else "#5a2a10", 0.16)
                    canvas.disc(x + 7 + place * 7.4 + row * 3.7, y - 6 - row * 6, 4.6, shade)
            canvas.rect((x + 12, y - 8, x + 28, y - 1), "#fff6dc", radius=1)
            x += 43
        canvas.rect((x0, y, x1, y + 5), "#9a7040")


GOODS: dict[str, Callable[[Canvas, Draw, Box], None]] = {
    "shelves": _shelves,
    "steamers": _steamers,
    "bowls": _bowls,
    "cups": _cups,
    "loaves": _loaves,
    "curtains": _curtains,
    "posters": _posters,
    "drawers": _drawers,
    "mannequins": _mannequins,
    "books": _books,
    "mirrors": _mirrors,
    "tyres": _tyres,
    "weights": _weights,
    "fruit": _fruit,
    "cases": _cases,
    "screens": _screens,
    "sofas": _sofas,
}
