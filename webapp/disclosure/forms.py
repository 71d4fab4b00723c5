"""Shapes of the forms. What the values may be is the rules' business."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.web import typed

from .operations import Texts


class CaseForm(FlaskForm):
    """An officer's deed on the case as seen at `version`, with the public texts and a reason where one is asked."""

    story = TextAreaField()
    outcome = TextAreaField()
    reply = TextAreaField()
    reason = TextAreaField()
    do = StringField()  # an answer to a request: grant | refuse
    version = IntegerField(validators=[Optional()])

    @property
    def texts(self) -> Texts:
        """The public texts as they will be kept."""
        return Texts(*(typed.lines(field.data) for field in (self.story, self.outcome, self.reply)))

    @property
    def why(self) -> str:
        """The reason as it will be kept."""
        return typed.lines(self.reason.data)


class SideForm(FlaskForm):
    """A side's reply or request."""

    text = TextAreaField()
    kind = StringField()

    @property
    def said(self) -> str:
        """The words as they will be kept."""
        return typed.lines(self.text.data)


class ConsumerForm(SideForm):
    """The same on the follow-up page: who knows the receipt may act, so there is no other token."""

    class Meta:
        csrf = False
