"""Shapes of the onboarding's forms. Errors are word keys (``error.<code>``); labels stand in the templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, ValidationError
from wtforms.validators import Optional

from webapp.core.errors import Invalid
from webapp.core.identifiers import check_uscc, format_phone
from webapp.merchants import rules as merchant_rules
from webapp.merchants.models import Shop
from webapp.web.errors import message_of
from webapp.web.words import label

from . import onboarding_rules as rules
from .onboarding_rules import Spans

Errors = dict[str, str]


class UsccForm(FlaskForm):
    """The first question: which operator."""

    uscc = StringField()

    def checked(self) -> tuple[str, Errors]:
        """The normalised code, and what is wrong with it in words."""
        check = check_uscc(self.uscc.data or "")
        if check.ok:
            return check.text, {}
        words = label(
            f"error.uscc_{check.error}",
            length=check.length,
            position=check.position,
            character=check.character,
        )
        return check.text, {"uscc": words}


class ClaimForm(FlaskForm):
    """“This is my shop”: the legal representative's name as proof."""

    representative = StringField()


class NameForm(FlaskForm):
    """A shop's name. `like` is the number of another shop to copy from."""

    name = StringField()
    branch = StringField()
    like = IntegerField(validators=[Optional()])
    version = IntegerField(validators=[Optional()])


class PlaceForm(FlaskForm):
    """Where the shop is. Numbers stay texts until they are read, so that what was typed is shown again."""

    region_code = StringField()
    address = StringField()
    lat = StringField()
    lng = StringField()
    version = IntegerField(validators=[Optional()])

    def checked(self) -> tuple[dict[str, Any], Errors]:
        """Values for ``edit_shop`` and what is wrong."""
        errors: Errors = {}
        code = (self.region_code.data or "").strip()
        if len(code) != rules.STREET_CODE_LENGTH:
            errors["region_code"] = label("error.street_required")
        if not (self.address.data or "").strip():
            errors["address"] = label("error.address_required")
        degrees = [_degrees(field.data) for field in (self.lat, self.lng)]
        if None in degrees:
            errors["lat"] = label("error.position_required")
        values = {
            "region_code": code,
            "address": self.address.data or "",
            "latitude": degrees[0],
            "longitude": degrees[1],
        }
        return values, errors


def _degrees(text: str | None) -> float | None:
    try:
        return float((text or "").strip())
    except ValueError:
        return None


class TradeForm(FlaskForm):
    """What line of business."""

    industry_code = StringField()
    version = IntegerField(validators=[Optional()])


class HoursForm(FlaskForm):
    """When it is open, and the public telephone. The week is read beside it (``day-1`` … ``day-7``)."""

    pattern = StringField(default="every_day")
    opens = StringField()
    closes = StringField()
    opens_again = StringField()
    closes_again = StringField()
    phone = StringField()
    version = IntegerField(validators=[Optional()])

    def checked(self, posted: Mapping[str, str]) -> tuple[dict[str, Any], Errors]:
        """Values for ``edit_shop`` and what is wrong; `posted` is the request's form."""
        errors: Errors = {}
        pattern = self.pattern.data if self.pattern.data in rules.PATTERNS else "every_day"
        by_day: dict[str, Spans] = {}
        spans: Spans = []
        if pattern == "custom":
            for day in rules.WEEKDAYS:
                try:
                    by_day[day] = merchant_rules.read_spans(posted.get(f"day-{day}", ""))
                except Invalid as error:
                    errors[f"day-{day}"] = message_of(error)
            if not errors and not any(by_day.values()):
                errors["day-1"] = label("error.hours_required")
        elif pattern != "always":
            spans, errors = self._spans()
        if not (self.phone.data or "").strip():
            errors["phone"] = label("error.phone_required")
        hours = {day: found for day, found in rules.week(pattern, spans, by_day).items() if found}
        return {"opening_hours": hours, "phone": self.phone.data or ""}, errors

    def _spans(self) -> tuple[Spans, Errors]:
        pairs = [("opens", "closes"), ("opens_again", "closes_again")]
        spans: Spans = []
        errors: Errors = {}
        for place, (first, last) in enumerate(pairs):
            ends = [(self[name].data or "").strip() for name in (first, last)]
            if not any(ends) and place:
                continue
            if not all(ends):
                errors[first if not ends[0] else last] = label("error.hours_required")
                continue
            try:
                spans += merchant_rules.read_spans("-".join(ends))
            except Invalid as error:
                errors[last] = message_of(error)
        return spans, errors


def hours_data(shop: Shop) -> dict[str, Any]:
    """What the hours form shows of a shop."""
    pattern, spans = rules.pattern_of(shop.opening_hours)
    data: dict[str, Any] = {"pattern": pattern, "phone": format_phone(shop.phone), "version": shop.version}
    if pattern not in {"always", "custom"}:
        names = (("opens", "closes"), ("opens_again", "closes_again"))
        for (first, last), (start, end) in zip(names, spans, strict=False):
            data[first], data[last] = start, "00:00" if end == "24:00" else end
    return data


class PhotosForm(FlaskForm):
    """Storefront photos: new ones, or one to take away or to put first."""

    remove = IntegerField(validators=[Optional()])
    first = IntegerField(validators=[Optional()])


class SubmitForm(FlaskForm):
    """Handing in: the merchant says that it is true."""

    declared = BooleanField()
    version = IntegerField(validators=[Optional()])

    def validate_declared(self, field: Any) -> None:
        """Nobody hands in without saying so."""
        if not field.data:
            raise ValidationError("declare_first")


class PlainForm(FlaskForm):
    """A button with nothing but its token."""

    version = IntegerField(validators=[Optional()])
