"""What personal data a page can show, and why an officer may ask for it. Pure."""

from __future__ import annotations

import enum


class Seen(enum.StrEnum):
    """What of somebody was shown."""

    STATEMENT = "statement"  # what a consumer or reporter wrote
    CONTACT = "contact"  # name and telephone in full
    FILE = "file"  # photos and evidence
    LETTER = "letter"  # an official document that names people
    SIGNATURE = "signature"  # names under an agreement
    PERSON = "person"  # the natural person behind an operator
    ACCOUNT = "account"  # somebody's account
    MESSAGE = "message"  # a text message with its number
    TABLE = "table"  # a copy taken as a file


class Purpose(enum.StrEnum):
    """Why a full name and number are asked for (个人信息保护法 Art. 6: a stated, limited purpose)."""

    CALL = "call"
    SERVE = "serve"
    IDENTITY = "identity"
    OTHER = "other"


def purpose_of(typed: str) -> Purpose | None:
    """The purpose chosen, or None for what is none."""
    return Purpose(typed) if typed in {one.value for one in Purpose} else None
