"""The shape of what officers give. What is wrong with the content, the operation says."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from webapp.core.errors import Invalid
from webapp.web.words import label

from .rules import RESTORE_REASONS


class Versioned(FlaskForm):
    """A form that says which version of the code its page showed."""

    version = HiddenField()
    reason = TextAreaField()

    @property
    def seen_version(self) -> int:
        """The version; -1, which none has, when it is missing or mangled."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    @property
    def words(self) -> str:
        """The reason in words."""
        return (self.reason.data or "").strip()


class GroundForm(Versioned):
    """A ground of the catalogue and the reason in words: suspending, proposing to revoke."""

    ground = StringField()


class RestoreForm(GroundForm):
    """Ending a ground: why, of the catalogue, and more in words."""

    because = StringField()

    @property
    def words(self) -> str:
        """Both as one text. Raises Invalid when nothing was chosen, or ``other`` without words."""
        chosen, more = self.because.data or "", (self.reason.data or "").strip()
        if chosen not in RESTORE_REASONS:
            raise Invalid("restore_reason", field="because")
        if chosen == "other":
            return more  # the operation asks for it when it is empty
        return "：".join(filter(None, (label(f"code.restore.{chosen}"), more)))


class DecisionForm(Versioned):
    """The second person's answer: ``confirm`` or ``refuse``."""

    outcome = StringField()
