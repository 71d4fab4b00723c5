"""Sending the form: a complaint, a tip or both, in one transaction; or a supplement to what was filed before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from webapp.complaints import intake as complaints
from webapp.complaints import operations as complaint_operations
from webapp.complaints.models import Complaint, Demand
from webapp.complaints.rules import ENDED, Route, Source
from webapp.core.actor import CONSUMER
from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.core.secrets import keyed_hash
from webapp.files import operations as files
from webapp.tips import intake as tips
from webapp.tips.models import Tip

from . import rules, words
from .rules import Wish


@dataclass(frozen=True)
class Stated:
    """Everything that the form says. Amounts in fen, phone in E.164 or empty; `file_ids` photos already here.

    `verified_at`: when the phone was proved. `demand` is None for a mere tip.
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
    )


def _tip(stated: Stated, complaint: Complaint | None, now: datetime) -> tips.TipFiling:
    """A tip's photos are copies when the complaint has them: each record can be erased without the other."""
    known = tips.by_submission(stated.submission_key)
    photos = stated.file_ids
    if complaint is not None:
        photos = () if known is not None else tuple(files.copy(one, now).id for one in stated.file_ids)
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
    )


def same_matter(shop_id: int, phone: str, now: datetime) -> Complaint | None:
    """The newest complaint against the shop that this (proved) phone filed lately and that has not ended, or None."""
    statement = sa.select(Complaint).where(
        Complaint.shop_id == shop_id,
        Complaint.contact_phone_hash == keyed_hash("phone", phone),
        Complaint.received_at > now - timedelta(days=rules.SAME_MATTER_DAYS),
        Complaint.state.not_in(ENDED),
    )
    return db.session.scalar(statement.order_by(Complaint.id.desc()).limit(1))


def supplement(complaint: Complaint, stated: Stated, now: datetime) -> Complaint:
    """Add what was typed to the earlier complaint of the same person instead of filing another."""
    return complaint_operations.act(
        complaint.id, "supplement", CONSUMER, now, text=stated.story, file_ids=stated.file_ids
    )
