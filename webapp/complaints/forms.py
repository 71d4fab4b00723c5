"""Shapes of the complaint forms. What is wrong is said in words by the view; typed texts stay as they were typed."""

from __future__ import annotations

import secrets
from datetime import date

from flask import current_app, request
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.core.errors import Invalid
from webapp.core.identifiers import check_phone
from webapp.files.staging import Staged
from webapp.web import typed

from . import rules
from .intake import Filing
from .models import Demand


class ComplaintForm(FlaskForm):
    """The consumer's one form. `submission` is the server's signed random key; `website` is left empty by people."""

    class Meta:
        csrf = False  # the view asks web.samesite: it must work where cookies are refused

    submission = HiddenField()
    website = StringField()
    topic = StringField()
    story = TextAreaField()
    demand = StringField()
    amount = StringField()
    happened_on = StringField()
    contact_name = StringField()
    contact_phone = StringField()
    share_contact = BooleanField()

    @property
    def told(self) -> str:
        """The story as it will be kept."""
        return typed.lines(self.story.data)

    def filing(
        self, submission_key: str, serial: int | None, file_ids: list[int]
    ) -> tuple[Filing | None, list[Invalid]]:
        """What is stated, or everything that cannot be read. The rules of content are the operation's."""
        errors: list[Invalid] = []
        if self.website.data:
            errors.append(Invalid("leave_empty", field="website"))
        if self.topic.data not in rules.TOPICS:
            errors.append(Invalid("choose_topic", field="topic"))
        shortest, longest = rules.STORY_LENGTH
        if not shortest <= len(self.told) <= longest:
            errors.append(Invalid("story_length", field="story", least=shortest, most=longest))
        if self.demand.data not in list(Demand):
            errors.append(Invalid("choose_demand", field="demand"))
        amount, happened_on, phone = self._amount(errors), self._day(errors), self._phone(errors)
        if errors:
            return None, errors
        filing = Filing(
            submission_key=submission_key,
            topic=self.topic.data or "",
            story=self.told,
            demand=Demand(self.demand.data or ""),
            amount_fen=amount,
            happened_on=happened_on,
            contact_name=typed.line(self.contact_name.data),
            contact_phone=phone,
            share_contact=bool(self.share_contact.data and phone),
            file_ids=tuple(file_ids),
            sticker_serial=serial,
        )
        return filing, []

    def _amount(self, errors: list[Invalid]) -> int | None:
        try:
            return rules.read_yuan(self.amount.data or "")
        except ValueError:
            errors.append(Invalid("amount_wrong", field="amount"))
            return None

    def _day(self, errors: list[Invalid]) -> date | None:
        day = typed.line(self.happened_on.data)
        if not day:
            return None
        try:
            return date.fromisoformat(day)
        except ValueError:
            errors.append(Invalid("day_unreadable", field="happened_on"))
            return None

    def _phone(self, errors: list[Invalid]) -> str:
        check = check_phone(self.contact_phone.data or "")
        if check.error not in {None, "empty"}:
            errors.append(Invalid("contact_phone_wrong", field="contact_phone"))
        return check.e164 or ""


class ReceiptForm(FlaskForm):
    """Looking a complaint up."""

    class Meta:
        csrf = False  # it changes nothing

    receipt = StringField()


class SayingForm(FlaskForm):
    """What is said along a step. `version` is that of the page on which the person decided."""

    text = TextAreaField()
    version = IntegerField(validators=[Optional()])

    @property
    def said(self) -> str:
        """The words as they will be kept."""
        return typed.lines(self.text.data)


class DecisionForm(SayingForm):
    """An officer's decision: `ground` is a code of the law's catalogue."""

    ground = StringField()


class ConsumerSayingForm(SayingForm):
    """The same on the follow-up page: who knows the receipt may act, so there is no other token."""

    class Meta:
        csrf = False


def new_submission() -> str:
    """A fresh random key (160 bits) for one form, signed so that only ours are taken."""
    return _signer().dumps(secrets.token_urlsafe(20))


def read_submission(signed: str | None) -> str | None:
    """The key of a form of ours, or None."""
    try:
        return str(_signer().loads(signed or ""))
    except BadData:
        return None


def lost_photos(photos: Staged) -> list[Invalid]:
    """An error when photos that the form said to have did not come back (no cookies, or two days later)."""
    kept = set(request.form.getlist("photos_kept")) - set(request.form.getlist("photos_drop"))
    lost = kept - {staged.token for staged in photos.files}
    return [Invalid("photos_lost", field="photos")] if lost else []


def _signer() -> URLSafeSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeSerializer(keys[::-1], salt="complaints.submission")
