"""The shape of an inspection as it is typed."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from .rules import Facts


class InspectionForm(FlaskForm):
    """One inspection."""

    inspected_on = DateField(validators=[Optional()])
    kind = StringField()
    result = StringField()
    number = StringField()
    summary = TextAreaField()
    note = TextAreaField()

    def facts(self) -> Facts:
        """What the operation takes."""
        return Facts(
            self.inspected_on.data,
            self.kind.data or "",
            self.result.data or "",
            self.number.data or "",
            self.summary.data or "",
            self.note.data or "",
        )


class WithdrawForm(FlaskForm):
    """Why it is withdrawn, of the version that the page showed."""

    reason = TextAreaField()
    version = IntegerField(validators=[InputRequired()])


class FileForm(FlaskForm):
    """A file; read by the operation."""
