"""Shapes of the forms. What the values may be is the rules' and operations' business."""

from __future__ import annotations

from datetime import datetime

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from webapp.core import clock
from webapp.core.errors import Invalid

from .orders import Order
from .rules import Source
from .talks import Invitation


def instant_of(typed: str | None) -> datetime | None:
    """What a ``datetime-local`` input posted, in China's time; None when it is unreadable."""
    try:
        local = datetime.fromisoformat((typed or "").strip())
        return local.replace(tzinfo=clock.SHANGHAI) if local.tzinfo is None else None
    except ValueError:
        return None


class CaseForm(FlaskForm):
    """A proposal: `kind` "talk" or "order", and what each needs."""

    kind = StringField(default="order")
    shop = IntegerField(validators=[Optional()])
    source = StringField(default=Source.INSPECTION.value)
    source_ref = StringField()
    ground = StringField()
    facts = TextAreaField()
    public_summary = TextAreaField()
    talk_at = StringField()
    place = StringField()
    demand = TextAreaField()
    days = IntegerField(validators=[Optional()])

    @property
    def chosen_source(self) -> Source:
        """The source; raises Invalid."""
        if self.source.data not in set(Source):
            raise Invalid("oversight_source", field="source")
        return Source(self.source.data)

    def invitation(self) -> Invitation:
        """What was typed, of a talk; raises Invalid for an unknown source."""
        return Invitation(
            self.chosen_source,
            self.source_ref.data or "",
            self.ground.data or "",
            self.facts.data or "",
            self.public_summary.data or "",
            instant_of(self.talk_at.data),
            self.place.data or "",
        )

    def order(self) -> Order:
        """What was typed, of an order; raises Invalid for an unknown source."""
        return Order(
            self.chosen_source,
            self.source_ref.data or "",
            self.ground.data or "",
            self.facts.data or "",
            self.public_summary.data or "",
            self.demand.data or "",
            self.days.data,
        )


class DeedForm(FlaskForm):
    """A step on the case as seen at `version`, with what single steps need."""

    version = IntegerField(validators=[InputRequired()])
    reason = TextAreaField()
    talk_at = StringField()
    place = StringField()
    attended = StringField()
    minutes = TextAreaField()
    admonition = TextAreaField()
    days = IntegerField(validators=[Optional()])


class SayForm(FlaskForm):
    """What the merchant says: who comes, what was corrected, why more time is needed."""

    text = TextAreaField()
    days = IntegerField(validators=[Optional()])
