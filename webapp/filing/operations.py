"""Sending the form: a complaint, a tip or both, in one transaction; or a supplement to what was filed before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from webapp.complaints import intake as complaints
from webapp.complaints import operations as complaint_operations
from webapp.complaints.models import Complaint, Demand, Side
from webapp.complaints.queries import was_just_said as just_said
from webapp.complaints.rules import ENDED, TEXT_MAX, Route, Source
from webapp.core.actor import CONSUMER
from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.core.language import USUAL, Language
from webapp.core.secrets import keyed_hash
from webapp.files import operations as files
from webapp.tips import intake as tips
from webapp.tips import operations as tip_operations
from webapp.tips.models import Tip, TipSide
from webapp.tips.queries import was_just_said as tip_said
from webapp.tips.rules import ENDED as TIP_ENDED

from . import rules, words
from .rules import Wish


@dataclass(frozen=True)
class Stated:
    """Everything that the form says. Amounts in fen, phone in E.164 or empty; `file_ids` photos already here.

    `verified_at`: when the phone was proved. `demand` is None for a mere tip.
    `language`: in which the person is written to.
    """

    wish: Wish
    submission_key: str
    topic: str
    story: str
    demand: Demand | None
    amount_fen: int | None
    happened_on: date | None
    name: str
    phone: str
    verified_at: datetime | None
    share_contact: bool
    named: bool
    route: Route
    consent_disclosure: bool
    consent_entrust: bool
    file_ids: tuple[int, ...]
    serial: int | None
    source: Source
    language: Language = USUAL


@dataclass(frozen=True)
class Filed:
    """What became of it: records with their receipts."""

    complaint: Complaint | None = None
    complaint_receipt: str = ""
    tip: Tip | None = None
    tip_receipt: str = ""


def submit(shop_id: int, stated: Stated, now: datetime) -> Filed:
    """Store what the form asks for. The same form again gives the same records. Raises Invalid, NotFound."""
    filed = Filed()
    if stated.wish.has_complaint:
        if stated.demand is None:
            raise Invalid("choose_demand", field="demand")
        receipt = complaints.receipt_for(stated.submission_key)
        complaint, receipt = complaints.file(shop_id, _complaint(stated, stated.demand, receipt), now)
        filed = replace(filed, complaint=complaint, complaint_receipt=receipt)
    if stated.wish.has_tip:
        tip, receipt = tips.file(shop_id, _tip(stated, filed.complaint, now), now)
        filed = replace(filed, tip=tip, tip_receipt=receipt)
    return filed


def _complaint(stated: Stated, demand: Demand, receipt: str) -> complaints.Filing:
    return complaints.Filing(
        submission_key=stated.submission_key,
        topic=stated.topic,
        story=stated.story,
        demand=demand,
        amount_fen=stated.amount_fen,
        happened_on=stated.happened_on,
        contact_name=stated.name,
        contact_phone=stated.phone,
        share_contact=stated.share_contact,
        file_ids=stated.file_ids,
        sticker_serial=stated.serial,
        source=stated.source,
        route=stated.route,
        consent_disclosure=stated.consent_disclosure,
        consent_entrust=stated.consent_entrust,
        phone_verified_at=stated.verified_at,
        code_word=words.of_receipt(receipt),
        language=stated.language,
    )


def _tip(stated: Stated, complaint: Complaint | None, now: datetime) -> tips.TipFiling:
    """A tip's photos are copies when the complaint has them: each record can be erased without the other."""
    known = tips.by_submission(stated.submission_key)
    photos = stated.file_ids
    if complaint is not None:
        photos = () if known is not None else _copies(stated, now)
    return tips.TipFiling(
        submission_key=stated.submission_key,
        topic=stated.topic,
        story=stated.story,
        happened_on=stated.happened_on,
        named=stated.named,
        reporter_name=stated.name,
        reporter_phone=stated.phone,
        phone_verified_at=stated.verified_at,
        file_ids=photos,
        sticker_serial=stated.serial,
        complaint_number=complaint.number if complaint is not None else None,
        code_word=words.of_receipt(tips.receipt_for(stated.submission_key)),
        language=stated.language,
    )


@dataclass(frozen=True)
class Earlier:
    """What the same person filed before in the same matter and that is still open; false when there is nothing."""

    complaint: Complaint | None = None
    tip: Tip | None = None

    def __bool__(self) -> bool:
        return self.complaint is not None or self.tip is not None


def same_matter(shop_id: int, stated: Stated, now: datetime) -> Earlier:
    """The newest records of the kinds now wished that `stated.phone` filed lately against the shop, still open.

    Only for who proved the phone, or an officer who has the person at the counter: it tells that something was filed.
    """
    if not stated.phone:
        return Earlier()
    digest, since = keyed_hash("phone", stated.phone), now - timedelta(days=rules.SAME_MATTER_DAYS)
    complaints_of = sa.select(Complaint).where(
        Complaint.shop_id == shop_id,
        Complaint.contact_phone_hash == digest,
        Complaint.received_at > since,
        Complaint.state.not_in(ENDED),
    )
    tips_of = sa.select(Tip).where(
        Tip.shop_id == shop_id,
        Tip.reporter_phone_hash == digest,
        Tip.received_at > since,
        Tip.state.not_in(TIP_ENDED),
    )
    complaint = db.session.scalar(complaints_of.order_by(Complaint.id.desc()).limit(1))
    tip = db.session.scalar(tips_of.order_by(Tip.id.desc()).limit(1))
    return Earlier(complaint if stated.wish.has_complaint else None, tip if stated.wish.has_tip else None)


def supplement(earlier: Earlier, shop_id: int, stated: Stated, now: datetime, wants: str = "") -> Filed:
    """Add what was typed to the earlier records instead of filing others; what has no earlier one is filed.

    `wants`: the demand in words, which the complaint's thread keeps behind the story. The same form sent twice is said
    once. Records that were supplemented come back without a receipt: theirs holds on.
    """
    wanted = submit(shop_id, _rest(earlier, stated, now), now) if _lacks(earlier, stated) else Filed()
    complaint, tip = earlier.complaint or wanted.complaint, earlier.tip or wanted.tip
    if earlier.complaint is not None:
        text = (
            f"{stated.story}\n{wants}"
            if wants and len(stated.story) + len(wants) < TEXT_MAX
            else stated.story
        )
        if not just_said(earlier.complaint, Side.CONSUMER, "supplement", text, None):
            complaint_operations.act(
                earlier.complaint.id, "supplement", CONSUMER, now, text=text, file_ids=stated.file_ids
            )
        if wanted.tip is not None and wanted.tip.complaint_number is None:
            wanted.tip.complaint_number = earlier.complaint.number
    if earlier.tip is not None and not tip_said(
        earlier.tip, TipSide.REPORTER, "supplement", stated.story, None
    ):
        tip_operations.act(earlier.tip.id, "supplement", CONSUMER, now, text=stated.story)
        files.attach(
            _copies(stated, now) if stated.wish.has_complaint else stated.file_ids, "tip", earlier.tip.id
        )
    return Filed(complaint, wanted.complaint_receipt, tip, wanted.tip_receipt)


def _lacks(earlier: Earlier, stated: Stated) -> bool:
    """Is one of the wishes without an earlier record?"""
    no_complaint = stated.wish.has_complaint and earlier.complaint is None
    return no_complaint or (stated.wish.has_tip and earlier.tip is None)


def _rest(earlier: Earlier, stated: Stated, now: datetime) -> Stated:
    """The part of a form for which no earlier record stands. A tip has photos of its own."""
    if earlier.complaint is None:
        return replace(stated, wish=Wish.COMPLAINT)
    known = tips.by_submission(stated.submission_key) is not None
    return replace(stated, wish=Wish.TIP, file_ids=() if known else _copies(stated, now))


def _copies(stated: Stated, now: datetime) -> tuple[int, ...]:
    return tuple(files.copy(one, now).id for one in stated.file_ids)
