"""Shapes of the forms. What the values may be is the rules' and operations' business."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from .operations import Draft


class CampaignForm(FlaskForm):
    """A campaign as the officer types it; the picture is staged apart."""

    title = StringField()
    title_en = StringField()
    link = StringField()
    region_code = StringField()
    starts_on = DateField(validators=[Optional()])
    ends_on = DateField(validators=[Optional()])

    def draft(self, file_id: int | None) -> Draft:
        """What the operation takes."""
        return Draft(
            self.title.data or "",
            self.title_en.data or "",
            self.link.data or "",
            self.region_code.data or "",
            self.starts_on.data,
            self.ends_on.data,
            file_id,
        )


class DecisionForm(FlaskForm):
    """Approve, refuse or withdraw, with a reason where there must be one."""

    reason = TextAreaField()
    version = IntegerField(validators=[InputRequired()])
