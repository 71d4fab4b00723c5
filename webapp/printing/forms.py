"""The shape of what is chosen for a print job and for a link. What is wrong with the content, the operation says."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from webapp.core.errors import Invalid
from webapp.merchants.models import Category
from webapp.stickers.forms import small_number
from webapp.stickers.rules import StickerPlace

from .rules import BLEED_MM, CHAIN_LONGEST, LANGUAGES, TEMPLATES, FileForm, Make, Wanted

#: Everything that an address or the ordering form carries.
FIELDS = (
    "post",
    "operator",
    "district",
    "category",
    "since",
    "place",
    "chain",
    "new",
    "shop",
    "template",
    "language",
    "form",
    "bleed",
)


class OrderForm(FlaskForm):
    """The choices come in hidden fields; `order_key` marks this showing of the page."""

    order_key = HiddenField()


class LinkForm(FlaskForm):
    """A link for a print shop."""

    recipient = StringField()
    downloads = StringField(default="1")
    days = StringField(default="7")


def wanted_from(given: Any) -> Wanted:
    """The filters out of an address's or a form's values. Raises Invalid for a day that cannot be read."""
    district = _text(given, "district")
    shop = _text(given, "shop")
    return Wanted(
        region=district if district.isascii() and district.isdigit() else "",
        category=_known(given, "category", {known.value for known in Category}),
        since=_day(_text(given, "since")),
        place=_known(given, "place", {known.value for known in StickerPlace}),
        chain=_text(given, "chain")[:CHAIN_LONGEST],
        only_new=_text(given, "new") != "0",
        shop_id=(small_number(shop) or 0) if shop else None,
    )


def make_from(given: Any) -> Make:
    """How the file is made. Without a template, the one of the chosen place; nonsense becomes the usual choice."""
    place = _known(given, "place", {known.value for known in StickerPlace})
    template = _known(given, "template", set(TEMPLATES)) or place or TEMPLATES[0]
    return Make(
        template=template,
        language=_known(given, "language", set(LANGUAGES)) or LANGUAGES[0],
        form=FileForm(_known(given, "form", {known.value for known in FileForm}) or FileForm.SHEETS.value),
        bleed=BLEED_MM if _text(given, "bleed") == "1" else 0,
    )


def carried(given: Any) -> dict[str, str]:
    """The choices as they came, to be sent on with the order and to the preview."""
    return {name: _text(given, name) for name in FIELDS if _text(given, name)}


def number(given: Any, name: str) -> int:
    """A whole number as typed, 0 for anything else."""
    return small_number(_text(given, name)) or 0


def _text(given: Any, name: str) -> str:
    return (given.get(name) or "").strip()


def _known(given: Any, name: str, known: set[str]) -> str:
    text = _text(given, name)
    return text if text in known else ""


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("day_unreadable", field="since") from None
