"""Shapes of input."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField


class PhoneForm(FlaskForm):
    """A phone, then the code that was sent to it. `asked` is the signed word about it."""

    asked = HiddenField()
    phone = StringField()
    code = StringField()
