"""Licences: states and what is required (pure)."""

from __future__ import annotations

import enum
from datetime import date


class LicenceState(enum.StrEnum):
    """Whether an officer has checked the licence."""

    STATED = "stated"  # the merchant says so
    VERIFIED = "verified"
    REFUSED = "refused"


class Validity(enum.StrEnum):
    """A licence on a day."""

    VALID = "valid"
    ENDING = "ending"  # ends within the notice period
    EXPIRED = "expired"
    NOT_YET = "not_yet"


def validity(valid_from: date | None, valid_until: date | None, today: date, notice_days: int) -> Validity:
    """The validity on `today`; no `valid_until` means long-term (长期). The last day still counts as valid."""
    if valid_from is not None and today < valid_from:
        return Validity.NOT_YET
    if valid_until is None:
        return Validity.VALID
    if today > valid_until:
        return Validity.EXPIRED
    return Validity.ENDING if (valid_until - today).days <= notice_days else Validity.VALID
