"""A pass opens one tip's follow-up page for a while, for who proved its phone or named its number and code word."""

from __future__ import annotations

from flask import url_for

from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.web import passes

from . import queries
from .models import Tip

_KIND = "tips"


def by_phone(tip: Tip) -> str:
    """A pass for who proved `reporter_phone`; it ends when another phone stands in the record."""
    return passes.make(_KIND, tip.id, tip.reporter_phone_hash)


def read(typed: str) -> Tip | None:
    """The tip that a pass opens, or None: too old, not ours, or what it was given for has changed."""
    if (found := passes.read(_KIND, typed)) is None:
        return None
    tip_id, held = found
    tip = db.session.get(Tip, tip_id)
    return tip if tip is not None and held in {tip.reporter_phone_hash, tip.code_word_hash} else None


def address_by_code_word(number: str, digest: str) -> str | None:
    """Slot ``lookup.code_word``: the page of the tip with this number, if the code word (its hash) is its own."""
    tip = queries.by_code_word(number, digest)
    return None if tip is None else url_for("tips.follow", receipt=passes.make(_KIND, tip.id, digest))


def address_by_receipt(receipt: str) -> str | None:
    """Slot ``lookup.receipt``: the page of the tip that this receipt opens, or None."""
    try:
        queries.by_receipt(receipt)
    except NotFound:
        return None
    return url_for("tips.follow", receipt=receipt)
