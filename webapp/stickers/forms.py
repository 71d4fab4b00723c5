"""The shape of what merchants and officers give. What is wrong with the content, the operation says."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from webapp.core.errors import Invalid

from .rules import AT_ONCE_MAX, SPOT_LONGEST, StickerPlace, parse_spots


def small_number(text: str | None) -> int | None:
    """A whole number as typed, None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class MoreForm(FlaskForm):
    """More stickers: where they hang, their labels or how many; `known` is the highest serial that the page showed."""

    place = StringField()
    spots = StringField()
    count = StringField(default="1")
    known = HiddenField()

    def wanted(self) -> tuple[StickerPlace, tuple[str, ...], int, int]:
        """(place, labels, count, known serial); with labels, the count is theirs.

        Raises Invalid for a place that there is not, and for labels that cannot be read or printed; a mangled number is
        0 or -1.
        """
        try:
            place = StickerPlace(self.place.data or "")
        except ValueError:
            raise Invalid("sticker_place", field="place") from None
        spots = parse_spots(self.spots.data or "")
        if spots is None:
            raise Invalid("sticker_spots", field="spots", most=AT_ONCE_MAX, longest=SPOT_LONGEST)
        known = small_number(self.known.data)
        count = len(spots) or small_number(self.count.data) or 0
        return place, spots, count, -1 if known is None else known


class EndForm(FlaskForm):
    """Why a sticker is made anew, is gone, or is suspended."""

    reason = StringField()
    note = StringField()
