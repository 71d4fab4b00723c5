"""Shapes of the office's forms on a tip."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.web import typed


class SayingForm(FlaskForm):
    """What is said along a step. `version` is that of the page on which the person decided."""

    text = TextAreaField()
    version = IntegerField(validators=[Optional()])

    @property
    def said(self) -> str:
        """The words as they will be kept."""
        return typed.lines(self.text.data)


class DecisionForm(SayingForm):
    """An officer's decision: `ground` of the catalogue, `handler` the office of a transfer, `addressee` one outside."""

    ground = StringField()
    handler = StringField()
    addressee = StringField()
