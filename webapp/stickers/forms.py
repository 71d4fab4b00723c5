"""The shape of what merchants and officers give. What is wrong with the content, the operation says."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from webapp.core.errors import Invalid

from .queries import Wanted
from .rules import StickerPlace


def small_number(text: str | None) -> int | None:
    """A whole number as typed, None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class MoreForm(FlaskForm):
    """Another sticker: where it hangs, how many; `known` is the highest serial that the page showed."""

    place = StringField()
    count = StringField(default="1")
    known = HiddenField()

    def wanted(self) -> tuple[StickerPlace, int, int]:
        """(place, count, known serial). Raises Invalid for a place that there is not; a mangled number is 0 or -1."""
        try:
            place = StickerPlace(self.place.data or "")
        except ValueError:
            raise Invalid("sticker_place", field="place") from None
        known = small_number(self.known.data)
        return place, small_number(self.count.data) or 0, -1 if known is None else known


class EndForm(FlaskForm):
    """Why a sticker is made anew or is gone."""

    reason = StringField()
    note = StringField()


class PrintForm(FlaskForm):
    """The filters of a print run, and how many stickers its page counted."""

    district = HiddenField()
    since = HiddenField()
    place = HiddenField()
    new = HiddenField()
    shop = HiddenField()


def wanted_from(given: Any) -> Wanted:
    """The filters out of an address's or a form's values. Raises Invalid for a day that cannot be read."""
    district, place = (given.get("district") or "").strip(), (given.get("place") or "").strip()
    return Wanted(
        region=district if district.isascii() and district.isdigit() else "",
        since=_day((given.get("since") or "").strip()),
        place=place if place in {known.value for known in StickerPlace} else "",
        only_new=given.get("new", "1") != "0",
        shop_id=small_number(given.get("shop")),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("day_unreadable", field="since") from None
