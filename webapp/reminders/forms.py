"""Shapes of the forms. What the values may be is the rules' and operations' business."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from webapp.core.errors import Invalid

from .operations import Draft
from .rules import ReminderKind


class ReminderForm(FlaskForm):
    """A reminder as the officer types it; `version` only when a published one is revised."""

    kind = StringField(default=ReminderKind.REMINDER.value)
    title = StringField()
    body = TextAreaField()
    region_code = StringField()
    category = StringField()
    industry_code = StringField()
    shop = IntegerField(validators=[Optional()])
    version = IntegerField(validators=[Optional()])

    def draft(self) -> Draft:
        """What was typed; raises Invalid for an unknown kind or an unreadable shop number."""
        if self.kind.data not in set(ReminderKind):
            raise Invalid("reminder_kind", field="kind")
        if self.shop.errors or (self.shop.raw_data and self.shop.raw_data[0] and self.shop.data is None):
            raise Invalid("reminder_shop", field="shop")
        return Draft(
            kind=ReminderKind(self.kind.data),
            title=self.title.data or "",
            body=self.body.data or "",
            region_code=self.region_code.data or "",
            category=self.category.data or None,
            industry_code=self.industry_code.data or None,
            shop_id=self.shop.data,
        )


class WithdrawForm(FlaskForm):
    """Taking back the reminder as seen at `version`."""

    reason = TextAreaField()
    version = IntegerField(validators=[InputRequired()])
