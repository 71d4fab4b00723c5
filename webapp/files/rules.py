"""What an upload may be (pure): kinds by content, limits, names of the stored sizes."""

from __future__ import annotations

import enum
from typing import Final

#: Longest side of what is kept, pixels.
MAX_SIDE: Final = 2560
#: Widths of the smaller copies, pixels: a thumbnail, a card and a whole column, each also for a sharp screen.
WIDTHS: Final = (160, 320, 640, 960)
#: Pixels that are decoded at most. JPEG is decoded at a reduced size, so that a 108-megapixel phone photo may pass.
MAX_PIXELS: Final = {"jpeg": 120_000_000, "png": 40_000_000, "webp": 40_000_000}
#: Longest side that is decoded: a strip one pixel high is no photo.
MAX_LENGTH: Final = 32_000
#: Pages of a PDF that are kept.
MAX_PAGES: Final = 3


class Kind(enum.StrEnum):
    """Kinds of upload that are read. The values are Pillow's format names in lower case, and PDF."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    PDF = "pdf"


class Form(enum.StrEnum):
    """What a smaller copy is written as. The values stand in its address (``?f=``) and end its name in the store."""

    WEBP = ""
    JPEG = "j"  # for whoever knows no WebP; made when first asked for

    @property
    def media_type(self) -> str:
        """As in a ``Content-Type``."""
        return "image/webp" if self is Form.WEBP else "image/jpeg"


def kind_of(head: bytes) -> Kind | None:
    """The kind by the first bytes (16 are enough), never by name or declared type; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    return None


def too_many_pixels(kind: Kind, width: int, height: int) -> bool:
    """True when an image of this size must not be decoded."""
    return width * height > MAX_PIXELS[kind.value] or max(width, height) > MAX_LENGTH


def variant_width(asked: int | None) -> int | None:
    """The stored width for an asked one: the smallest that is enough, None for the whole image."""
    if asked is None or asked <= 0:
        return None
    return next((width for width in WIDTHS if width >= asked), None)


def widths_for(shown: int, stored: int | None) -> tuple[int, ...]:
    """The widths to offer where a picture is `shown` that many CSS pixels wide: for screens of 1 to 3 dots a pixel.

    `stored` is the whole picture's width: a copy that is no narrower is the last one offered.
    """
    first, last = variant_width(shown) or WIDTHS[-1], variant_width(3 * shown) or WIDTHS[-1]
    offered = [width for width in WIDTHS if first <= width <= last]
    kept = [width for width in offered if stored is None or width < stored]
    return tuple(offered[: len(kept) + 1])
