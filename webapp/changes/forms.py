"""Shapes of the forms. Texts stay as typed until they are read, so that they can be shown again."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.merchants.models import Shop
from webapp.merchants.rules import STREET_DIGITS
from webapp.web.words import label

from .rules import Part

Errors = dict[str, str]


class RequestForm(FlaskForm):
    """What every request has: the merchant's words to the officer, and the shop's version as it was shown."""

    note = TextAreaField()
    version = IntegerField(validators=[Optional()])

    def checked(self) -> tuple[dict[str, Any], Errors]:
        """The stated facts and what is wrong, by field."""
        raise NotImplementedError


class NameForm(RequestForm):
    """The name over the door."""

    name = StringField()
    branch = StringField()

    def checked(self) -> tuple[dict[str, Any], Errors]:
        """The stated facts and what is wrong, by field."""
        return {"name": self.name.data or "", "branch": self.branch.data or ""}, {}


class PlaceForm(RequestForm):
    """Where the shop is. Degrees stay texts, so that what was typed is shown again."""

    region_code = StringField()
    address = StringField()
    lat = StringField()
    lng = StringField()

    def checked(self) -> tuple[dict[str, Any], Errors]:
        """The stated facts and what is wrong, by field."""
        errors: Errors = {}
        code = (self.region_code.data or "").strip()
        if len(code) != STREET_DIGITS:
            errors["region_code"] = label("error.street_required")
        if not (self.address.data or "").strip():
            errors["address"] = label("error.address_required")
        degrees = [_degrees(field.data) for field in (self.lat, self.lng)]
        if None in degrees:
            errors["lat"] = label("error.position_required")
        stated = {"region_code": code, "address": self.address.data or ""}
        return {**stated, "latitude": degrees[0], "longitude": degrees[1]}, errors


def _degrees(text: str | None) -> float | None:
    try:
        return float((text or "").strip())
    except ValueError:
        return None


class TradeForm(RequestForm):
    """The line of business; the category follows from it."""

    industry_code = StringField()

    def checked(self) -> tuple[dict[str, Any], Errors]:
        """The stated facts and what is wrong, by field."""
        code = self.industry_code.data or ""
        return {"industry_code": code}, {} if code else {"industry_code": label("error.industry_required")}


class PhotosForm(RequestForm):
    """Which of the present photos stay, and which of all comes first: a file's number, or "new"."""

    keep = SelectMultipleField(validate_choice=False)
    first = StringField()

    def kept(self, present: list[int]) -> list[int]:
        """The present photos that stay, in their order."""
        chosen = set(self.keep.data or [])
        return [number for number in present if str(number) in chosen]

    def ordered(self, kept: list[int], fresh: list[int]) -> list[int]:
        """All photos of the request, the chosen one first."""
        both = fresh + kept if self.first.data == "new" else kept + fresh
        front = [number for number in both if str(number) == self.first.data]
        return front + [number for number in both if number not in front]


FORMS: dict[Part, type[RequestForm]] = {
    Part.NAME: NameForm,
    Part.PLACE: PlaceForm,
    Part.TRADE: TradeForm,
    Part.PHOTOS: PhotosForm,
}


def shown(shop: Shop, part: Part) -> dict[str, Any]:
    """What the form of a part shows of the shop at first."""
    facts: dict[str, Any] = {"version": shop.version}
    if part is Part.NAME:
        facts |= {"name": shop.name, "branch": shop.branch}
    elif part is Part.PLACE:
        facts |= {"region_code": shop.region_code, "address": shop.address}
        facts |= {"lat": _text(shop.latitude), "lng": _text(shop.longitude)}
    elif part is Part.TRADE:
        facts |= {"industry_code": shop.industry_code}
    else:
        present = [str(photo.file_id) for photo in shop.photos]
        facts |= {"keep": present, "first": present[0] if present else "new"}
    return facts


def _text(degrees: float | None) -> str:
    return "" if degrees is None else f"{degrees:.6f}"


class PlainForm(FlaskForm):
    """A button with nothing but its token."""


class DecisionForm(FlaskForm):
    """An officer's step on a request, or the reason for hiding a photo."""

    action = HiddenField()
    version = HiddenField()
    reason_code = StringField()
    reason = TextAreaField()

    @property
    def seen_version(self) -> int:
        """The version that the page was opened with; -1, which none has, when it is missing or mangled."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
