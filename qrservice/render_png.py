"""A layout as a PNG at any resolution. Every module of the symbol is the same whole number of pixels."""

from __future__ import annotations

import io
import math
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFont

from qrservice.drawing import Layout, Shape, Symbol, Text
from qrservice.fonts import Fonts
from qrservice.matrix import QUIET_ZONE, Matrix

DPI_MIN, DPI_MAX = 72, 1200
_MM_PER_INCH = 25.4
_SUPERSAMPLING = 4


def sticker_png(layout: Layout, fonts: Fonts, dpi: int = 300) -> bytes:
    """The sticker as an RGB PNG that carries its resolution. Raises ValueError outside 72..1200 dpi,
    FontRefused.
    """
    buffer = io.BytesIO()
    render_image(layout, fonts, dpi).save(buffer, "PNG", dpi=(dpi, dpi), optimize=True)
    return buffer.getvalue()


def render_image(layout: Layout, fonts: Fonts, dpi: int = 300) -> Image.Image:
    """The same as a Pillow image."""
    if not DPI_MIN <= dpi <= DPI_MAX:
        raise ValueError(f"resolution must be {DPI_MIN}..{DPI_MAX} dpi, not {dpi}")
    scale = dpi / _MM_PER_INCH
    image = Image.new("RGB", (round(layout.width * scale), round(layout.height * scale)), layout.paper)
    for item in layout.items:
        if isinstance(item, Shape):
            _draw_shape(image, item, scale)
        elif isinstance(item, Text):
            _draw_text(image, item, fonts, scale)
        else:
            _draw_symbol(image, item, scale)
    return image


def symbol_png(matrix: Matrix, module_px: int = 8, quiet_zone: int = QUIET_ZONE) -> bytes:
    """Only the symbol as a one-bit PNG, `module_px` pixels a module."""
    side = (matrix.size + 2 * quiet_zone) * module_px
    image = Image.new("1", (side, side), 1)
    image.paste(_symbol_image(matrix, module_px), (quiet_zone * module_px, quiet_zone * module_px))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _draw_shape(image: Image.Image, item: Shape, scale: float) -> None:
    left, top, right, bottom = (edge * scale for edge in item.path.bounds())
    x0, y0, x1, y1 = math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
    fine = _SUPERSAMPLING
    size = ((x1 - x0) * fine, (y1 - y0) * fine)
    mask = Image.new("L", size, 0)
    for contour in item.path.polygons(tolerance=0.05 / scale):
        layer = Image.new("L", size, 0)
        points = [((x * scale - x0) * fine, (y * scale - y0) * fine) for x, y in contour]
        ImageDraw.Draw(layer).polygon(points, fill=255)
        mask = ImageChops.difference(mask, layer)  # of black and white: exclusive or, that is even-odd
    image.paste(item.fill, (x0, y0), mask.reduce(fine))


@lru_cache(maxsize=64)
def _sized_font(path: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _draw_text(image: Image.Image, item: Text, fonts: Fonts, scale: float) -> None:
    face = fonts.face(item.weight)
    font = _sized_font(face.path, item.size * scale)
    draw = ImageDraw.Draw(image)
    x = item.x
    for character in item.text:
        shown = character if face.has(character) else face.stand_in
        # Character by character: widths come from the layout's metrics, so all renderers agree.
        draw.text((x * scale, item.y * scale), shown, fill=item.fill, font=font, anchor="ls")
        x += face.advance(character) * item.size + item.tracking


def _symbol_image(matrix: Matrix, module_px: int) -> Image.Image:
    size = matrix.size
    image = Image.new("1", (size, size), 1)
    image.putdata([0 if bit == "1" else 1 for bit in f"{matrix.bits:0{size * size}b}"])
    return image.resize((size * module_px, size * module_px), Image.Resampling.NEAREST)


def _draw_symbol(image: Image.Image, item: Symbol, scale: float) -> None:
    module_px = max(1, math.floor(item.side * scale / item.matrix.size + 1e-9))
    picture = _symbol_image(item.matrix, module_px)
    spare = item.side * scale - picture.width
    image.paste(picture, (round(item.x * scale + spare / 2), round(item.y * scale + spare / 2)))
