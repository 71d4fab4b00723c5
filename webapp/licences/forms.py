"""The shape of what a merchant states of a licence and of what an officer says to it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from . import rules
from .models import Licence


class LicenceForm(FlaskForm):
    """One licence. Errors are word keys (``error.<code>``); the image is taken in beside it (files.staging)."""

    number = StringField()
    scope = TextAreaField(validators=[Length(max=rules.SCOPE_LONGEST, message="licence_scope_too_long")])
    valid_from = StringField()
    valid_until = StringField()
    long_term = BooleanField()

    def validate_number(self, field: Any) -> None:
        """A number is there, and of a length that a number has."""
        if not (field.data or "").strip():
            raise ValidationError("licence_number_required")
        if len(field.data.strip()) > rules.NUMBER_LONGEST:
            raise ValidationError("licence_number_too_long")

    def validate_valid_from(self, field: Any) -> None:
        """A day, and not one of the distant past by a slip of the finger."""
        day = rules.parse_day(field.data or "")
        if day is None or day.year < 1949:
            raise ValidationError("licence_from_required")

    def validate_valid_until(self, field: Any) -> None:
        """A day that is not before the first, unless the licence has no end (长期)."""
        if self.long_term.data:
            return
        day, start = rules.parse_day(field.data or ""), self.first_day
        if day is None or rules.LAST_YEAR < day.year < rules.NO_END_YEAR:
            raise ValidationError("licence_until_required")
        if start is not None and day < start:
            raise ValidationError("licence_period")

    @property
    def first_day(self) -> date | None:
        """The first day, if what was typed is one."""
        return rules.parse_day(self.valid_from.data or "")

    @property
    def last_day(self) -> date | None:
        """The last day; None for a licence without end, also when that is written as a day of the year 9999."""
        day = None if self.long_term.data else rules.parse_day(self.valid_until.data or "")
        return None if day is not None and day.year == rules.NO_END_YEAR else day


def form_for(licence: Licence | None) -> LicenceForm:
    """The form as it was posted, or filled with what is stated already."""
    if licence is None:
        return LicenceForm()
    return LicenceForm(
        data={
            "number": licence.number,
            "scope": licence.scope,
            "valid_from": licence.valid_from.isoformat() if licence.valid_from else "",
            "valid_until": licence.valid_until.isoformat() if licence.valid_until else "",
            "long_term": bool(licence.number) and licence.valid_until is None,
        }
    )


class RefusalForm(FlaskForm):
    """Why an officer does not accept a licence."""

    reason = TextAreaField(validators=[Length(max=500, message="licence_reason_too_long")])
