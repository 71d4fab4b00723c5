"""The shape of what a shop and an officer say about a task."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField


class AnswerForm(FlaskForm):
    """A step on the task as the page showed it: `reason` is a code from a shop, words from an officer."""

    reason = StringField()
    note = TextAreaField()
    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version that the page showed; a mangled one is one that no task has."""
        text = (self.version.data or "").strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
