"""Disclosure (公示): public figures of complaints, and single cases with the consumer's consent, scrubbed."""

from __future__ import annotations

__all__: list[str] = []
