"""Writing the demo city into an empty database: plain facts in bulk, everything in one transaction."""

from __future__ import annotations

import secrets as random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask import current_app

from webapp.applications.models import Application
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.commitments.models import Commitment, CommitmentTemplate
from webapp.complaints import sweeps
from webapp.complaints.models import Complaint, ComplaintMessage, Side
from webapp.core import clock
from webapp.core.db import Base, db
from webapp.core.secrets import keyed_hash
from webapp.demo import complaints, newcomers, ratings, rows, scans
from webapp.demo.city import BLOCK, DemoShop, generate
from webapp.demo.plan import Fate, Plan, plan
from webapp.demo.rows import Cast, Numbers, Rows
from webapp.feed.models import Change
from webapp.finding import indexing
from webapp.licences.models import Licence
from webapp.listings.models import Listing
from webapp.merchants import opening_weeks
from webapp.merchants.models import Operator, Shop, ShopFigures
from webapp.ratings.models import Rating
from webapp.ratings.rules import HEARTS
from webapp.regions.models import Industry, Station
from webapp.registry.models import RegistryRecord
from webapp.scans.models import ScanCount, ScanDay
from webapp.stickers.keys import store

from .people_writer import People

#: Shops to an insert: a multiple of BLOCK, so that a chain is never cut.
CHUNK = BLOCK * 125
#: Applications wait for officers, complaints and ratings are written, only among the first so many shops.
LIVELY = 1000
#: What an operator's row takes over from the register.
OPERATOR_FACTS = (
    "uscc",
    "name",
    "kind",
    "legal_representative",
    "registered_address",
    "authority",
    "established_on",
)


@dataclass
class Written:
    """What was written; `waiting` are shops whose applications go the real way afterwards."""

    shops: int = 0
    complaints: int = 0
    ratings: int = 0
    waiting: list[tuple[int, DemoShop, Plan]] = field(default_factory=list)
    lively: list[tuple[int, DemoShop]] = field(default_factory=list)


def write_city(
    seed: int, count: int, people: People, now: datetime, progress: Callable[[int], None] = lambda _done: None
) -> Written:
    """Insert `count` shops into a database that has none. Call inside a transaction."""
    cast, numbers, written = _cast(people, now), Numbers(), Written()
    today = clock.day_of(now)
    operators: dict[str, int] = {}
    stream = generate(seed, count, today)
    with indexing.in_bulk(db.session.connection()) as index:
        while chunk := list(islice(stream, CHUNK)):
            batch: Rows = defaultdict(list)
            operators.clear()  # a chain never leaves its chunk
            for shop in chunk:
                course = plan(seed, shop, today)
                _add_shop(batch, numbers, shop, course, cast, operators, written)
                if shop.index < LIVELY:
                    _add_voices(batch, seed, shop, course, now, written)
            shops = batch[Shop]
            active = {row["shop_id"]: row["state"] == CodeState.ACTIVE for row in batch[TrustCode]}
            _insert(batch)
            index([entry_of(row, active=active[row["id"]]) for row in shops if row["id"] in active])
            opening_weeks.keep(db.session.connection(), shops[0]["id"], shops[-1]["id"])
            written.shops += len(chunk)
            progress(written.shops)
    _hand_complaints_out(now)
    newcomers.write(now)
    db.session.add(Change(at=now, kind="demo.written", shop_id=None, facts={"shops": written.shops}))
    db.session.flush()
    _restart_sequences()
    return written


def entry_of(row: dict[str, Any], *, active: bool) -> indexing.Entry:
    """What the search's index gets of a shop's row that is written in bulk."""
    return indexing.Entry(
        row["id"],
        row["name"],
        row["branch"],
        row["address"],
        row["region_code"],
        row["category"],
        row["industry_code"],
        active,
    )


def _hand_complaints_out(now: datetime) -> None:
    """Each complaint to the office of its shop; clocks for those that wait for somebody."""
    shop = sa.select(Shop).where(Shop.id == Complaint.shop_id).correlate(Complaint)
    db.session.execute(
        sa.update(Complaint).values(
            handler_region_code=shop.with_only_columns(Shop.region_code).scalar_subquery(),
            handler_station_id=shop.with_only_columns(Shop.station_id).scalar_subquery(),
            handler_department_code=shop.with_only_columns(Shop.department_code).scalar_subquery(),
        )
    )
    while sweeps.start_missing_clocks(now):
        db.session.flush()


def _cast(people: People, now: datetime) -> Cast:
    newest = db.session.execute(
        sa.select(CommitmentTemplate.code, sa.func.max(CommitmentTemplate.id)).group_by(
            CommitmentTemplate.code
        )
    )
    return Cast(
        station=people.station,
        bureau=people.bureau,
        second=people.second,
        owner_id=people.owner_id,
        signer=store().signer(),
        host=current_app.extensions["ydym.settings"].public_host,
        stations=dict(db.session.execute(sa.select(Station.name, Station.id)).tuples().all()),
        departments=dict(
            db.session.execute(sa.select(Industry.code, Industry.department_code)).tuples().all()
        ),
        templates=dict(newest.tuples().all()),
        now=now,
    )


def _add_shop(
    batch: Rows,
    numbers: Numbers,
    shop: DemoShop,
    course: Plan,
    cast: Cast,
    operators: dict[str, int],
    written: Written,
) -> None:
    if course.fate is not Fate.APPROVED and shop.index >= LIVELY:
        return _add_shop(batch, numbers, shop, _approved(course), cast, operators, written)
    if shop.is_first_of_operator:
        operators[shop.operator.uscc] = numbers.take(Operator)
        _add_operator(batch, shop, operators[shop.operator.uscc], course, cast)
    operator_id, shop_id = operators[shop.operator.uscc], numbers.take(Shop)
    batch[Shop].append(rows.shop_row(shop, shop_id, operator_id, course, cast))
    first = shop.is_first_of_operator
    if course.fate is Fate.APPROVED:
        batch[Licence] += rows.licence_rows(shop, shop_id, operator_id, course, cast, first=first)
        rows.add_approval(batch, numbers, shop_id, operator_id, course, cast)
        batch[Commitment] += rows.commitment_rows(shop, shop_id, course, cast)
        if course.listed:
            batch[Listing].append(rows.listing_row(shop, shop_id, course, cast))
    else:
        written.waiting.append((shop_id, shop, course))
    if shop.index < LIVELY:
        written.lively.append((shop_id, shop))
    return None


def _approved(course: Plan) -> Plan:
    return Plan(
        Fate.APPROVED,
        course.approved_at - timedelta(days=5),
        course.approved_at,
        course.consequence,
        "",
        False,
        "",
        False,
    )


def _add_operator(batch: Rows, shop: DemoShop, operator_id: int, course: Plan, cast: Cast) -> None:
    known = newcomers.record(shop.operator, cast.now)
    facts = {name: known[name] for name in OPERATOR_FACTS}
    batch[Operator].append(
        facts | {"id": operator_id, "created_at": course.submitted_at - timedelta(hours=3)}
    )
    batch[RegistryRecord].append(known)


def _add_voices(
    batch: Rows, seed: int, shop: DemoShop, course: Plan, now: datetime, written: Written
) -> None:
    """Complaints, ratings and scans of an approved shop, with the figures that follow from them."""
    today = clock.day_of(now)
    shop_row = batch[Shop][-1] if batch[Shop] else None
    if shop_row is None or not batch[TrustCode] or batch[TrustCode][-1]["shop_id"] != shop_row["id"]:
        return
    shop_id, figures = shop_row["id"], dict.fromkeys(_FIGURES, 0)
    for heard in complaints.complaints_for(seed, shop, today):
        batch[Complaint].append(_complaint_row(shop_id, heard))
        batch[ComplaintMessage] += [{"complaint": len(batch[Complaint]) - 1, **row} for row in _said(heard)]
        figures["complaints"] += 1
        figures["complaints_settle_first"] += 1
        figures["complaints_answered"] += heard.answered_at is not None
        on_time = heard.answered_at is not None and heard.answered_at <= heard.received_at + timedelta(
            hours=24
        )
        figures["complaints_answered_on_time"] += on_time
        figures["complaints_resolved"] += heard.state == "resolved"
        figures["complaints_unresolved"] += heard.state == "closed"
        written.complaints += 1
    for number, rating in enumerate(ratings.ratings_for(seed, shop, today)):
        batch[Rating].append(_rating_row(shop_id, number, rating))
        figures["ratings"] += 1
        for heart in HEARTS:
            figures[f"hearts_{heart}"] += getattr(rating, heart)
        written.ratings += 1
    batch[ShopFigures].append({"shop_id": shop_id, **figures})
    hours, days = scans.scans_for(seed, shop, shop_id, course, now)
    batch[ScanCount] += hours
    batch[ScanDay] += days


#: The first day of SAMR Order 121.
ORDER_121_FROM = date(2026, 4, 15)
_FIGURES = tuple(column.key for column in sa.inspect(ShopFigures).columns if column.key != "shop_id")


def _complaint_row(shop_id: int, heard: complaints.DemoComplaint) -> dict[str, Any]:
    return _handling(heard) | {
        "number": f"TS{clock.day_of(heard.received_at):%Y%m%d}{random.randbelow(10**8):08}",
        "receipt_hash": keyed_hash("receipt", random.token_hex(12)),
        "submission_key": keyed_hash("submission", random.token_hex(16)),
        "shop_id": shop_id,
        "sticker_serial": 1,
        "state": heard.state,
        "topic": heard.topic,
        "story": heard.text,
        "demand": heard.demand,
        "amount_fen": heard.amount_fen,
        "happened_on": clock.day_of(heard.received_at),
        "contact_name": heard.consumer_name,
        "contact_phone": heard.consumer_phone,
        "contact_phone_hash": keyed_hash("phone", heard.consumer_phone),
        "share_contact": heard.share_contact,
        "received_at": heard.received_at,
        "answer_due_at": heard.received_at + timedelta(hours=24),
        "first_answered_at": heard.answered_at,
        "ended_at": heard.ended_at,
        "version": 1,
    }


def _handling(heard: complaints.DemoComplaint) -> dict[str, Any]:
    """The authority's part. The office that handles it and the clocks are filled in when all rows stand."""
    return {
        "source": "scan",
        "law": "order20" if clock.day_of(heard.received_at) < ORDER_121_FROM else "order121",
        "consent_disclosure": heard.consents_to_disclosure,
        "referred_at": heard.referred_at,
        "accepted_at": heard.accepted_at,
        "end_ground": "no_agreement" if heard.state == "closed" else None,
        "handling_stars": heard.handling_stars,
        "handling_rated_at": heard.ended_at if heard.handling_stars else None,
    }


def _said(heard: complaints.DemoComplaint) -> Iterable[dict[str, Any]]:
    """The messages of a complaint in order."""
    steps = (
        (Side.MERCHANT, "answer", heard.answer, heard.answered_at),
        (Side.CONSUMER, "say_unresolved", heard.referral_reason, heard.referred_at),
        (Side.OFFICER, "accept", "", heard.accepted_at),
        (Side.OFFICER, "end", heard.ending, heard.ended_at if heard.ending else None),
        (Side.CONSUMER, "confirm_resolved", "", heard.ended_at if heard.state == "resolved" else None),
    )
    for side, action, text, at in steps:
        if at is not None:
            yield {
                "side": side,
                "action": action,
                "text": text or "",
                "by_id": None,
                "at": at,
                "internal": False,
            }


def _rating_row(shop_id: int, number: int, rating: ratings.DemoRating) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "sticker_serial": 1 if rating.origin == "scan" else None,
        "origin": rating.origin,
        **{heart: getattr(rating, heart) for heart in HEARTS},
        "text": rating.text,
        "rater_hash": keyed_hash("demo-rater", f"{shop_id}:{number}"),
        "created_at": rating.created_at,
        "reply": rating.reply,
        "replied_at": rating.replied_at,
        "replied_by_id": None,
    }


def _insert(batch: Rows) -> None:
    """Insert a chunk, parents before children; messages get their complaint's key."""
    said = batch.pop(ComplaintMessage, [])
    heard = batch.pop(Complaint, [])
    by_table: dict[object, list[dict[str, Any]]] = {
        model.__table__: entries for model, entries in batch.items()
    }
    for table in db.metadata.sorted_tables:
        if entries := by_table.get(table):
            # Core: the ORM's own bulk path costs as much again.
            db.session.execute(table.insert(), entries)
    if heard:
        keys = list(
            db.session.scalars(
                sa.insert(Complaint).returning(Complaint.id, sort_by_parameter_order=True), heard
            )
        )
        for message in said:
            message["complaint_id"] = keys[message.pop("complaint")]
        db.session.connection().execute(sa.insert(ComplaintMessage), said)


def _restart_sequences() -> None:
    """PostgreSQL's sequences do not notice keys that were given: move them behind the last one."""
    if db.session.get_bind().dialect.name != "postgresql":
        return
    for model in _numbered():
        table = model.__tablename__
        db.session.execute(
            sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608
        )


def _numbered() -> tuple[type[Base], ...]:
    return (Operator, Shop, Application, TrustCode)
