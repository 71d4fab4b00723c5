"""The code word that belongs to a receipt, for both kinds of record."""

from __future__ import annotations

from webapp.complaints.code_words import of_receipt
from webapp.core import receipts

__all__ = ["of_receipt", "said"]


def said(receipt: str) -> str | None:
    """Slot ``lookup.word``: the code word of a receipt as shown; None for what is none (a pass)."""
    tidy = receipts.tidy(receipt)
    return of_receipt(tidy) if tidy is not None else None
