"""Reading complaints."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from webapp.audit.sight import Whose
from webapp.clocks.models import ClockRow
from webapp.core import receipts
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.secrets import keyed_hash
from webapp.files import queries as file_queries
from webapp.files.models import StoredFile
from webapp.merchants.models import Shop
from webapp.merchants.queries import covered
from webapp.merchants.scanning import EndedComplaint

from . import code_words
from .models import Complaint, ComplaintMessage, Offer, Side
from .rules import ENDED, OFFER_ENDED, RATEABLE, ComplaintState, OfferState, Route

S = ComplaintState


def get(complaint_id: int) -> Complaint:
    """The complaint; raises NotFound."""
    complaint = db.session.get(Complaint, complaint_id)
    if complaint is None:
        raise NotFound("no_such_thing")
    return complaint


def get_locked(complaint_id: int) -> Complaint:
    """The complaint as it stands now, held against other writers until the commit; raises NotFound."""
    # `of`: the shop comes by an outer join, which PostgreSQL cannot lock. SQLite has one writer anyway.
    complaint = db.session.get(
        Complaint, complaint_id, with_for_update={"of": Complaint}, populate_existing=True
    )
    if complaint is None:
        raise NotFound("no_such_thing")
    return complaint


def scope_of(complaint_id: int, **_rest: object) -> Scope:
    """For access rules: the office that handles it, and the shop's operator."""
    return get(complaint_id).scope


def by_receipt(receipt: str) -> Complaint:
    """The complaint that this receipt opens; raises NotFound. Case, blanks and hyphens do not count."""
    complaint = None
    if (tidy := receipts.tidy(receipt)) is not None:
        digest = keyed_hash("receipt", tidy)
        complaint = db.session.scalar(sa.select(Complaint).where(Complaint.receipt_hash == digest))
    if complaint is None:
        raise NotFound("no_such_receipt")
    return complaint


def by_code_word(number: str, word: str) -> Complaint:
    """The complaint with this number, if the code word is its own; raises NotFound, the same for both mistakes."""
    complaint = db.session.scalar(sa.select(Complaint).where(Complaint.number == number))
    held = complaint.code_word_hash if complaint is not None else None
    if complaint is None or held is None or not hmac.compare_digest(held, code_words.digest(word)):
        raise NotFound("no_such_number")
    return complaint


def ended_by_receipt(receipt: str) -> EndedComplaint:
    """For ratings: the settled or closed complaint that this receipt opens; raises NotFound."""
    complaint = by_receipt(receipt)
    if complaint.state not in RATEABLE:
        raise NotFound("complaint_not_ended")
    return EndedComplaint(complaint.shop_id, complaint.id, complaint.number, complaint.contact_phone_hash)


def by_submission(submission_key: str) -> Complaint | None:
    """The complaint that this form was already sent as, or None."""
    digest = keyed_hash("submission", submission_key)
    return db.session.scalar(sa.select(Complaint).where(Complaint.submission_key == digest))


def was_just_said(complaint: Complaint, side: Side, action: str, text: str, by_id: int | None) -> bool:
    """Is this the last thing that was said already? Then a second sending of the same form changes nothing."""
    said = [message for message in complaint.messages if not message.internal]
    last = said[-1] if said else None
    return last is not None and (last.side, last.action, last.text, last.by_id) == (side, action, text, by_id)


def photos(complaint: Complaint) -> list[StoredFile]:
    """The photos that came with the complaint itself."""
    return file_queries.of_owner("complaint", complaint.id)


def photos_said(complaint: Complaint) -> dict[int, list[StoredFile]]:
    """The photos of the thread, by message id."""
    ids = [message.id for message in complaint.messages]
    found: dict[int, list[StoredFile]] = {}
    statement = sa.select(StoredFile).where(
        StoredFile.owner_type == "complaint_message",
        StoredFile.owner_id.in_(ids),
        StoredFile.erased_at.is_(None),
    )
    for file in db.session.scalars(statement.order_by(StoredFile.id)) if ids else ():
        found.setdefault(file.owner_id or 0, []).append(file)
    return found


def belongs_to(file: StoredFile, complaint: Complaint) -> bool:
    """Is the file a photo of this complaint or of its thread?"""
    if file.owner_type == "complaint":
        return file.owner_id == complaint.id
    return file.owner_type == "complaint_message" and complaint_of_message(file.owner_id or 0) == complaint.id


def whose(complaint_id: int) -> Whose | None:
    """For the trace of who looked: the complaint itself, and the shop by which its readers reach it."""
    complaint = db.session.get(Complaint, complaint_id)
    if complaint is None:
        return None
    return Whose("complaint", complaint.id, complaint.shop_id)


def whose_message(message_id: int) -> Whose | None:
    """The same for something said in a complaint."""
    complaint_id = complaint_of_message(message_id)
    return None if complaint_id is None else whose(complaint_id)


def complaint_of_message(message_id: int) -> int | None:
    """The id of the complaint in whose thread the message stands, or None."""
    return db.session.scalar(
        sa.select(ComplaintMessage.complaint_id).where(ComplaintMessage.id == message_id)
    )


def of_operators(
    operator_ids: frozenset[int], *, state: str = "", shop_id: int | None = None
) -> sa.Select[tuple[Complaint]]:
    """A merchant's complaints for paging: those that wait for an answer first, soonest due first, then newest."""
    conditions: list[sa.ColumnElement[bool]] = [Shop.operator_id.in_(operator_ids), *_in_state(state)]
    if shop_id is not None:
        conditions.append(Complaint.shop_id == shop_id)
    return _ordered(conditions)


def office_list(
    posts: tuple[Post, ...],
    *,
    state: str = "",
    overdue_at: datetime | None = None,
    due_before: datetime | None = None,
    shop_id: int | None = None,
    text: str = "",
) -> sa.Select[tuple[Complaint]]:
    """Complaints within an officer's reach, for paging. `overdue_at`: only those unanswered past their time then.

    `due_before`: only those whose next deadline (the merchant's or the authority's) ends before.

    `text` is a complaint's number or a part of the shop's name.
    """
    conditions: list[sa.ColumnElement[bool]] = [handled_by(posts), *_in_state(state)]
    if due_before is not None:
        conditions.append(Complaint.next_due_at < due_before)
    if overdue_at is not None:
        conditions += [unanswered_past(overdue_at), Complaint.state.not_in(ENDED)]
    if shop_id is not None:
        conditions.append(Complaint.shop_id == shop_id)
    if text:
        conditions.append(sa.or_(Complaint.number == text.upper(), Shop.name.contains(text, autoescape=True)))
    return _ordered(conditions, office=True)


def unanswered_past(now: datetime) -> sa.ColumnElement[bool]:
    """Condition: the merchant was asked to answer first, and has not by its time (or by the end, if that was later).

    What went straight to the authority asks for no first answer, and what ended before the answer was due no longer
    does: nobody is late with it.
    """
    return sa.and_(
        Complaint.route == Route.SETTLE_FIRST,
        Complaint.first_answered_at.is_(None),
        Complaint.answer_due_at < now,
        sa.or_(Complaint.state.not_in(ENDED), Complaint.ended_at > Complaint.answer_due_at),
    )


def first_answered() -> sa.ColumnElement[bool]:
    """Condition: the merchant was asked to answer first, and did. Free words on other complaints are no such answer."""
    return sa.and_(Complaint.route == Route.SETTLE_FIRST, Complaint.first_answered_at.is_not(None))


def answered_in_time() -> sa.ColumnElement[bool]:
    """Condition: the merchant was asked to answer first, and did by the time set."""
    return sa.and_(first_answered(), Complaint.first_answered_at <= Complaint.answer_due_at)


def handled_by(posts: tuple[Post, ...]) -> sa.ColumnElement[bool]:
    """Condition: the handling office lies within one of `posts`."""
    return covered(
        posts,
        Complaint.handler_region_code,
        Complaint.handler_station_id,
        Complaint.handler_department_code,
    )


def waiting_for_merchant(operator_ids: frozenset[int]) -> int:
    """How many complaints wait for the merchant's first answer."""
    return _count(Shop.operator_id.in_(operator_ids), Complaint.state == S.SETTLING)


def waiting_by_shop(shop_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
    """How many complaints of each shop wait for the merchant's first answer, and when the first of them is due."""
    statement = sa.select(Complaint.shop_id, sa.func.count(), sa.func.min(Complaint.answer_due_at)).where(
        Complaint.shop_id.in_(shop_ids), Complaint.state == S.SETTLING
    )
    rows = db.session.execute(statement.group_by(Complaint.shop_id)).tuples()
    return {shop_id: (count, due) for shop_id, count, due in rows}


def open_by_shop(operator_ids: frozenset[int]) -> dict[int, int]:
    """How many complaints of each shop have not come to an end."""
    statement = sa.select(Complaint.shop_id, sa.func.count()).join(Shop)
    mine = (Shop.operator_id.in_(operator_ids), Complaint.state.not_in(ENDED))
    return dict(db.session.execute(statement.where(*mine).group_by(Complaint.shop_id)).tuples().all())


def waiting_for_office(posts: tuple[Post, ...]) -> int:
    """How many complaints wait for the authority within reach."""
    return _count(handled_by(posts), Complaint.state.in_([S.REFERRED, S.MEDIATING]))


def counts_by_state(posts: tuple[Post, ...]) -> dict[ComplaintState, int]:
    """How many complaints within reach are in each state; states without any are left out."""
    statement = sa.select(Complaint.state, sa.func.count(Complaint.id)).where(handled_by(posts))
    return dict(db.session.execute(statement.group_by(Complaint.state)).tuples().all())


def filed_from_phone_since(phone_hash: str, since: datetime) -> int:
    """How many complaints named this phone since then."""
    return _count(Complaint.contact_phone_hash == phone_hash, Complaint.received_at >= since)


def silent_past_due(now: datetime, limit: int = 500) -> list[int]:
    """Ids of complaints whose merchant did not answer in time: they go to the authority."""
    statement = (
        sa.select(Complaint.id)
        .where(Complaint.state == S.SETTLING, Complaint.answer_due_at < now)
        .order_by(Complaint.answer_due_at)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def silent_consumers(since: datetime, limit: int = 500) -> list[int]:
    """Ids of answered complaints in which nothing was said after `since`."""
    last = sa.select(sa.func.max(ComplaintMessage.at)).where(ComplaintMessage.complaint_id == Complaint.id)
    statement = sa.select(Complaint.id).where(
        Complaint.state == S.ANSWERED, sa.func.coalesce(last.scalar_subquery(), Complaint.received_at) < since
    )
    return list(db.session.scalars(statement.order_by(Complaint.id).limit(limit)))


def quiet_between(since: datetime, until: datetime, limit: int) -> list[tuple[int, int, datetime]]:
    """Answered complaints whose last word fell after `since` up to `until`: (complaint id, message id, instant).

    Whoever spoke last: time counts for all of them, and nobody's may pass untold.
    """
    newest = (
        sa.select(sa.func.max(ComplaintMessage.id))
        .where(ComplaintMessage.complaint_id == Complaint.id, ComplaintMessage.internal.is_(False))
        .correlate(Complaint)
        .scalar_subquery()
    )
    statement = (
        sa.select(Complaint.id, ComplaintMessage.id, ComplaintMessage.at)
        .join(ComplaintMessage, ComplaintMessage.id == newest)
        .where(
            Complaint.state == S.ANSWERED,
            ComplaintMessage.at > since,
            ComplaintMessage.at <= until,
        )
    )
    return list(db.session.execute(statement.order_by(Complaint.id).limit(limit)).tuples())


def offers_ending(since: datetime, until: datetime, limit: int) -> list[Offer]:
    """Offers that wait for the consumer and end after `since` up to `until`."""
    statement = sa.select(Offer).where(
        Offer.state == OfferState.PROPOSED, Offer.valid_until > since, Offer.valid_until <= until
    )
    return list(db.session.scalars(statement.order_by(Offer.id).limit(limit)))


def offers_expired_since(since: datetime, limit: int) -> list[Offer]:
    """Offers that nobody signed in their time, ended after `since`, whose complaint still goes on."""
    statement = (
        sa.select(Offer)
        .join(Complaint)
        .where(Offer.state == OfferState.EXPIRED, Offer.ended_at > since, Complaint.state.not_in(ENDED))
    )
    return list(db.session.scalars(statement.order_by(Offer.id).limit(limit)))


def offers_due_on(day: date, state: OfferState, limit: int) -> list[Offer]:
    """Offers in `state` of agreed complaints that are to be performed by that day."""
    statement = (
        sa.select(Offer)
        .join(Complaint)
        .where(Complaint.state == S.AGREED, Offer.state == state, Offer.perform_by == day)
    )
    return list(db.session.scalars(statement.order_by(Offer.id).limit(limit)))


def agreed_and_silent(day: date, limit: int = 500) -> list[int]:
    """Ids of agreed complaints whose performance was due before `day`."""
    statement = (
        sa.select(Complaint.id)
        .join(Offer)
        .where(Complaint.state == S.AGREED, Offer.state == OfferState.ACCEPTED, Offer.perform_by < day)
    )
    return list(db.session.scalars(statement.order_by(Complaint.id).limit(limit)))


def offers_past(now: datetime, limit: int = 500) -> list[Offer]:
    """Offers that waited longer than they were valid."""
    statement = sa.select(Offer).where(Offer.state == OfferState.PROPOSED, Offer.valid_until < now)
    return list(db.session.scalars(statement.order_by(Offer.id).limit(limit)))


def open_offer(complaint: Complaint) -> Offer | None:
    """The offer that waits for the consumer or for its performance, or None."""
    return next((offer for offer in reversed(complaint.offers) if offer.state not in OFFER_ENDED), None)


def without_clock(limit: int = 500) -> list[int]:
    """Ids of complaints that wait for somebody's deed and have no clock."""
    has_clock = sa.exists().where(ClockRow.subject == "complaint", ClockRow.subject_id == Complaint.id)
    waits = Complaint.state.in_([S.SETTLING, S.REFERRED, S.MEDIATING])
    statement = sa.select(Complaint.id).where(waits, ~has_clock)
    return list(db.session.scalars(statement.order_by(Complaint.id).limit(limit)))


def open_count(shop_id: int) -> int:
    """How many of a shop's complaints are not at their end."""
    return _count(Complaint.shop_id == shop_id, Complaint.state.not_in(ENDED))


def of_shop(shop_id: int, limit: int = 5) -> list[Complaint]:
    """A shop's newest complaints."""
    statement = sa.select(Complaint).where(Complaint.shop_id == shop_id).order_by(Complaint.id.desc())
    return list(db.session.scalars(statement.limit(limit)))


def recount(shop_id: int) -> dict[str, int]:
    """The shop's complaint figures counted anew from the rows, by figure name: what the kept ones must equal."""
    columns = {
        "complaints": sa.true(),
        "complaints_settle_first": Complaint.route == Route.SETTLE_FIRST,
        "complaints_answered": first_answered(),
        "complaints_answered_on_time": answered_in_time(),
        "complaints_resolved": Complaint.state == S.RESOLVED,
        "complaints_unresolved": Complaint.state == S.CLOSED,
    }
    sums = [sa.func.coalesce(sa.func.sum(sa.case((which, 1), else_=0)), 0) for which in columns.values()]
    row = db.session.execute(sa.select(*sums).where(Complaint.shop_id == shop_id)).one()
    return dict(zip(columns, map(int, row), strict=True))


def _in_state(state: str) -> list[sa.ColumnElement[bool]]:
    """`state` is a state's value, "open", "ended", "" for all, or nonsense from an address (also all)."""
    if state == "open":
        return [Complaint.state.not_in(ENDED)]
    if state == "ended":
        return [Complaint.state.in_(ENDED)]
    return [Complaint.state == ComplaintState(state)] if state in list(ComplaintState) else []


def _ordered(
    conditions: list[sa.ColumnElement[bool]], *, office: bool = False
) -> sa.Select[tuple[Complaint]]:
    first = [S.REFERRED, S.MEDIATING] if office else [S.SETTLING]
    waits = sa.case((Complaint.state.in_(first), 0), (Complaint.state.in_(ENDED), 2), else_=1)
    soonest = sa.case(
        (Complaint.state.not_in(ENDED), Complaint.next_due_at if office else Complaint.answer_due_at)
    )
    return sa.select(Complaint).join(Shop).where(*conditions).order_by(waits, soonest, Complaint.id.desc())


def _count(*conditions: sa.ColumnElement[bool]) -> int:
    statement = sa.select(sa.func.count(Complaint.id)).join(Shop).where(*conditions)
    return int(db.session.scalar(statement) or 0)
