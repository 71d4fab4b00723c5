"""Taking a complaint in.

The receipt opens the follow-up page: 100 bits that nobody can guess and that follow from the form's random submission
key by a keyed hash, so that the same form sent twice is one complaint with one receipt, and only hashes are kept.
"""

from __future__ import annotations

import base64
import secrets as random
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from webapp import audit, feed
from webapp.clocks import operations as clocks
from webapp.core import clock, receipts
from webapp.core.actor import CONSUMER
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.language import USUAL, Language
from webapp.core.secrets import keyed_hash
from webapp.core.signals import complaint_filed, send
from webapp.files import operations as files
from webapp.merchants.figures import count
from webapp.merchants.queries import get_shop

from . import code_words, queries, rules, telling, timing
from .models import Complaint, Demand
from .operations import check_photos
from .rules import STEPS, TOPICS, ComplaintState, Route, Source

_TRIES = 5


@dataclass(frozen=True)
class Filing:
    """What a consumer states. `amount_fen` in fen; `file_ids` uploaded photos; phone in E.164 or empty.

    `phone_verified_at`: when the phone was proved to be in the filer's hand. `code_word`: with the number it opens the
    follow-up page, too. `language`: in which the consumer is written to.
    """

    submission_key: str
    topic: str
    story: str
    demand: Demand
    amount_fen: int | None
    happened_on: date | None
    contact_name: str
    contact_phone: str
    share_contact: bool
    file_ids: tuple[int, ...] = ()
    sticker_serial: int | None = None
    source: Source = Source.SEARCH
    route: Route = Route.SETTLE_FIRST
    consent_disclosure: bool = False
    consent_entrust: bool = False
    phone_verified_at: datetime | None = None
    code_word: str = ""
    language: Language = USUAL


def receipt_for(submission_key: str) -> str:
    """The receipt of the complaint that the form with this submission key becomes."""
    digest = bytes.fromhex(keyed_hash("receipt-of-submission", submission_key))
    return base64.b32encode(digest).decode().lower()[: receipts.CHARS]


def file(shop_id: int, filing: Filing, now: datetime) -> tuple[Complaint, str]:
    """Store a complaint; returns it with its receipt. The same submission again returns the same complaint.

    Raises NotFound for an unknown shop and Invalid with the field that is wrong.
    """
    if len(filing.submission_key) < 20:
        raise Invalid("form_expired")
    receipt = receipt_for(filing.submission_key)
    if (known := queries.by_submission(filing.submission_key)) is not None:
        return known, receipt
    _check(filing, now)
    books = clocks.books()
    complaint, is_new = _insert(shop_id, filing, receipt, books, now)
    if not is_new:
        return complaint, receipt
    timing.begin(complaint, now, books)
    files.attach(filing.file_ids, "complaint", complaint.id)
    count(shop_id, complaints=1, complaints_settle_first=int(filing.route is Route.SETTLE_FIRST))
    audit.record(
        CONSUMER,
        "complaint.file",
        "complaint",
        complaint.id,
        now=now,
        shop_id=shop_id,
        new={"state": complaint.state.value},
    )
    feed.publish("complaint.filed", now=now, shop_id=shop_id)
    send(complaint_filed, complaint_id=complaint.id, shop_id=shop_id, actor=CONSUMER, now=now)
    telling.send_receipt(complaint, receipt, now)
    return complaint, receipt


def _insert(
    shop_id: int, filing: Filing, receipt: str, books: clocks.Books, now: datetime
) -> tuple[Complaint, bool]:
    """The stored complaint and whether it is new: another request may be storing the same form just now."""
    for _ in range(_TRIES):
        complaint = _build(shop_id, filing, receipt, books, now)
        try:
            with db.session.begin_nested():
                db.session.add(complaint)
        except IntegrityError:
            if (known := queries.by_submission(filing.submission_key)) is not None:
                return known, False
            continue  # the random number was taken today
        return complaint, True
    raise Conflict("busy")


def _build(shop_id: int, filing: Filing, receipt: str, books: clocks.Books, now: datetime) -> Complaint:
    scope, phone = get_shop(shop_id).scope, filing.contact_phone
    direct = filing.route is Route.SETTLE_FIRST
    return Complaint(
        number=new_number(now),
        receipt_hash=keyed_hash("receipt", receipt),
        code_word_hash=code_words.digest(filing.code_word) if filing.code_word else None,
        submission_key=keyed_hash("submission", filing.submission_key),
        shop_id=shop_id,
        sticker_serial=filing.sticker_serial,
        source=filing.source,
        route=filing.route,
        law=f"order{books.laws.law(clock.day_of(now)).order}",
        state=STEPS.first if direct else ComplaintState.REFERRED,
        topic=filing.topic,
        story=filing.story.strip(),
        demand=filing.demand,
        amount_fen=filing.amount_fen,
        happened_on=filing.happened_on,
        contact_name=filing.contact_name.strip() or None,
        contact_phone=phone or None,
        contact_phone_hash=keyed_hash("phone", phone) if phone else None,
        phone_verified_at=filing.phone_verified_at if phone else None,
        contact_language=filing.language,
        share_contact=filing.share_contact,
        consent_disclosure=filing.consent_disclosure,
        consent_entrust=filing.consent_entrust,
        handler_region_code=scope.region_code,
        handler_station_id=scope.station_id,
        handler_department_code=scope.department_code,
        received_at=now,
        referred_at=None if direct else now,
        answer_due_at=now,  # timing.begin promises the moment
    )


def _check(filing: Filing, now: datetime) -> None:
    if filing.topic not in TOPICS:
        raise Invalid("choose_topic", field="topic")
    shortest, longest = rules.STORY_LENGTH
    if not shortest <= len(filing.story.strip()) <= longest:
        raise Invalid("story_length", field="story", least=shortest, most=longest)
    if filing.happened_on is not None:
        wrong = rules.check_day(filing.happened_on, clock.day_of(now))
        if wrong:
            raise Invalid(wrong, field="happened_on")
    if filing.amount_fen is not None and not 0 <= filing.amount_fen <= rules.AMOUNT_MAX:
        raise Invalid("amount_wrong", field="amount")
    if len(filing.contact_name.strip()) > rules.NAME_MAX:
        raise Invalid("name_too_long", field="contact_name", most=rules.NAME_MAX)
    check_photos(filing.file_ids, now)


def new_number(now: datetime) -> str:
    """TS + day + eight random digits: for talking about it on the phone; opens nothing."""
    return f"TS{clock.day_of(now):%Y%m%d}{random.randbelow(10**8):08}"
