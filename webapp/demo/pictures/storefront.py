"""One shop's storefront as a picture."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from webapp.demo.city import DemoShop
from webapp.demo.draw import Draw
from webapp.demo.pictures.canvas import Canvas, find_font
from webapp.demo.pictures.front import draw_door, draw_lattice, draw_window
from webapp.demo.pictures.house import SIGN_BOTTOM, draw_awning, draw_blade, draw_sign, draw_walls, looks
from webapp.demo.pictures.props import draw_lanterns, draw_props
from webapp.demo.pictures.scene import (
    GROUND,
    daylights,
    draw_far_roofs,
    draw_neighbours,
    draw_pavement,
    draw_sky,
    draw_tree,
)

WEBP_QUALITY = 72


def storefront(seed: int, shop: DemoShop, font: Path | None = None) -> bytes:
    """The shop's front as WebP, 960 × 640, about 25 KB; the same bytes for the same shop, font and Pillow.

    `font`: a Chinese font file; without it the vendored or the system's Noto. FileNotFoundError when there
    is none.
    """
    return draw_storefront(seed, shop.index, shop.name, shop.trade.look, shop.trade.mark, font)


def draw_storefront(
    seed: int, index: int, name: str, look_name: str, mark: str, font: Path | None = None
) -> bytes:
    """The same from the few facts that it needs: `look_name` is a key of `data/looks.csv`, `mark` one
    character.
    """
    draw, look = Draw(seed, "storefront", index), looks()[look_name]
    light = draw.choice(daylights())
    canvas = Canvas(find_font(font), light.ambient)
    left, right = 118.0 + draw.below(50), 842.0 - draw.below(50)
    draw_sky(canvas, draw, light)
    draw_far_roofs(canvas, draw, light)
    draw_neighbours(canvas, draw, left, right, light)
    draw_pavement(canvas, draw)
    draw_walls(canvas, draw, look, left, right, light)
    # Door left, middle or right; the rest is windows.
    door = draw.choice(("left", "middle", "right"))
    door_x = {"left": left + 100, "middle": (left + right) / 2, "right": right - 100}[door]
    half = 62.0
    spans = [
        span
        for span in ((left + 26, door_x - half - 26), (door_x + half + 26, right - 26))
        if span[1] - span[0] > 90
    ]
    for x0, x1 in spans:
        box = (x0, SIGN_BOTTOM + 32, x1, GROUND - 50)
        draw_window(canvas, draw, look, box, light)
        if look.style == "old":
            draw_lattice(canvas, look, box)
    draw_door(canvas, draw, look, door_x - half, door_x + half, light)
    draw_sign(canvas, look, name, left, right, light)
    if look.awning:
        draw_awning(canvas, look, left + 6, right - 6)
    elif look.style == "modern":
        draw_blade(canvas, look, mark, right, light)
    if "lanterns" in look.props:
        draw_lanterns(canvas, [door_x - half - 14, door_x + half + 14], light)
    places = [(x0 + x1) / 2 for x0, x1 in spans]
    if len(places) == 1:
        middle, reach = places[0], (spans[0][1] - spans[0][0]) / 4
        places = [middle - reach, middle + reach]
    draw_props(canvas, draw, look, places)
    # The lamp box hangs on the right: no tree before it.
    has_blade = look.style == "modern" and not look.awning
    draw_tree(canvas, draw, 38 if has_blade or draw.chance(500) else 922)
    target = BytesIO()
    canvas.finish().save(target, "WEBP", quality=WEBP_QUALITY, method=4)
    return target.getvalue()
