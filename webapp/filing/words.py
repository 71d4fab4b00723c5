"""The code word that belongs to a receipt, for both kinds of record."""

from __future__ import annotations

from typing import Any

from webapp.complaints.code_words import of_receipt
from webapp.core import receipts

__all__ = ["of_receipt", "said"]


def symbol(address: str) -> tuple[int, str]:
    """The QR symbol (ISO/IEC 18004, level M) of an address: modules a side, and the SVG path of the dark ones."""
    from qrcode import QRCode, constants  # noqa: PLC0415 - most processes print no paper

    code: Any = QRCode(error_correction=constants.ERROR_CORRECT_M, border=0)
    code.add_data(address.encode("ascii"), optimize=0)
    code.make(fit=True)
    dark = ((x, y) for y, row in enumerate(code.modules) for x, module in enumerate(row) if module)
    return len(code.modules), "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)


def said(receipt: str) -> str | None:
    """Slot ``lookup.word``: the code word of a receipt as shown; None for what is none (a pass)."""
    tidy = receipts.tidy(receipt)
    return of_receipt(tidy) if tidy is not None else None
