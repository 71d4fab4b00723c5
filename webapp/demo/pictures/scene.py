"""What stands around the shop: sky, roofs far away, neighbours, pavement, a tree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.pictures.canvas import WIDTH, Canvas, mix

GROUND = 520
KERB = 588
_NEIGHBOUR_WALLS = ("#c9b79c", "#b7bfc2", "#cfa98d", "#d8cfbd", "#a9b3a4", "#bfae9f")
_LEAVES = (
    ("#4f7f47", "#6f9d57", "#93b96d"),
    ("#3f6f58", "#5b8f6c", "#86b183"),
    ("#a9772f", "#cf9a3f", "#e8bf62"),
)


@dataclass(frozen=True, slots=True)
class Daylight:
    """A time of day: a row of `data/daylight.csv`."""

    name: str
    sky_top: str
    sky_bottom: str
    ambient: str
    lamps: bool
    share: int


@cache
def daylights() -> tuple[Daylight, ...]:
    """Each time of day as often as its share."""
    made = (
        Daylight(
            row["name"],
            row["sky_top"],
            row["sky_bottom"],
            row["ambient"],
            row["lamps"] == "1",
            int(row["share"]),
        )
        for row in words.table("daylight.csv")
    )
    return tuple(light for light in made for _ in range(light.share))


def draw_sky(canvas: Canvas, draw: Draw, light: Daylight) -> None:
    canvas.gradient((0, 0, WIDTH, GROUND), light.sky_top, light.sky_bottom, lit=True)
    if light.name == "evening":
        for _ in range(36):
            canvas.disc(draw.below(WIDTH), draw.below(190), 0.5 + draw.fraction(), "#ffffffb0", lit=True)
        canvas.disc(790 + draw.below(90), 60 + draw.below(30), 24, "#fdf3d0", lit=True)
        return
    sun = "#fff6d8" if light.name != "dusk" else "#ffd9a0"
    x, y = 70 + draw.below(WIDTH - 140), 45 + draw.below(60)
    canvas.disc(x, y, 26, sun, lit=True)
    for _ in range(3):
        _draw_cloud(canvas, draw, 40 + draw.below(WIDTH - 80), 40 + draw.below(80), light)


def _draw_cloud(canvas: Canvas, draw: Draw, x: float, y: float, light: Daylight) -> None:
    width = 40 + draw.below(40)
    puff = mix(mix(light.sky_top, light.sky_bottom, y / GROUND), "#ffffff", 0.55)
    for step, size in ((-1.0, 0.22), (-0.5, 0.36), (0.0, 0.42), (0.5, 0.32), (1.0, 0.2)):
        canvas.disc(x + step * width, y - size * 20, width * size, puff, ry=width * size * 0.6, lit=True)
    canvas.rect((x - width * 1.15, y - 3, x + width * 1.15, y + 7), puff, radius=5, lit=True)


def draw_far_roofs(canvas: Canvas, draw: Draw, light: Daylight) -> None:
    """Blocks and one old roof in the haze."""
    haze = mix(light.sky_bottom, "#56647e", 0.38)
    x = -20.0
    while x < WIDTH:
        width, top = 60 + draw.below(80), 150 + draw.below(150)
        canvas.rect((x, top, x + width, GROUND), haze, lit=True)
        for column in range(int(width // 18)):
            for row in range(3):
                if light.lamps and draw.chance(350):
                    spot = (x + 8 + column * 18, top + 12 + row * 22)
                    canvas.rect((*spot, spot[0] + 7, spot[1] + 9), "#ffdf9a90", lit=True)
        x += width + draw.below(26)


def draw_neighbours(canvas: Canvas, draw: Draw, left: float, right: float, light: Daylight) -> None:
    """Quiet houses to both sides, so that the shop stands in a street."""
    for x0, x1 in ((-10.0, left), (right, WIDTH + 10.0)):
        wall = mix(draw.choice(_NEIGHBOUR_WALLS), light.sky_bottom, 0.25)
        top = 150 + draw.below(90)
        canvas.rect((x0, top, x1, GROUND), wall)
        canvas.rect((x0, top, x1, top + 10), mix(wall, "#3a332c", 0.45))
        for column in range(2):
            x = x0 + (x1 - x0) * (0.12 + 0.46 * column)
            pane = "#ffd98f" if light.lamps and draw.chance(600) else "#5d7486"
            canvas.rect((x - 3, top + 37, x + (x1 - x0) * 0.3 + 3, top + 101), mix(wall, "#ffffff", 0.35))
            canvas.rect((x, top + 40, x + (x1 - x0) * 0.3, top + 98), pane, lit=light.lamps)
        canvas.rect((x0, 400, x1, GROUND), mix(wall, "#4b443c", 0.55))
        for slat in range(404, GROUND, 9):
            canvas.rect((x0, slat, x1, slat + 2), "#00000022")
        canvas.rect((x0, 372, x1, 400), mix(wall, draw.choice(("#8c3b2e", "#2f5d70", "#4d6b46")), 0.6))


def draw_pavement(canvas: Canvas, draw: Draw) -> None:
    stone = draw.choice(("#cfc8ba", "#c4c6c4", "#d3c3ad"))
    canvas.gradient((0, GROUND, WIDTH, KERB), mix(stone, "#000000", 0.12), stone)
    middle = WIDTH / 2
    for step in range(-16, 17):
        # Joints run towards one point behind the shop.
        canvas.line([(middle + step * 56, GROUND), (middle + step * 78, KERB)], "#00000018", 1)
    for share in (0.3, 0.66):
        y = GROUND + (KERB - GROUND) * share
        canvas.line([(0, y), (WIDTH, y)], "#00000018", 1)
    canvas.rect((0, KERB, WIDTH, KERB + 9), mix(stone, "#ffffff", 0.35))
    canvas.rect((0, KERB + 9, WIDTH, KERB + 14), "#00000055")
    canvas.gradient((0, KERB + 11, WIDTH, 640), "#6a6c70", "#7d7f83")
    for x in range(-40, WIDTH, 150):
        canvas.poly([(x, 626), (x + 70, 626), (x + 62, 632), (x - 8, 632)], "#f2efe4a0")


def draw_tree(canvas: Canvas, draw: Draw, x: float) -> None:
    """A street tree in front of a neighbour: trunk, square bed, leaves in three depths of colour."""
    dark, middle, bright = draw.choice(_LEAVES)
    canvas.poly([(x - 34, 566), (x + 34, 566), (x + 40, 578), (x - 40, 578)], "#7a6248")
    canvas.disc(x, 570, 46, "#00000022", ry=8)
    canvas.poly([(x - 8, 570), (x + 9, 570), (x + 5, 330), (x - 4, 330)], "#6b5140")
    canvas.poly([(x + 2, 570), (x + 9, 570), (x + 5, 330), (x + 2, 330)], "#00000022")
    canvas.line([(x, 400), (x - 40, 330)], "#6b5140", 5)
    canvas.line([(x, 380), (x + 38, 310)], "#6b5140", 5)
    for tone, spread, lift, count in ((dark, 88, 0, 16), (middle, 78, 18, 18), (bright, 62, 40, 16)):
        for _ in range(count):
            angle_x, angle_y = draw.fraction() * 2 - 1, draw.fraction() * 2 - 1
            canvas.disc(
                x + angle_x * spread - lift * 0.35,
                268 - lift + angle_y * spread * 0.8,
                17 + draw.below(15),
                tone,
            )
