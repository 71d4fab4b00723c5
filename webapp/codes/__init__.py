"""Trust codes (放心消费诚信码): a shop's standing right to show stickers."""

from __future__ import annotations

from . import reactions

__all__ = ["reactions"]
