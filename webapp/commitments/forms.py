"""The shape of a signature."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget


class SigningForm(FlaskForm):
    """Which pledges, and the name typed as signature. Choices are set by the view; errors are word keys."""

    chosen = SelectMultipleField(
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    name = StringField()
