"""Shape of the form. What is wrong is said in words by the view; typed texts stay as they were typed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from webapp.complaints import rules as complaints
from webapp.complaints.models import Demand
from webapp.complaints.rules import Route, Source
from webapp.core.errors import Invalid
from webapp.core.identifiers import check_phone
from webapp.core.language import USUAL
from webapp.web import spoken, typed

from . import phones
from .operations import Stated
from .rules import Wish


@dataclass(frozen=True)
class Way:
    """How the person came to the form: the scanned serial (None: by search or a paper form)."""

    serial: int | None
    source: Source


class FilingForm(FlaskForm):
    """The one form. `submission` is the server's signed random key; `website` is left empty by people.

    `asked` and `proved` are signed words about the phone (:mod:`.phones`), `work` the solved puzzle.
    """

    class Meta:
        csrf = False  # the view asks web.samesite: it must work where cookies are refused

    submission = HiddenField()
    asked = HiddenField()
    proved = HiddenField()
    work = HiddenField()
    website = StringField()
    do = StringField()
    wish = StringField()
    topic = StringField()
    story = TextAreaField()
    demand = StringField()
    amount = StringField()
    happened_on = StringField()
    contact_phone = StringField()
    code = StringField()
    skip_code = BooleanField()
    contact_name = StringField()
    share_contact = BooleanField()
    named = BooleanField()
    route = StringField()
    consent_disclosure = BooleanField()
    consent_entrust = BooleanField()

    @property
    def told(self) -> str:
        """The story as it will be kept."""
        return typed.lines(self.story.data)

    @property
    def what(self) -> Wish:
        """What is wanted; a complaint unless said otherwise."""
        return Wish(self.wish.data) if self.wish.data in list(Wish) else Wish.COMPLAINT

    @property
    def phone(self) -> str:
        """The phone in E.164, or empty."""
        return check_phone(self.contact_phone.data or "").e164 or ""

    def stated(
        self, submission_key: str, way: Way, file_ids: list[int], now: datetime
    ) -> tuple[Stated | None, list[Invalid]]:
        """What is stated, or everything that cannot be read. The rules of content are the operations'."""
        errors: list[Invalid] = []
        if self.website.data:
            errors.append(Invalid("leave_empty", field="website"))
        if self.topic.data not in complaints.TOPICS:
            errors.append(Invalid("choose_topic", field="topic"))
        shortest, longest = complaints.STORY_LENGTH
        if not shortest <= len(self.told) <= longest:
            errors.append(Invalid("story_length", field="story", least=shortest, most=longest))
        if self.what.has_complaint and self.demand.data not in list(Demand):
            errors.append(Invalid("choose_demand", field="demand"))
        amount, happened_on, phone = self._amount(errors), self._day(errors), self._phone(errors)
        proof = phones.proof(self.proved.data or "", phone, now)
        if phone and proof is None and self.asked.data and not self.skip_code.data:
            errors.append(Invalid("prove_phone", field="code"))
        if errors:
            return None, errors
        stated = Stated(
            wish=self.what,
            submission_key=submission_key,
            topic=self.topic.data or "",
            story=self.told,
            demand=Demand(self.demand.data or "") if self.what.has_complaint else None,
            amount_fen=amount,
            happened_on=happened_on,
            name=typed.line(self.contact_name.data),
            phone=phone,
            verified_at=proof.at if proof else None,
            share_contact=bool(self.share_contact.data and phone),
            named=bool(self.named.data and self.what.has_tip),
            route=Route.AUTHORITY if self.route.data == Route.AUTHORITY else Route.SETTLE_FIRST,
            consent_disclosure=bool(self.consent_disclosure.data),
            consent_entrust=bool(self.consent_entrust.data),
            file_ids=tuple(file_ids),
            serial=way.serial,
            source=way.source,
            # An officer who enters a paper sees an office page, which says nothing of who wrote it.
            language=USUAL if way.source is Source.OFFICE else spoken.of_request(),
        )
        return stated, []

    def _amount(self, errors: list[Invalid]) -> int | None:
        try:
            return complaints.read_yuan(self.amount.data or "")
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


def new_submission() -> str:
    """A fresh random key (160 bits) for one form, signed so that only ours are taken."""
    return _signer().dumps(secrets.token_urlsafe(20))


def read_submission(signed: str | None) -> str | None:
    """The key of a form of ours, or None."""
    try:
        return str(_signer().loads(signed or ""))
    except BadData:
        return None


def _signer() -> URLSafeSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeSerializer(keys[::-1], salt="complaints.submission")
