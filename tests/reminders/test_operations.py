"""Writing, proposing, publishing by a second officer, ending; whom a reminder reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.accounts import make_officer
from tests.factories.merchants import NOW, make_shop
from tests.factories.regions import make_industry, make_street
from tests.factories.reminders import make_draft, make_proposed, make_reminder
from webapp.audit.models import AuditEvent
from webapp.core import clock, policy
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.transaction import unit
from webapp.feed.models import Change
from webapp.merchants.models import Recusal
from webapp.publiclog.models import LogLeaf
from webapp.reminders import operations, queries, rules
from webapp.reminders.models import Reminder
from webapp.reminders.queries import Asked
from webapp.reminders.rules import ReminderKind, ReminderState

TODAY = clock.day_of(NOW)
R = ReminderState


@pytest.fixture
def officer(context: Flask) -> Actor:
    with unit():
        policy.sync()
        make_street()
        make_street("130602001", "竞秀区先锋市场监管所")
        make_industry("6220")
        make_industry("6110", "stay")
        return make_officer().actor()


@pytest.fixture
def second(officer: Actor) -> Actor:
    with unit():
        return make_officer().actor()


def changes() -> list[tuple[str, int | None]]:
    rows = db.session.execute(sa.select(Change.kind, Change.shop_id).order_by(Change.seq))
    return [(kind, shop_id) for kind, shop_id in rows if kind.startswith("reminder.")]


def act(reminder: Reminder, action: str, actor: Actor, reason: str = "") -> Reminder:
    with unit():
        return operations.act(reminder.id, action, reason, actor, NOW, reminder.version)


@pytest.mark.each_database
def test_its_life(officer: Actor, second: Actor) -> None:
    with unit():
        reminder = operations.draft(make_draft(), officer, NOW)
    assert changes() == []
    assert queries.newest(TODAY) == []
    act(reminder, "propose", officer)
    act(reminder, "refuse", second, "说清楚金额")
    with unit():
        operations.revise(reminder.id, make_draft(title="新标题"), officer, NOW, reminder.version)
    assert (reminder.state, reminder.decided_by_id, reminder.title) == (R.DRAFT, None, "新标题")
    act(reminder, "propose", officer)
    act(reminder, "take_back", officer)
    act(reminder, "propose", officer)
    act(reminder, "publish", second)
    assert queries.newest(TODAY) == [reminder]
    act(reminder, "withdraw", officer, "说法有误")
    assert queries.newest(TODAY) == []
    assert changes() == [("reminder.publish", None), ("reminder.withdraw", None)]
    events = db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)).all()
    steps = ("draft", "propose", "refuse", "edit", "propose", "take_back", "propose", "publish", "withdraw")
    assert [event for event in events if event.startswith("reminder.")] == [f"reminder.{s}" for s in steps]
    leaves = db.session.scalars(sa.select(LogLeaf.kind).order_by(LogLeaf.id)).all()
    assert leaves == ["reminder.publish", "reminder.withdraw"]
    for action in operations.ACTIONS:
        with pytest.raises(StepRefused):
            operations.act(reminder.id, action, "再来", second, NOW, reminder.version)


def test_nobody_decides_on_their_own(officer: Actor, second: Actor) -> None:
    """Neither who wrote it nor who proposed it, and the database says so too."""
    with unit():
        reminder = operations.draft(make_draft(), officer, NOW)
        operations.act(reminder.id, "propose", "", second, NOW, reminder.version)
    for actor in (officer, second):
        for action in ("publish", "refuse"):
            with pytest.raises(Forbidden, match="two_people_needed"):
                operations.act(reminder.id, action, "不行", actor, NOW, reminder.version)
    with pytest.raises(Forbidden, match="only_proposer"):
        operations.act(reminder.id, "take_back", "", officer, NOW, reminder.version)
    for column in ("written_by_id", "proposed_by_id"):
        same = f"UPDATE reminder SET state = 'published', published_at = written_at, decided_by_id = {column}"
        with pytest.raises(sa.exc.IntegrityError, match="two_people"), db.session.begin_nested():
            db.session.execute(sa.text(same))
    alone = "UPDATE reminder SET state = 'published', published_at = written_at"
    with pytest.raises(sa.exc.IntegrityError, match="published_by_two"), db.session.begin_nested():
        db.session.execute(sa.text(alone))
    with unit():
        third = make_officer().actor()
    assert act(reminder, "publish", third).state is R.PUBLISHED


@pytest.mark.each_database
def test_the_second_of_two_is_told(app: Flask) -> None:
    with app.app_context(), unit():
        policy.sync()
        make_street()
        one, other = make_officer().actor(), make_officer().actor()
        reminder_id = make_proposed().id
    with app.app_context():
        version = queries.get(reminder_id).version
        db.session.commit()
        with app.app_context(), unit():
            operations.act(reminder_id, "refuse", "不妥", one, NOW, version)
        with pytest.raises(Conflict, match="changed_meanwhile"):
            operations.act(reminder_id, "publish", "", other, NOW, version)
        db.session.rollback()
    with app.app_context():
        assert queries.get(reminder_id).state is R.REFUSED


@pytest.mark.each_database
def test_a_published_one_changes_by_another_that_takes_its_place(officer: Actor, second: Actor) -> None:
    with unit():
        first = make_reminder(officer)
        newer = operations.revise(first.id, make_draft(title="改过的"), officer, NOW, first.version)
    assert (first.title, first.state, newer.replaces_id) == ("办卡先看合同", R.PUBLISHED, first.id)
    with pytest.raises(Conflict, match="successor"):
        operations.revise(first.id, make_draft(title="又一份"), second, NOW, first.version)
    act(newer, "propose", officer)
    act(newer, "publish", second)
    assert (first.state, newer.state) == (R.REPLACED, R.PUBLISHED)
    assert queries.newest(TODAY) == [newer]
    assert queries.successor_of(first.id) is newer
    with pytest.raises(StepRefused):
        act(first, "withdraw", officer, "有误")


def test_its_successor_is_published_though_it_ended_meanwhile(officer: Actor, second: Actor) -> None:
    with unit():
        first = make_reminder(officer)
        newer = operations.revise(first.id, make_draft(title="改过的"), officer, NOW, first.version)
    act(first, "withdraw", officer, "有误")
    act(newer, "propose", officer)
    act(newer, "publish", second)
    assert first.state is R.WITHDRAWN


@pytest.mark.each_database
def test_its_term_ends_by_itself(officer: Actor) -> None:
    with unit():
        reminder = make_reminder(term_until=TODAY + timedelta(days=3))
    last = NOW + timedelta(days=3)
    assert queries.newest(clock.day_of(last)) == [reminder]
    assert queries.newest(clock.day_of(last) + timedelta(days=1)) == []
    with unit():
        assert operations.expire_ended(last) == 0
        assert operations.expire_ended(last + timedelta(days=1)) == 1
        assert operations.expire_ended(last + timedelta(days=1)) == 0
    assert reminder.state is R.EXPIRED
    assert changes()[-1] == ("reminder.expire", None)


def test_an_old_draft_is_not_put_forward(officer: Actor) -> None:
    with unit():
        reminder = operations.draft(make_draft(term_until=TODAY + timedelta(days=1)), officer, NOW)
    with pytest.raises(Invalid, match="reminder_term"):
        operations.act(reminder.id, "propose", "", officer, NOW + timedelta(days=2), reminder.version)


def test_what_is_left_to_write_is_not_put_forward(officer: Actor) -> None:
    with unit():
        reminder = operations.draft(make_draft(body="【请写清楚：怎么办】"), officer, NOW)
    with pytest.raises(Invalid, match="reminder_unfinished"):
        operations.act(reminder.id, "propose", "", officer, NOW, reminder.version)


def test_about_shops_only_their_pages_change(officer: Actor, second: Actor) -> None:
    with unit():
        shop, other, third = make_shop(), make_shop(name="隔壁"), make_shop(name="对门")
        reminder = make_reminder(officer, shop_ids=(shop.id, other.id), region_code="", category="stay")
    assert changes() == [("reminder.publish", shop.id), ("reminder.publish", other.id)]
    assert (reminder.region_code, reminder.category) == (shop.region_code, None)
    assert queries.for_shop(shop, TODAY) == queries.for_shop(other, TODAY) == [reminder]
    assert queries.for_shop(third, TODAY) == []
    assert list(db.session.scalars(queries.public_list(TODAY, Asked(category="eat")))) == [reminder]
    assert list(db.session.scalars(queries.public_list(TODAY, Asked(category="stay")))) == []
    sealed = db.session.scalars(sa.select(LogLeaf).where(LogLeaf.subject_type == "reminder_shop")).all()
    assert [(leaf.kind, leaf.shop_id) for leaf in sealed] == [
        ("reminder_shop.name", shop.id),
        ("reminder_shop.name", other.id),
    ]
    assert all(b"shop" not in leaf.data.replace(b"reminder_shop", b"") and leaf.about for leaf in sealed)
    act(reminder, "withdraw", second, "有误")
    assert queries.for_shop(shop, TODAY) == []
    db.session.expire_all()
    sealed = db.session.scalars(sa.select(LogLeaf).where(LogLeaf.subject_type == "reminder_shop")).all()
    assert [leaf.about for leaf in sealed] == [None] * 4


def test_whoever_must_stand_aside_from_one_of_the_shops_does_nothing(officer: Actor, second: Actor) -> None:
    with unit():
        mine, other = make_shop(), make_shop(name="隔壁")
        reminder = make_proposed(second, shop_ids=(mine.id, other.id))
        db.session.add(Recusal(account_id=officer.account_id, operator_id=mine.operator_id, declared_at=NOW))
    tied = replace(officer, aside_from=frozenset({mine.operator_id}))
    for action in ("publish", "refuse"):
        with pytest.raises(Forbidden, match="must_stand_aside"):
            operations.act(reminder.id, action, "理由", tied, NOW, reminder.version)
    with pytest.raises(Forbidden, match="must_stand_aside"):
        operations.draft(make_draft(shop_ids=(other.id, mine.id)), tied, NOW)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"region_code": "1306"}, Forbidden),
        ({"region_code": "130602"}, Forbidden),
        ({"region_code": "999999"}, Invalid),
        ({"region_code": ""}, Invalid),
        ({"category": "fly"}, Invalid),
        ({"industry_code": "0000"}, Invalid),
        ({"industry_code": "6220", "category": "stay"}, Invalid),
        ({"shop_ids": (4711,)}, NotFound),
        ({"title": " "}, Invalid),
        ({"ground": "rumour"}, Invalid),
        ({"ground": "earlier"}, Invalid),
        ({"term_until": None}, Invalid),
        ({"term_until": TODAY}, Invalid),
        ({"term_until": TODAY + timedelta(days=181)}, Invalid),
        ({"shop_ids": tuple(range(1, 52))}, Invalid),
    ],
)
def test_what_is_refused(officer: Actor, more: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        operations.draft(make_draft(**more), officer, NOW)
    operations.draft(make_draft(industry_code="6220", category="eat"), officer, NOW)
    warning = make_draft(kind=ReminderKind.WARNING, term_until=TODAY + timedelta(days=181))
    operations.draft(warning, officer, NOW)


def test_a_shop_of_another_district_is_out_of_reach(officer: Actor) -> None:
    shop = make_shop(region_code="130602001")
    with pytest.raises(Forbidden):
        operations.draft(make_draft(shop_ids=(shop.id,)), officer, NOW)


def test_a_station_writes_for_its_streets_and_the_bureau_publishes(officer: Actor) -> None:
    station = make_street().station_id
    writer = make_officer(Role.STATION_OFFICER, station_id=station).actor()
    with pytest.raises(Forbidden):
        operations.draft(make_draft(), writer, NOW)
    reminder = make_proposed(writer, region_code=make_street().code)
    other = make_officer(Role.STATION_OFFICER, station_id=station).actor()
    with pytest.raises(Forbidden):
        operations.act(reminder.id, "publish", "", other, NOW, reminder.version)
    operations.act(reminder.id, "publish", "", officer, NOW, reminder.version)
    for role in (Role.DEPARTMENT_OFFICER, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            operations.draft(make_draft(), make_officer(role).actor(), NOW)


def test_somebody_elses_region_is_not_withdrawn(officer: Actor) -> None:
    reminder = make_reminder(region_code="1306")
    with pytest.raises(Forbidden):
        operations.act(reminder.id, "withdraw", "有误", officer, NOW, reminder.version)


@pytest.mark.each_database
def test_a_shops_page_shows_what_concerns_it(officer: Actor) -> None:
    """The query agrees with the rule for every combination of region, category and industry."""
    with unit():
        shops = [make_shop(), make_shop(region_code="130602001"), make_shop(industry_code="6110")]
        city = make_officer(region_code="1306").actor()
        for region in ("1306", "130606", "130602", "130606003"):
            for category, industry in ((None, None), ("eat", None), ("stay", "6110"), (None, "6220")):
                make_reminder(city, region_code=region, category=category, industry_code=industry)
    everything = list(db.session.scalars(queries.public_list(TODAY)))
    assert len(everything) == 16
    for shop in shops:
        expected = {
            entry.id
            for entry in everything
            if rules.concerns(
                entry.region_code,
                entry.category,
                entry.industry_code,
                shop.region_code,
                shop.category.value if shop.category else None,
                shop.industry_code,
            )
        }
        assert {entry.id for entry in queries.for_shop(shop, TODAY, limit=50)} == expected
        assert 0 < len(expected) < 16


def test_warnings_first_then_the_newest_and_only_a_few(officer: Actor) -> None:
    shop = make_shop()
    for minutes in range(4):
        make_reminder(now=NOW + timedelta(minutes=minutes), title=f"提醒{minutes}")
    make_reminder(kind=ReminderKind.WARNING, title="警示", now=NOW - timedelta(days=3))
    make_reminder(shop_ids=(shop.id,), title="这家店", now=NOW - timedelta(days=9))
    assert [entry.title for entry in queries.for_shop(shop, TODAY)] == ["这家店", "警示", "提醒3"]


def test_not_before_its_day(officer: Actor) -> None:
    make_reminder(now=NOW + timedelta(days=1))
    assert queries.newest(TODAY) == []
    assert len(queries.newest(TODAY + timedelta(days=1))) == 1


def test_a_draft_is_written_as_it_is(officer: Actor) -> None:
    written = replace(make_draft(), title="  两边空白  ")
    assert operations.draft(written, officer, NOW).title == "两边空白"


def test_who_has_something_waiting(officer: Actor, second: Actor) -> None:
    with unit():
        make_proposed(officer)
        make_reminder()
    assert queries.waiting_count(officer.posts, officer.account_id) == 0
    assert queries.waiting_count(second.posts, second.account_id) == 1
