"""Shapes of the forms. What the values may be is the rules' and operations' business."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from webapp.core.errors import Invalid

from .operations import Draft
from .rules import ReminderKind

#: Digits of a shop's number at most.
_DIGITS = 10


class ReminderForm(FlaskForm):
    """A reminder as the officer types it; `version` only when one that is there is written differently.

    `shops`: numbers of the shops that it names, divided by anything that is no digit.
    """

    kind = StringField(default=ReminderKind.REMINDER.value)
    title = StringField()
    body = TextAreaField()
    ground = StringField()
    term_until = StringField()
    region_code = StringField()
    category = StringField()
    industry_code = StringField()
    shops = StringField()
    version = IntegerField(validators=[Optional()])

    def shop_ids(self) -> tuple[int, ...]:
        """The numbers, each once, in the order typed; raises Invalid when there is something else between them."""
        typed = (self.shops.data or "").replace("，", " ").replace("、", " ").replace(",", " ").split()
        if not all(one.isascii() and one.isdigit() and len(one) <= _DIGITS for one in typed):
            raise Invalid("reminder_shop", field="shops")
        return tuple(dict.fromkeys(map(int, typed)))

    def draft(self) -> Draft:
        """What was typed; raises Invalid for an unknown kind, an unreadable day or shop number."""
        if self.kind.data not in set(ReminderKind):
            raise Invalid("reminder_kind", field="kind")
        try:
            term_until = date.fromisoformat(self.term_until.data or "")
        except ValueError:
            term_until = None
        return Draft(
            kind=ReminderKind(self.kind.data),
            title=self.title.data or "",
            body=self.body.data or "",
            region_code=self.region_code.data or "",
            ground=self.ground.data or "",
            term_until=term_until,
            category=self.category.data or None,
            industry_code=self.industry_code.data or None,
            shop_ids=self.shop_ids(),
        )


class StepForm(FlaskForm):
    """A step on the reminder as seen at `version`."""

    reason = TextAreaField()
    version = IntegerField(validators=[InputRequired()])
