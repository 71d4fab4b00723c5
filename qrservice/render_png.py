"""A layout as a PNG at any resolution. Every module of the symbol is the same whole number of pixels."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from PIL import Image, ImageChops, ImageDraw, ImageFont

from qrservice.drawing import Item, Layout, Picture, Shape, Symbol, Text
from qrservice.fonts import Fonts
from qrservice.matrix import QUIET_ZONE, Matrix
from qrservice.scannability import module_dots, require_dots
from qrservice.shapes import circle

DPI_MIN: Final = 72
DPI_MAX: Final = 1200
_MM_PER_INCH: Final = 25.4
_SUPERSAMPLING: Final = 4
#: Of a shape's mask at once, in finer dots.
_MASK_PIXELS: Final = 4_000_000
_BLACK_BELOW: Final = 150  # of 256 greys: a little bolder than half, since heat fades


def sticker_png(layout: Layout, fonts: Fonts, dpi: float = 300, *, strict: bool = True) -> bytes:
    """The sticker as a PNG that carries its resolution: RGB, or one bit for those printed in black only.

    Raises WouldNotScan if `strict` and the symbol comes out too small or its modules get fewer than three pixels (a
    preview on a screen may do without), ValueError outside 72..1200 dpi, FontRefused.
    """
    buffer = io.BytesIO()
    # Without `optimize`: it takes four times as long for three hundredths of the size.
    render_image(layout, fonts, dpi, strict=strict).save(buffer, "PNG", dpi=(dpi, dpi))
    return buffer.getvalue()


def render_image(layout: Layout, fonts: Fonts, dpi: float = 300, *, strict: bool = True) -> Image.Image:
    """The same as a Pillow image."""
    if not DPI_MIN <= dpi <= DPI_MAX:
        raise ValueError(f"resolution must be {DPI_MIN}..{DPI_MAX} dpi, not {dpi}")
    if strict:
        require_dots(layout, dpi)
    scale = dpi / _MM_PER_INCH
    image = _one_bit(layout, fonts, scale) if layout.mono else _coloured(layout, fonts, scale)
    _draw_symbol(image, layout.symbol, dpi)
    return image


def symbol_png(matrix: Matrix, module_px: int = 8, quiet_zone: int = QUIET_ZONE) -> bytes:
    """Only the symbol as a one-bit PNG, `module_px` pixels a module."""
    side = (matrix.size + 2 * quiet_zone) * module_px
    image = Image.new("1", (side, side), 1)
    image.paste(_symbol_image(matrix, module_px), (quiet_zone * module_px, quiet_zone * module_px))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _coloured(layout: Layout, fonts: Fonts, scale: float) -> Image.Image:
    """Everything but the symbol. Around a round sticker the picture is white."""
    size = round(layout.width * scale), round(layout.height * scale)
    image = _ground(layout, fonts, scale, "RGB", size)
    for item in layout.own:
        _draw(image, item, fonts, scale)
    return image


@dataclass(frozen=True)
class _Ground:
    """What all stickers of a bureau share, drawn; `fixed` is the layout's own tuple, compared by identity."""

    fixed: tuple[Item, ...]
    key: tuple[object, ...]
    image: Image.Image


#: The last one drawn in this process: in a job of thousands all but the first sticker begin from it. Larger ones, of
#: resolutions that nobody prints thousands at, are not kept. Replaced as a whole, so that threads need no lock.
_last_ground: _Ground | None = None
_GROUND_BYTES_KEPT: Final = 7_000_000  # a door sticker at 300 dpi has 6.5


def _ground(
    layout: Layout, fonts: Fonts, scale: float, mode: Literal["RGB", "L"], size: tuple[int, int]
) -> Image.Image:
    """A picture of the fixed items that may be drawn on."""
    global _last_ground  # noqa: PLW0603 - see above
    key = (layout.width, layout.height, layout.paper, layout.round, fonts, scale, mode, size)
    kept = _last_ground
    if kept is not None and kept.fixed is layout.fixed and kept.key == key:
        return kept.image.copy()
    image = _drawn_ground(layout, fonts, scale, mode, size)
    if image.width * image.height * len(mode) <= _GROUND_BYTES_KEPT:
        _last_ground = _Ground(layout.fixed, key, image.copy())
    return image


def _drawn_ground(
    layout: Layout, fonts: Fonts, scale: float, mode: str, size: tuple[int, int]
) -> Image.Image:
    image = Image.new(mode, size, "#ffffff" if layout.round else layout.paper)
    if layout.round:
        edge = circle(layout.width / 2, layout.height / 2, layout.width / 2)
        _draw_shape(image, Shape(edge, layout.paper), scale)
    for item in layout.fixed:
        _draw(image, item, fonts, scale)
    return image


def _one_bit(layout: Layout, fonts: Fonts, scale: float) -> Image.Image:
    """The same in black and white, each dot decided by what covers most of it."""
    fine = max(1, min(_SUPERSAMPLING, math.floor(DPI_MAX / _MM_PER_INCH / scale)))
    size = round(layout.width * scale), round(layout.height * scale)
    canvas = _ground(layout, fonts, scale * fine, "L", (size[0] * fine, size[1] * fine))
    for item in layout.own:
        _draw(canvas, item, fonts, scale * fine)
    grey = canvas.reduce(fine) if fine > 1 else canvas
    return grey.point([255 * (level >= _BLACK_BELOW) for level in range(256)], "1")


def _draw(image: Image.Image, item: Item, fonts: Fonts, scale: float) -> None:
    if isinstance(item, Shape):
        _draw_shape(image, item, scale)
    elif isinstance(item, Text):
        _draw_text(image, item, fonts, scale)
    elif isinstance(item, Picture):
        _draw_picture(image, item, scale)


def _draw_shape(image: Image.Image, item: Shape, scale: float) -> None:
    left, top, right, bottom = (edge * scale for edge in item.path.bounds())
    # What reaches over the edge is cut off here, so that a bleed costs nothing.
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1, y1 = min(image.width, math.ceil(right)), min(image.height, math.ceil(bottom))
    if x1 <= x0 or y1 <= y0:
        return
    corners = [
        [(math.floor(x * scale * _SUPERSAMPLING), math.floor(y * scale * _SUPERSAMPLING)) for x, y in contour]
        for contour in item.path.polygons(tolerance=0.05 / scale)
    ]
    rows = max(1, _MASK_PIXELS // ((x1 - x0) * _SUPERSAMPLING**2))
    for top in range(y0, y1, rows):  # in strips: the whole mask of a large sticker would take 50 MB
        mask = _mask(corners, x0, top, x1, min(y1, top + rows))
        image.paste(item.fill, (x0, top), mask)


def _mask(corners: list[list[tuple[int, int]]], left: int, top: int, right: int, bottom: int) -> Image.Image:
    """How much of each dot of the picture's part a shape covers; `corners` of its contours are in finer dots."""
    fine = _SUPERSAMPLING
    x0, y0, width, height = left * fine, top * fine, (right - left) * fine, (bottom - top) * fine
    mask = Image.new("L", (width, height), 0)
    for contour in corners:
        xs, ys = [x - x0 for x, _ in contour], [y - y0 for _, y in contour]
        box = (
            max(0, min(xs)),
            max(0, min(ys)),
            min(width, max(xs) + 1),
            min(height, max(ys) + 1),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            continue
        layer = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
        points = [(x - box[0], y - box[1]) for x, y in zip(xs, ys, strict=True)]
        ImageDraw.Draw(layer).polygon(points, fill=255)
        # Of black and white the difference is exclusive or, that is even-odd.
        mask.paste(ImageChops.difference(mask.crop(box), layer), box)
    return mask.reduce(fine)


@lru_cache(maxsize=8)  # opening takes 20 µs, and each open one maps five megabytes of its file
def _sized_font(path: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _draw_text(image: Image.Image, item: Text, fonts: Fonts, scale: float) -> None:
    face = fonts.face(item.weight)
    font = _sized_font(face.path, item.size * scale)
    draw = ImageDraw.Draw(image)
    turn = math.radians(item.angle)
    x, y = item.x, item.y
    for character in item.text:
        shown = character if face.has(character) else face.stand_in
        # Character by character: widths come from the layout's metrics, so all renderers agree.
        if item.angle:
            _draw_turned(image, replace(item, x=x, y=y, text=shown), face.path, scale)
        else:
            draw.text((x * scale, y * scale), shown, fill=item.fill, font=font, anchor="ls")
        step = face.advance(character) * item.size + item.tracking
        x, y = x + step * math.cos(turn), y + step * math.sin(turn)


def _draw_turned(image: Image.Image, item: Text, path: str, scale: float) -> None:
    """One character, drawn larger with its beginning in the middle of a square, turned, and made small again."""
    fine = _SUPERSAMPLING
    reach = math.ceil(1.5 * item.size * scale) + 2
    left, top = math.floor(item.x * scale) - reach, math.floor(item.y * scale) - reach
    centre = ((item.x * scale - left) * fine, (item.y * scale - top) * fine)
    mask = Image.new("L", (2 * reach * fine, 2 * reach * fine), 0)
    font = _sized_font(path, item.size * scale * fine)
    ImageDraw.Draw(mask).text(centre, item.text, fill=255, font=font, anchor="ls")
    mask = mask.rotate(-item.angle, Image.Resampling.BICUBIC, center=centre).reduce(fine)
    image.paste(item.fill, (left, top), mask)


def _draw_picture(image: Image.Image, item: Picture, scale: float) -> None:
    picture = Image.open(io.BytesIO(item.png), formats=("PNG",)).convert("RGBA")
    size = max(1, round(item.width * scale)), max(1, round(item.height * scale))
    picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    image.paste(
        picture.convert(image.mode), (round(item.x * scale), round(item.y * scale)), picture.getchannel("A")
    )


def _symbol_image(matrix: Matrix, module_px: int) -> Image.Image:
    size = matrix.size
    image = Image.new("1", (size, size), 1)
    image.putdata([0 if bit == "1" else 1 for bit in f"{matrix.bits:0{size * size}b}"])
    return image.resize((size * module_px, size * module_px), Image.Resampling.NEAREST)


def _draw_symbol(image: Image.Image, item: Symbol, dpi: float) -> None:
    scale = dpi / _MM_PER_INCH
    picture = ImageChops.invert(_symbol_image(item.matrix, max(1, module_dots(item, dpi))).convert("L"))
    spare = item.side * scale - picture.width
    place = (round(item.x * scale + spare / 2), round(item.y * scale + spare / 2))
    image.paste(0 if image.mode == "1" else item.fill, (*place,), picture)
