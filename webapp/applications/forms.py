"""The shape of what officers give: a decision, a note, a bulk approval."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField

from webapp.core.errors import Invalid


class DecisionForm(FlaskForm):
    """One step on one application. What is wrong with the content, the operation says."""

    action = HiddenField()
    version = HiddenField()
    reason_code = StringField()
    reason = TextAreaField()
    fields = SelectMultipleField(validate_choice=False)  # of rules.FIELDS, says the operation
    deferred_until = StringField()

    @property
    def seen_version(self) -> int:
        """The version that the page was opened with; -1, which none has, when it is missing or mangled."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    @property
    def until(self) -> date | None:
        """The day of a deferral. Raises Invalid for what is no day."""
        text = (self.deferred_until.data or "").strip()
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Invalid("defer_day", field="deferred_until") from None


class NoteForm(FlaskForm):
    """An internal note."""

    text = TextAreaField()


class BulkForm(FlaskForm):
    """Many applications, each as ``number:version``, with one reason."""

    reason_code = StringField()
    reason = TextAreaField()
    chosen = SelectMultipleField(validate_choice=False)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """(number, version) of each that was ticked; mangled ones are left out."""
        found = []
        for text in self.chosen.data or []:
            number, _, version = text.partition(":")
            if all(part.isascii() and part.isdigit() and len(part) < 18 for part in (number, version)):
                found.append((int(number), int(version)))
        return found
