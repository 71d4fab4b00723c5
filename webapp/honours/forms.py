"""Shapes of the forms. What the values may be is the rules' business."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired

from webapp.core.errors import Invalid

from .operations import Facts
from .rules import HonourKind


class HonourForm(FlaskForm):
    """A proposal: `kind` of HonourKind, `term_until` YYYY-MM-DD or empty, `days` and `chain` for return shops."""

    shop = IntegerField(validators=[InputRequired()])
    kind = StringField()
    sector = StringField()
    standard = StringField()
    days = StringField()
    chain = StringField()
    part = StringField()
    returns = StringField()
    refused = StringField()
    evidence = TextAreaField()
    terms = TextAreaField()
    term_until = StringField()

    @property
    def facts(self) -> Facts:
        """What is stated; raises Invalid for what cannot be read."""
        if self.kind.data not in set(HonourKind):
            raise Invalid("measure_kind", field="kind")
        return Facts(
            HonourKind(self.kind.data),
            terms=self.terms.data or "",
            sector=self.sector.data or None,
            standard=self.standard.data or "",
            standard_part=_number(self.part.data),
            days=_number(self.days.data),
            chain_id=_number(self.chain.data) if self.kind.data == HonourKind.CROSS_SHOP_RETURN else None,
            term_until=_day(self.term_until.data),
            returns=_number(self.returns.data),
            refused=_number(self.refused.data),
            evidence=self.evidence.data or "",
        )


class ReviewForm(FlaskForm):
    """The yearly look at a return shop's records, of the honour as seen at `version`."""

    returns = StringField()
    refused = StringField()
    note = TextAreaField()
    version = IntegerField(validators=[InputRequired()])

    @property
    def counts(self) -> tuple[int | None, int | None]:
        """Returns and refusals; None for what cannot be read."""
        return _number(self.returns.data), _number(self.refused.data)


class ChainForm(FlaskForm):
    """A chain of shops that take back each other's goods."""

    name = StringField()
    terms = TextAreaField()


class ReasonForm(FlaskForm):
    """A decision on the thing as seen at `version`."""

    reason = TextAreaField()
    version = IntegerField(validators=[InputRequired()])


class TakeForm(FlaskForm):
    """A nomination that becomes a proposal for the red list."""

    ground = StringField()
    evidence = TextAreaField()
    summary = TextAreaField()


class MeasureForm(FlaskForm):
    """A file of measures."""

    kind = StringField()
    file = FileField()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _day(text: str | None) -> date | None:
    if not (text or "").strip():
        return None
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        raise Invalid("listing_date", field="term_until") from None
