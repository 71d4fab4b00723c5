"""Uploads are never kept as they came: every image is decoded and written anew.

What comes out is a plain JPEG with its smaller WebP copies: no metadata (the place where a photo was taken, the phone's
number), no second content hidden behind the first, no script.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps

from webapp.core.errors import Invalid

from . import pdf, rules
from .rules import Form, Kind

# Our own limits come first (they differ by kind); Pillow's warning would end up in the server's log.
Image.MAX_IMAGE_PIXELS = max(rules.MAX_PIXELS.values())

JPEG_QUALITY = 86
WEBP_QUALITY = 80
#: What Pillow's decoders raise on broken input.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
)


@dataclass(frozen=True)
class Encoded:
    """One image ready for the store. `sizes` maps a width (None: whole) to (media type, bytes)."""

    width: int
    height: int
    sizes: dict[int | None, tuple[str, bytes]]


def encode_upload(data: bytes) -> Encoded:
    """Read an upload by its content and write it anew.

    Raises Invalid with code ``file_kind`` (not JPEG, PNG, WebP or PDF), ``file_pixels`` (too large to decode),
    ``file_locked`` (a PDF with a password) or ``file_broken`` (cut off or damaged).
    """
    kind = rules.kind_of(data[:16])
    if kind is None:
        raise Invalid("file_kind")
    if kind is Kind.PDF:
        return encode_image(pdf.first_pages(data), limit_side=False)
    return encode_image(_decode(data, kind))


def decode_picture(data: bytes) -> Image.Image:
    """The picture in an upload that is looked at and not kept: upright, RGB, its longest side at most ``MAX_SIDE``.

    Raises Invalid as :func:`encode_upload`, ``file_kind`` for a PDF as well.
    """
    kind = rules.kind_of(data[:16])
    if kind is None or kind is Kind.PDF:
        raise Invalid("file_kind")
    picture = _flat(_decode(data, kind))
    picture.thumbnail((rules.MAX_SIDE, rules.MAX_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def encode_image(image: Image.Image, *, limit_side: bool = True) -> Encoded:
    """The stored sizes of a decoded image. Joined PDF pages keep their length, they are limited page by page."""
    whole = _flat(image)
    if limit_side:
        whole.thumbnail((rules.MAX_SIDE, rules.MAX_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    photo = _saved(whole, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    result: dict[int | None, tuple[str, bytes]] = {None: ("image/jpeg", photo)}
    for width in rules.WIDTHS:
        result[width] = (Form.WEBP.media_type, _smaller(whole, width, Form.WEBP))
    return Encoded(whole.width, whole.height, result)


def smaller_copy(whole: bytes, width: int, form: Form) -> bytes:
    """A copy of a stored picture (a JPEG that we wrote) in this width; a narrower picture keeps its own."""
    with Image.open(io.BytesIO(whole), formats=["JPEG"]) as image:
        image.draft(
            "RGB", (width, width)
        )  # decodes a half or a quarter of the size, never less than asked for
        return _smaller(_flat(image), width, form)


def _smaller(image: Image.Image, width: int, form: Form) -> bytes:
    smaller = _to_width(image, width)
    if form is Form.JPEG:
        return _saved(smaller, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return _saved(smaller, "WEBP", quality=WEBP_QUALITY, method=4)


def _decode(data: bytes, kind: Kind) -> Image.Image:
    """The first frame, upright. Only the decoder of the kind that was recognised is let near the bytes."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind.value.upper()]) as image:
            if rules.too_many_pixels(kind, *image.size):
                raise Invalid("file_pixels", width=image.width, height=image.height)
            if kind is Kind.JPEG:
                image.draft("RGB", (rules.MAX_SIDE, rules.MAX_SIDE))  # decodes 1/2, 1/4 or 1/8 of the size
            image.load()
            upright = ImageOps.exif_transpose(image)
            return upright if upright is not image else image.copy()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid("file_pixels", width=0, height=0) from error
    except BROKEN as error:
        raise Invalid("file_broken") from error


def _flat(image: Image.Image) -> Image.Image:
    """RGB on white, and nothing but pixels: the new image starts without any of the old one's information."""
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        flat = Image.new("RGB", image.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
        return flat
    flat = Image.new("RGB", image.size)
    flat.paste(image.convert("RGB"))
    return flat


def _to_width(image: Image.Image, width: int) -> Image.Image:
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
