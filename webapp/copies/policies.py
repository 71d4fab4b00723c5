"""The copy alarms' numbers as they are in force on a day."""

from __future__ import annotations

from datetime import date

from webapp.core import policy

from .rules import POLICIES, Limits


def limits_on(day: date) -> Limits:
    """The values in force on `day`; raises NoPolicy when one has none."""
    values = policy.get_ints(POLICIES, day)
    return Limits(**{key.removeprefix("copy."): value for key, value in values.items()})
