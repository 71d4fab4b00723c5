"""Clocks: deadlines of law and city, started, paused, extended, met; the same countdown for all sides.

A feature starts a clock beside its own change and asks for it by (subject, subject_id, kind). The promised due date is
stored; every move of it is an event with its reason.
"""

from __future__ import annotations

__all__: list[str] = []
