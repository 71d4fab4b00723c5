"""The part of the demo city that goes the real way: applications that wait, with pictures, through the operations."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from io import BytesIO

import sqlalchemy as sa
from PIL import Image

from webapp.applications import operations as applications
from webapp.commitments import operations as commitments
from webapp.commitments import queries as commitment_queries
from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.demo import words
from webapp.demo.city import DemoShop, make_shop
from webapp.demo.licences import DemoLicence
from webapp.demo.pictures.papers import licence_scan
from webapp.demo.pictures.storefront import storefront
from webapp.demo.plan import Fate, Plan
from webapp.demo.reminders import reminders
from webapp.files import operations as files
from webapp.files.models import FilePurpose
from webapp.licences import operations as licences
from webapp.merchants.models import MemberRole, OperatorMember, Shop, ShopPhoto
from webapp.merchants.operations import keep_shown
from webapp.reminders.models import Reminder
from webapp.reminders.rules import ReminderState

from . import (
    after,
    campaigned,
    copied,
    disclosed,
    handled,
    helpers,
    honoured,
    overseen,
    rated,
)
from . import (
    shown as shown_papers,
)
from .people_writer import People
from .writer import Written

#: Applications that wait are many enough for a second page of the queue, not more: each takes two drawings.
WAITING_MOST = 40

Job = tuple[int, int, date, DemoLicence | None]


def draw(job: Job) -> bytes:
    """One picture, in a process of its own: (seed, index, today, licence) → WebP; without a licence the storefront."""
    seed, index, today, licence = job
    shop = make_shop(seed, index, today)
    if licence is None:
        return storefront(seed, shop)
    return licence_scan(seed, index, licence, shop.operator, shop.address)


def write_live(
    seed: int,
    written: Written,
    people: People,
    now: datetime,
    pictures: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Draw pictures and hand in the waiting applications; returns how many wait. Call inside a transaction."""
    today = clock.day_of(now)
    waiting = written.waiting[:WAITING_MOST]
    jobs: list[Job] = [(seed, shop.index, today, None) for _, shop, _ in waiting]
    jobs += [(seed, shop.index, today, licence) for _, shop, _ in waiting for licence in shop.licences]
    shown = [pair for pair in written.lively[:pictures] if pair[0] not in {entry[0] for entry in waiting}]
    jobs += [(seed, shop.index, today, None) for _, shop in shown]
    papers = shown[: shown_papers.SHOPS]
    jobs += [(seed, shop.index, today, licence) for _, shop in papers for licence in shop.licences]
    drawn = _draw_all(jobs, progress)
    for shop_id, shop in shown:
        _photo(shop_id, drawn[seed, shop.index, today, None], now)
    for shop_id, shop, course in waiting:
        _apply(shop_id, shop, course, drawn, people, (seed, today), now)
    _memberships(written, people, now)
    after.suspended_shop(people, now)
    after.change_request(people, now)
    copied.copied_stickers(people, now)
    _reminders(people, today)
    disclosed.disclose(people, now)
    handled.past(people, now)
    honoured.honour(people, now)
    overseen.oversee(people, now)
    helpers.help_consumers(seed, people, now)
    if pictures:
        campaigned.run_campaign(people, seed, today, now)
    scans = {
        (shop_id, licence.kind): _store(
            drawn[seed, shop.index, today, licence], FilePurpose.LICENCE, _shop(shop_id).operator_id, now
        )
        for shop_id, shop in papers
        for licence in shop.licences
    }
    shown_papers.show(papers, scans, people, now)
    taken = {shop_id: drawn[seed, shop.index, today, None] for shop_id, shop in shown}
    rated.tell(rated.shops_with_ratings(12), taken, people, now)
    return len(waiting)


def _draw_all(jobs: list[Job], progress: Callable[[int, int], None]) -> dict[Job, bytes]:
    drawn: dict[Job, bytes] = {}
    if not jobs:
        return drawn
    with ProcessPoolExecutor() as pool:
        for job, picture in zip(jobs, pool.map(draw, jobs, chunksize=4), strict=True):
            drawn[job] = picture
            progress(len(drawn), len(jobs))
    return drawn


def _store(picture: bytes, purpose: FilePurpose, operator_id: int, now: datetime) -> int:
    with Image.open(BytesIO(picture)) as image:
        image.load()
        stored = files.store_image(image, purpose, now)
    files.attach([stored.id], "operator", operator_id)
    return stored.id


def _photo(shop_id: int, picture: bytes, now: datetime) -> None:
    shop = _shop(shop_id)
    file_id = _store(picture, FilePurpose.STOREFRONT, shop.operator_id, now)
    db.session.add(ShopPhoto(shop_id=shop_id, file_id=file_id, position=0))
    db.session.flush()
    if shop.shown_as is not None:
        db.session.refresh(shop, ["photos"])
        keep_shown(shop_id)


def _apply(
    shop_id: int,
    shop: DemoShop,
    course: Plan,
    drawn: dict[Job, bytes],
    people: People,
    key: tuple[int, date],
    now: datetime,
) -> None:
    """The merchant's part, then as much of the officers' as the plan says."""
    seed, today = key
    row, at = _shop(shop_id), course.submitted_at
    owner = Actor(
        people.owner_id, shop.operator.legal_representative, Role.MERCHANT, (), frozenset({row.operator_id})
    )
    _photo(shop_id, drawn[seed, shop.index, today, None], at)
    for licence in shop.licences:
        image = _store(drawn[seed, shop.index, today, licence], FilePurpose.LICENCE, row.operator_id, at)
        licences.state(
            shop_id,
            licence.kind,
            number=licence.number,
            scope=licence.scope[:200],
            valid_from=licence.valid_from,
            valid_until=licence.valid_until,
            file_id=image,
            actor=owner,
            now=at,
        )
    offered = {template.code: template.id for template in commitment_queries.offered_to(row, today)}
    chosen = [offered[code] for code in shop.commitments if code in offered]
    commitments.sign(shop_id, chosen, shop.operator.legal_representative, owner, at)
    application = applications.start(shop_id, owner, at)
    if course.fate is not Fate.DRAFT:
        applications.submit(application.id, owner, at)
        _review(application.id, course, people, min(at + timedelta(hours=5), now))


def _review(application_id: int, course: Plan, people: People, at: datetime) -> None:
    from webapp.applications.queries import get_application  # noqa: PLC0415 - next to its only use

    phrases = words.phrases()
    version = get_application(application_id).version
    if course.fate is Fate.BUREAU:
        applications.decide(
            application_id,
            "pass_on",
            people.station,
            at,
            version,
            "documents_match",
            phrases["pass_on_reason"],
        )
    elif course.fate is Fate.RETURNED:
        reason = phrases["return_reason"]
        applications.decide(
            application_id, "return", people.station, at, version, "photo_unclear", reason, fields=("photos",)
        )
    elif course.fate is Fate.DEFERRED:
        until = clock.day_of(at) + timedelta(days=9)
        applications.decide(
            application_id,
            "defer",
            people.station,
            at,
            version,
            "site_visit",
            phrases["defer_reason"],
            deferred_until=until,
        )


def _memberships(written: Written, people: People, now: datetime) -> None:
    """The first merchant runs approved shops with complaints; the second has an application under way."""
    own = [_shop(shop_id).operator_id for shop_id, _ in written.lively if shop_id not in _ids(written)][:3]
    under_way = [
        _shop(shop_id).operator_id for shop_id, _, course in written.waiting if course.fate is Fate.RETURNED
    ]
    under_way += [_shop(shop_id).operator_id for shop_id, _, _ in written.waiting]
    for account_id, operators in ((people.owner_id, own), (people.second_owner_id, under_way[:1])):
        for operator_id in dict.fromkeys(operators):
            db.session.add(
                OperatorMember(
                    operator_id=operator_id, account_id=account_id, role=MemberRole.OWNER, created_at=now
                )
            )
    db.session.flush()


def _ids(written: Written) -> set[int]:
    return {shop_id for shop_id, _, _ in written.waiting}


def _reminders(people: People, today: date) -> None:
    for reminder in reminders(today):
        published = clock.end_of_day(reminder.published_on) - timedelta(hours=14)
        db.session.add(
            Reminder(
                kind=reminder.kind,
                state=ReminderState.PUBLISHED,
                title=reminder.title,
                body=reminder.body,
                ground=reminder.ground,
                region_code="1306",
                category=reminder.category,
                term_until=reminder.published_on + timedelta(days=180),
                written_by_id=people.station.account_id,
                written_at=published - timedelta(days=1),
                proposed_by_id=people.station.account_id,
                proposed_at=published - timedelta(hours=20),
                decided_by_id=people.bureau.account_id,
                decided_at=published,
                published_at=published,
            )
        )


def _shop(shop_id: int) -> Shop:
    return db.session.scalars(sa.select(Shop).where(Shop.id == shop_id)).one()
