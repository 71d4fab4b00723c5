"""The shape of what administrators give. What is wrong with the content, the operation says."""

from __future__ import annotations

from datetime import datetime

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from webapp.core import clock
from webapp.core.errors import Invalid

from .rules import Action

_NUMBER_CHARS, _LEAF_CHARS = 2, 12


class ProposalForm(FlaskForm):
    """What is to be done with which key, why, and from or since when. Times are those of China, by the minute."""

    action = StringField()
    kid = StringField()
    moment = StringField()
    leaf = StringField()
    reason = TextAreaField()

    @property
    def wanted(self) -> Action:
        """The action. Raises Invalid for another word."""
        try:
            return Action(self.action.data or "")
        except ValueError as error:
            raise Invalid("key_action") from error

    @property
    def number(self) -> int | None:
        """The key's number, None when there is none or it is mangled."""
        text = self.kid.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) <= _NUMBER_CHARS else None

    @property
    def instant(self) -> datetime | None:
        """The moment, None when nothing was typed. Raises Invalid for what is no date and time."""
        text = (self.moment.data or "").strip()
        if not text:
            return None
        try:
            return datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=clock.SHANGHAI)
        except ValueError as error:
            raise Invalid("key_moment_form", field="moment") from error

    @property
    def before_leaf(self) -> int | None:
        """How many leaves of the log are believed; people name the first that is not, counting from 1."""
        text = (self.leaf.data or "").strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and 1 <= len(text) <= _LEAF_CHARS and int(text)):
            raise Invalid("key_leaf_form", field="leaf")
        return int(text) - 1


class DecisionForm(FlaskForm):
    """The second person's answer: ``confirm`` or ``refuse``, with a reason."""

    outcome = StringField()
    reason = TextAreaField()
