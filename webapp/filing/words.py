"""The code word that belongs to a receipt, for both kinds of record."""

from __future__ import annotations

from webapp.complaints.code_words import of_receipt

__all__ = ["of_receipt"]
