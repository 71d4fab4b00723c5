"""Shapes of the forms. What the values may be is the rules' business."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired

from webapp.core.errors import Invalid

from .rules import Colour


def day_of(text: str, field: str) -> date | None:
    """The day that a date input posted, None when it is empty; raises Invalid."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("listing_date", field=field) from None


class ProposalForm(FlaskForm):
    """A proposal. `colour` and `ground` are codes, `term_until` is YYYY-MM-DD or empty."""

    shop = IntegerField(validators=[InputRequired()])
    colour = StringField()
    ground = StringField()
    evidence = TextAreaField()
    public_summary = TextAreaField()
    term_until = StringField()

    @property
    def chosen_colour(self) -> Colour:
        """The colour; raises Invalid."""
        if self.colour.data not in set(Colour):
            raise Invalid("listing_colour", field="colour")
        return Colour(self.colour.data)

    @property
    def term(self) -> date | None:
        """The last day of the term; raises Invalid."""
        return day_of(self.term_until.data or "", "term_until")


class ReasonForm(FlaskForm):
    """A decision on the entry as seen at `version`."""

    reason = TextAreaField()
    version = IntegerField(validators=[InputRequired()])


class CaseForm(FlaskForm):
    """What the merchant says: before publication, beside the entry, in an appeal or a request for repair."""

    text = TextAreaField()
