"""Shapes of the merchant's forms. Texts stay as typed until they are read, so that they can be shown again."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import Optional

from webapp.core.errors import Invalid
from webapp.core.identifiers import format_phone, normalise
from webapp.web import typed
from webapp.web.errors import message_of
from webapp.web.words import label

from . import rules
from .models import Shop

Errors = dict[str, str]


class MallForm(FlaskForm):
    """What the office enters of a mall."""

    name = StringField()
    region_code = StringField()
    address = StringField()
    version = IntegerField(validators=[Optional()])

    @property
    def named(self) -> str:
        """The name as it will be kept."""
        return typed.line(self.name.data)

    @property
    def county(self) -> str:
        """The county's code as chosen."""
        return typed.line(self.region_code.data)[:6]

    @property
    def place(self) -> str:
        """The address as it will be kept."""
        return typed.line(self.address.data)


class MallTimeForm(FlaskForm):
    """Hours for the first answer, from which day on, by which paper."""

    industry = StringField()
    hours = StringField()
    begins = StringField()
    source = StringField()

    @property
    def count(self) -> int | None:
        """The hours, or None for what is no whole number."""
        text = normalise(self.hours.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None

    @property
    def day(self) -> date | None:
        """The first day, or None for what is no day."""
        try:
            return date.fromisoformat(typed.line(self.begins.data))
        except ValueError:
            return None

    @property
    def paper(self) -> str:
        """Who says so."""
        return typed.line(self.source.data)


class MallShopForm(FlaskForm):
    """A shop by its number."""

    shop = StringField()

    @property
    def number(self) -> int:
        """The number; 0, which no shop has, for what is none."""
        text = normalise(self.shop.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0


class ContactForm(FlaskForm):
    """The public telephone and the opening hours: one line for every day, or a line a day."""

    phone = StringField()
    pattern = StringField(default="same")  # "same", or "days" for a line a day
    same = StringField()
    day_1 = StringField()
    day_2 = StringField()
    day_3 = StringField()
    day_4 = StringField()
    day_5 = StringField()
    day_6 = StringField()
    day_7 = StringField()
    version = IntegerField(validators=[Optional()])

    @property
    def days(self) -> list[Any]:
        """The fields of the seven days, Monday first."""
        return [self[f"day_{day}"] for day in rules.DAYS]

    def checked(self) -> tuple[dict[str, Any], Errors]:
        """Values for ``edit_shop`` and what is wrong, by field."""
        errors: Errors = {}
        names = ["same"] * 7 if self.pattern.data != "days" else [f"day_{day}" for day in rules.DAYS]
        hours: rules.Hours = {}
        for day, name in zip(rules.DAYS, names, strict=True):
            try:
                hours[day] = rules.read_spans(self[name].data or "")
            except Invalid as error:
                errors[name] = message_of(error)
        if not errors and not any(hours.values()):
            errors[names[0]] = label("error.shop_hours_missing")
        if not (self.phone.data or "").strip():
            errors["phone"] = label("error.shop_phone_empty")
        return {"opening_hours": hours, "phone": self.phone.data or ""}, errors


def contact_data(shop: Shop) -> dict[str, Any]:
    """What the contact form shows of a shop."""
    lines = {day: rules.spans_text(shop.opening_hours.get(day, [])) for day in rules.DAYS}
    same = len(set(lines.values())) == 1
    return {
        "phone": format_phone(shop.phone),
        "pattern": "same" if same else "days",
        "same": lines["1"],
        "version": shop.version,
        **{f"day_{day}": line for day, line in lines.items()},
    }


class PhotosForm(FlaskForm):
    """Storefront photos: new ones, or one to take away or to put first."""

    remove = IntegerField(validators=[Optional()])
    first = IntegerField(validators=[Optional()])


class InviteForm(FlaskForm):
    """The mobile number of somebody who shall act for the operator."""

    phone = StringField()


class PlainForm(FlaskForm):
    """A button with nothing but its token."""
