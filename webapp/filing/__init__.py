"""Filing: the one form from which a complaint, a tip or both come, without an account."""

from __future__ import annotations

__all__: list[str] = []
