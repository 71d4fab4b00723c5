"""Mediation: by the authority, a service station, an ODR enterprise or people's mediation; hearings, agreement."""

from __future__ import annotations

__all__: list[str] = []
