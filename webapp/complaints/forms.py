"""Shapes of the complaint forms. What is wrong is said in words by the view; typed texts stay as they were typed."""

from __future__ import annotations

from datetime import date

from flask import request
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.core.errors import Invalid
from webapp.files.staging import Staged
from webapp.web import typed

from . import rules
from .models import Demand
from .settlement import Terms


class ReceiptForm(FlaskForm):
    """Looking a complaint up: by its receipt, or by its number and code word."""

    class Meta:
        csrf = False  # it changes nothing

    receipt = StringField()
    number = StringField()
    word = StringField()


class SayingForm(FlaskForm):
    """What is said along a step. `version` is that of the page on which the person decided."""

    text = TextAreaField()
    version = IntegerField(validators=[Optional()])

    @property
    def said(self) -> str:
        """The words as they will be kept."""
        return typed.lines(self.text.data)


class OfferForm(SayingForm):
    """A merchant's offer: what, how much, by when, who signs."""

    demand = StringField()
    amount = StringField()
    perform_by = StringField()
    signer = StringField()

    def terms(self) -> Terms:
        """What is offered. Raises Invalid for what cannot be read."""
        if self.demand.data not in list(Demand):
            raise Invalid("choose_demand", field="demand")
        try:
            amount = rules.read_yuan(self.amount.data or "")
        except ValueError:
            raise Invalid("amount_wrong", field="amount") from None
        try:
            day = date.fromisoformat(typed.line(self.perform_by.data))
        except ValueError:
            raise Invalid("day_unreadable", field="perform_by") from None
        return Terms(Demand(self.demand.data or ""), amount, self.said, day, typed.line(self.signer.data))


class AnswerForm(SayingForm):
    """The merchant's answer. `do` "insert" puts the text that `template` names into the field and sends nothing."""

    do = StringField()
    template = StringField()


class TemplateForm(FlaskForm):
    """A text that is used again, and what it is called."""

    title = StringField()
    text = TextAreaField()

    @property
    def named(self) -> str:
        """The title as it will be kept."""
        return typed.line(self.title.data)

    @property
    def said(self) -> str:
        """The words as they will be kept."""
        return typed.lines(self.text.data)


class SigningForm(SayingForm):
    """The consumer's answer to an offer: `offer` is its number, `name` the signature."""

    class Meta:
        csrf = False

    offer = IntegerField(validators=[Optional()])
    name = StringField()


class HandlingForm(SayingForm):
    """How the handling was: one to five stars, perhaps with words."""

    class Meta:
        csrf = False

    stars = IntegerField(validators=[Optional()])


class DecisionForm(SayingForm):
    """An officer's decision: `ground` is a code of the law's catalogue, `handler` the office of a transfer."""

    ground = StringField()
    handler = StringField()


class ConsumerSayingForm(SayingForm):
    """The same on the follow-up page: who knows the receipt may act, so there is no other token."""

    class Meta:
        csrf = False


def lost_photos(photos: Staged) -> list[Invalid]:
    """An error when photos that the form said to have did not come back (no cookies, or two days later)."""
    kept = set(request.form.getlist("photos_kept")) - set(request.form.getlist("photos_drop"))
    lost = kept - {staged.token for staged in photos.files}
    return [Invalid("photos_lost", field="photos")] if lost else []
