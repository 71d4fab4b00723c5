"""A pass opens one complaint's follow-up page for a while, in place of the receipt.

It is given to somebody who proved the phone that was left in the complaint, or who named its number and code word.
"""

from __future__ import annotations

from webapp.core.db import db
from webapp.web import passes
from webapp.web.passes import LIFETIME, PREFIX

from .models import Complaint

__all__ = ["LIFETIME", "PREFIX", "by_code_word", "by_phone", "read"]
_KIND = "complaints"


def by_phone(complaint: Complaint) -> str:
    """A pass for who proved `contact_phone`; it ends when another phone stands in the record."""
    return passes.make(_KIND, complaint.id, complaint.contact_phone_hash)


def by_code_word(complaint: Complaint) -> str:
    """A pass for who named the number and the code word."""
    return passes.make(_KIND, complaint.id, complaint.code_word_hash)


def read(typed: str) -> Complaint | None:
    """The complaint that a pass opens, or None: too old, not ours, or what it was given for has changed."""
    if (found := passes.read(_KIND, typed)) is None:
        return None
    complaint_id, held = found
    complaint = db.session.get(Complaint, complaint_id)
    known = complaint is not None and held in {complaint.contact_phone_hash, complaint.code_word_hash}
    return complaint if known else None
