"""The shape of what people and officers give. What is wrong with the content, rules and operations say."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from . import checking
from .checking import Fix
from .operations import Decision

#: What somebody may say of the shop before the eyes. Only the first is kept. Words: ``copy.what.<code>``.
WHAT = ("other_shop", "out_of_date", "not_there")


class ReportForm(FlaskForm):
    """「这不是这家店」: one choice. `website` is a trap for robots."""

    class Meta:
        csrf = False  # the view asks web.samesite: it must work where cookies are refused

    what = StringField()
    website = StringField()


class PositionForm(FlaskForm):
    """What the page's script puts in: a fix, or why there is none; and which of the two buttons was tapped."""

    class Meta:
        csrf = False  # as above

    latitude = HiddenField()
    longitude = HiddenField()
    accuracy = HiddenField()
    why = HiddenField()
    keep = HiddenField()

    @property
    def fix(self) -> Fix | None:
        """The position, None when there is none that can be read."""
        return checking.read_fix(
            self.latitude.data or "", self.longitude.data or "", self.accuracy.data or ""
        )

    @property
    def may_keep(self) -> bool:
        """Was the button tapped that lets the cell be kept? Anything else keeps nothing."""
        return self.keep.data == "yes"


class DecisionForm(FlaskForm):
    """An officer's step on the alarm as the page showed it."""

    reason_code = StringField()
    reason = TextAreaField()
    remedy = StringField()
    version = HiddenField()
    seen = HiddenField()

    @property
    def decision(self) -> Decision:
        """What was given; a mangled version is one that no alarm has."""
        version = (self.version.data or "").strip()
        is_number = version.isascii() and version.isdigit() and len(version) < 10
        return Decision(
            version=int(version) if is_number else -1,
            seen=_instant(self.seen.data or ""),
            reason_code=(self.reason_code.data or "").strip(),
            reason=self.reason.data or "",
            remedy=(self.remedy.data or "").strip(),
        )


def _instant(text: str) -> datetime:
    """The instant that the page wrote; one long ago for anything else, so that newer evidence is always noticed."""
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else datetime.min.replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
