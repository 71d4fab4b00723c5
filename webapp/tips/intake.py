"""Taking a tip in. Like a complaint's, its receipt follows from the form's random key and only hashes are kept."""

from __future__ import annotations

import base64
import secrets as random
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.clocks import operations as clocks
from webapp.clocks import queries as clock_queries
from webapp.clocks.laws import Kind
from webapp.core import clock, receipts
from webapp.core.actor import CONSUMER, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.language import USUAL, Language
from webapp.core.secrets import keyed_hash
from webapp.core.signals import send, tip_filed
from webapp.files import operations as files
from webapp.merchants.queries import get_shop

from .models import Tip
from .rules import STEPS

SUBJECT = "tip"
STORY_LENGTH = (5, 2000)
_TRIES = 5


@dataclass(frozen=True)
class TipFiling:
    """What a reporter states. `named` (实名): name and phone are given, the outcome is told. Phone: E.164 or ""."""

    submission_key: str
    topic: str
    story: str
    happened_on: date | None
    named: bool
    reporter_name: str = ""
    reporter_phone: str = ""
    phone_verified_at: datetime | None = None
    file_ids: tuple[int, ...] = ()
    sticker_serial: int | None = None
    complaint_number: str | None = None
    code_word: str = ""
    language: Language = USUAL


def receipt_for(submission_key: str) -> str:
    """The receipt (20 base32 characters, 100 bits) of the tip that the form with this key becomes."""
    digest = bytes.fromhex(keyed_hash("receipt-of-tip", submission_key))
    return base64.b32encode(digest).decode().lower()[: receipts.CHARS]


def by_submission(submission_key: str) -> Tip | None:
    """The tip that this form was already sent as, or None."""
    digest = keyed_hash("tip-submission", submission_key)
    return db.session.scalar(sa.select(Tip).where(Tip.submission_key == digest))


def file(shop_id: int, filing: TipFiling, now: datetime, actor: Actor = CONSUMER) -> tuple[Tip, str]:
    """Store a tip and start its clock; returns it with its receipt. The same submission again returns the same tip.

    Raises NotFound for an unknown shop and Invalid with the field that is wrong (``named_needs_contact``: a named
    reporter gives a name and a phone).
    """
    receipt = receipt_for(filing.submission_key)
    if (known := by_submission(filing.submission_key)) is not None:
        return known, receipt
    shortest, longest = STORY_LENGTH
    if not shortest <= len(filing.story.strip()) <= longest:
        raise Invalid("story_length", field="story", least=shortest, most=longest)
    if filing.named and not (filing.reporter_name.strip() and filing.reporter_phone):
        raise Invalid("named_needs_contact", field="contact_name")
    tip, is_new = _insert(shop_id, filing, receipt, now)
    if not is_new:
        return tip, receipt
    row = clocks.start(Kind.VERIFICATION, SUBJECT, tip.id, received_on=clock.day_of(now), at=now)
    tip.next_due_at = row.due_at
    files.attach(filing.file_ids, SUBJECT, tip.id)
    audit.record(actor, "tip.file", SUBJECT, tip.id, now=now, shop_id=shop_id, new={"state": tip.state.value})
    send(tip_filed, tip_id=tip.id, shop_id=shop_id, actor=actor, now=now)
    return tip, receipt


def _insert(shop_id: int, filing: TipFiling, receipt: str, now: datetime) -> tuple[Tip, bool]:
    for _ in range(_TRIES):
        tip = _build(shop_id, filing, receipt, now)
        try:
            with db.session.begin_nested():
                db.session.add(tip)
        except IntegrityError:
            if (known := by_submission(filing.submission_key)) is not None:
                return known, False
            continue  # the random number was taken today
        return tip, True
    raise Conflict("busy")


def _build(shop_id: int, filing: TipFiling, receipt: str, now: datetime) -> Tip:
    scope, phone = get_shop(shop_id).scope, filing.reporter_phone
    return Tip(
        number=f"JB{clock.day_of(now):%Y%m%d}{random.randbelow(10**8):08}",
        receipt_hash=keyed_hash("receipt", receipt),
        code_word_hash=keyed_hash("code-word", filing.code_word) if filing.code_word else None,
        submission_key=keyed_hash("tip-submission", filing.submission_key),
        complaint_number=filing.complaint_number,
        shop_id=shop_id,
        sticker_serial=filing.sticker_serial,
        law=f"order{clock_queries.law_table().law(clock.day_of(now)).order}",
        state=STEPS.first,
        topic=filing.topic,
        story=filing.story.strip(),
        happened_on=filing.happened_on,
        named=filing.named,
        reporter_name=filing.reporter_name.strip() or None,
        reporter_phone=phone or None,
        reporter_phone_hash=keyed_hash("phone", phone) if phone else None,
        phone_verified_at=filing.phone_verified_at if phone else None,
        reporter_language=filing.language,
        handler_region_code=scope.region_code,
        handler_station_id=scope.station_id,
        handler_department_code=scope.department_code,
        received_at=now,
    )
