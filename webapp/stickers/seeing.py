"""Reading the symbols in a picture that somebody uploaded to the check page, for browsers that run no script."""

from __future__ import annotations

from typing import IO

from qrservice import CodeRefused
from qrservice.examination import find_token
from webapp.files import operations as files

#: Symbols that are looked at in one picture: a sheet of stickers has four.
SYMBOLS_MAX = 20


def read_picture(stream: IO[bytes], filename: str, host: str) -> str | None:
    """The text of the symbol in a picture, one of ours before others'; None when there is no symbol.

    Raises Invalid (``file_too_big``, ``file_kind``, ``file_pixels``, ``file_broken``).
    """
    import zxingcpp  # noqa: PLC0415 - browsers with a camera read for themselves

    picture = files.look_at(stream, filename).convert("L")
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    texts = [symbol.text for symbol in found[:SYMBOLS_MAX] if symbol.text]
    return next((text for text in texts if _is_ours(text, host)), texts[0] if texts else None)


def _is_ours(text: str, host: str) -> bool:
    try:
        return bool(find_token(text, host)) and "/" in text
    except CodeRefused:
        return False
