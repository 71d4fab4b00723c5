"""Tips (举报): leads on a violation, verified on a clock of their own; a named reporter is told the outcome."""

from __future__ import annotations

__all__: list[str] = []
