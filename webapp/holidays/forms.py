"""The shape of what administrators give. What is wrong with the content, reading and rules say."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField

from webapp.core.errors import Invalid
from webapp.web import typed

from . import reading
from .reading import Reading
from .rules import NUMBER_LONGEST, TITLE_LONGEST, URL_LONGEST, Draft

FILE_MOST = 200_000  # bytes: a notice has two pages
_DIGITS = 4


class NoticeForm(FlaskForm):
    """A notice as pasted or uploaded; `seen` is the number of the year's newest entry when it was previewed."""

    year = StringField()
    title = StringField()
    number = StringField()
    url = StringField()
    text = TextAreaField()
    file = FileField()
    seen = StringField()

    def take_file(self) -> None:
        """Put an uploaded file's text into the field, so that it is seen and sent again. Raises Invalid."""
        if not self.file.data or not self.file.data.filename:
            return
        data = self.file.data.read(FILE_MOST + 1)
        if len(data) > FILE_MOST:
            raise Invalid("holiday_file", field="file")
        self.text.data = reading.decode(data)

    def draft(self) -> tuple[Draft, Reading]:
        """What was typed, read. Raises Invalid with the field."""
        year = _number(self.year.data)
        if year is None:
            raise Invalid("holiday_year_missing", field="year")
        found = reading.read(typed.lines(self.text.data), year)
        draft = Draft(
            found.notice,
            typed.line(self.title.data, TITLE_LONGEST + 1),
            typed.line(self.number.data, NUMBER_LONGEST + 1) or found.number,
            typed.line(self.url.data, URL_LONGEST + 1),
        )
        return draft, found

    @property
    def revision(self) -> int:
        """`seen` as a number; 0 when it was mangled, which nobody's confirmation survives but the first."""
        return _number(self.seen.data) or 0


class WithdrawForm(FlaskForm):
    """Why an entry is taken back."""

    reason = TextAreaField()


def _number(text: str | None) -> int | None:
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= _DIGITS else None
