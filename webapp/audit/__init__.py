"""The audit trail: who did what, old value, new value, reason."""

from __future__ import annotations

from .operations import record

__all__ = ["record"]
