"""The receipt strip for thermal printers: 384 dots wide, eight a millimetre (203.2 dpi), as PNG or ESC/POS bytes."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageChops

from qrservice.drawing import Layout
from qrservice.fonts import Fonts
from qrservice.render_png import render_image

DPI: Final = 203.2
DOTS: Final = 384
_TAIL: Final = 32  # rows of paper after the last line: 4 mm
_MARGIN: Final = 40  # dots that the printer does not reach, on each side of 58 mm
_BAND: Final = 256  # rows a command: small printers have little memory
_RESET: Final = b"\x1b@"
_FEED_AND_CUT: Final = b"\x1bd\x04\x1dV\x42\x00"


def receipt_image(layout: Layout, fonts: Fonts) -> Image.Image:
    """One bit a dot, down to a little after the last line: what follows would be blank paper.

    Raises ValueError for a layout that is not made for these printers, WouldNotScan, FontRefused.
    """
    image = render_image(layout, fonts, DPI)
    if not layout.mono or image.width != DOTS + 2 * _MARGIN:
        raise ValueError(f"{layout.template!r} is not a strip of 58 mm")
    drawn = ImageChops.invert(image.convert("L")).getbbox()
    bottom = image.height if drawn is None else min(image.height, drawn[3] + _TAIL)
    return image.crop((_MARGIN, 0, _MARGIN + DOTS, bottom))


def receipt_png(layout: Layout, fonts: Fonts) -> bytes:
    """The dots as a one-bit PNG for a till's own software. Raises what `receipt_image` raises."""
    buffer = io.BytesIO()
    receipt_image(layout, fonts).save(buffer, "PNG", dpi=(DPI, DPI), optimize=True)
    return buffer.getvalue()


def receipt_escpos(layout: Layout, fonts: Fonts, *, cut: bool = True) -> bytes:
    """The dots as raster commands (`GS v 0`) of ESC/POS, to be sent to the printer as they are; then the paper is fed
    and, with `cut`, cut. Raises what `receipt_image` raises.
    """
    black = ImageChops.invert(receipt_image(layout, fonts).convert("L")).convert(
        "1", dither=Image.Dither.NONE
    )
    parts = [_RESET]
    for top in range(0, black.height, _BAND):
        band = black.crop((0, top, DOTS, min(top + _BAND, black.height)))
        head = b"\x1dv0\x00" + (DOTS // 8).to_bytes(2, "little") + band.height.to_bytes(2, "little")
        parts.append(head + band.tobytes())
    parts.append(_FEED_AND_CUT if cut else b"\n")
    return b"".join(parts)
