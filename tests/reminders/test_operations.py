"""Publishing, revising, withdrawing; whom a reminder reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.accounts import make_officer
from tests.factories.merchants import NOW, make_shop
from tests.factories.regions import make_industry, make_street
from tests.factories.reminders import make_draft, make_reminder
from webapp.audit.models import AuditEvent
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.transaction import unit
from webapp.feed.models import Change
from webapp.reminders import operations, queries, rules
from webapp.reminders.rules import ReminderKind

TODAY = NOW.date()


@pytest.fixture
def officer(context: Flask) -> Actor:
    with unit():
        make_street()
        make_street("130602001", "竞秀区先锋市场监管所")
        make_industry("6220")
        make_industry("6110", "stay")
        return make_officer().actor()


def changes() -> list[tuple[str, int | None]]:
    rows = db.session.execute(sa.select(Change.kind, Change.shop_id).order_by(Change.seq))
    return [(kind, shop_id) for kind, shop_id in rows if kind.startswith("reminder.")]


@pytest.mark.each_database
def test_its_life(officer: Actor, context: Flask) -> None:
    with unit():
        reminder = operations.publish(make_draft(), officer, NOW)
    with unit():
        operations.revise(reminder.id, make_draft(title="新标题"), officer, NOW, reminder.version)
    assert (reminder.title, reminder.changed_at) == ("新标题", NOW)
    with unit():
        operations.withdraw(reminder.id, "说法有误", officer, NOW, reminder.version)
    assert changes() == [("reminder.publish", None), ("reminder.revise", None), ("reminder.withdraw", None)]
    events = list(db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)))
    assert [event.action for event in events] == ["reminder.publish", "reminder.revise", "reminder.withdraw"]
    assert events[1].old is not None
    assert events[1].old["title"] == "办卡先看合同"
    assert events[2].reason == "说法有误"
    for again in (
        lambda: operations.withdraw(reminder.id, "再来", officer, NOW, reminder.version),
        lambda: operations.revise(reminder.id, make_draft(), officer, NOW, reminder.version),
    ):
        with pytest.raises(StepRefused):
            again()


@pytest.mark.each_database
def test_the_second_of_two_is_told(app: Flask) -> None:
    with app.app_context(), unit():
        make_street()
        officer = make_officer().actor()
        reminder_id = operations.publish(make_draft(), officer, NOW).id
    with app.app_context():
        version = queries.get(reminder_id).version
        db.session.commit()
        with app.app_context(), unit():
            operations.withdraw(reminder_id, "有误", officer, NOW, version)
        with pytest.raises(Conflict, match="changed_meanwhile"):
            operations.revise(reminder_id, make_draft(title="晚到的"), officer, NOW, version)
        db.session.rollback()
    with app.app_context():
        assert queries.get(reminder_id).title == "办卡先看合同"


def test_an_unchanged_revision_is_none(officer: Actor) -> None:
    with unit():
        reminder = operations.publish(make_draft(), officer, NOW)
        operations.revise(reminder.id, make_draft(), officer, NOW, reminder.version)
    assert reminder.changed_at is None
    assert len(changes()) == 1


def test_for_one_shop_only_its_page_changes(officer: Actor) -> None:
    with unit():
        shop, other = make_shop(), make_shop(name="隔壁")
        reminder = operations.publish(
            make_draft(shop_id=shop.id, region_code="", category="stay"), officer, NOW
        )
    assert changes() == [("reminder.publish", shop.id)]
    assert (reminder.region_code, reminder.category) == ("130606", None)
    assert queries.for_shop(shop, TODAY) == [reminder]
    assert queries.for_shop(other, TODAY) == []
    with unit():
        operations.revise(reminder.id, make_draft(shop_id=other.id), officer, NOW, reminder.version)
    assert set(changes()[1:]) == {("reminder.revise", shop.id), ("reminder.revise", other.id)}
    assert queries.for_shop(shop, TODAY) == []


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
        ({"shop_id": 4711}, NotFound),
        ({"title": " "}, Invalid),
    ],
)
def test_what_is_refused(officer: Actor, more: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        operations.publish(make_draft(**more), officer, NOW)
    operations.publish(make_draft(industry_code="6220", category="eat"), officer, NOW)


def test_a_shop_of_another_district_is_out_of_reach(officer: Actor) -> None:
    shop = make_shop(region_code="130602001")
    with pytest.raises(Forbidden):
        operations.publish(make_draft(shop_id=shop.id), officer, NOW)


def test_only_the_bureau_publishes(officer: Actor) -> None:
    for role in (Role.STATION_OFFICER, Role.DEPARTMENT_OFFICER, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            operations.publish(make_draft(), make_officer(role).actor(), NOW)


def test_somebody_elses_region_is_not_withdrawn(officer: Actor) -> None:
    reminder = make_reminder(region_code="1306")
    with pytest.raises(Forbidden):
        operations.withdraw(reminder.id, "有误", officer, NOW, reminder.version)


@pytest.mark.each_database
def test_a_shops_page_shows_what_concerns_it(officer: Actor, context: Flask) -> None:
    """The query agrees with the rule for every combination of region, category and industry."""
    with unit():
        shops = [make_shop(), make_shop(region_code="130602001"), make_shop(industry_code="6110")]
        city = make_officer(region_code="1306").actor()
        for region in ("1306", "130606", "130602", "130606003"):
            for category, industry in ((None, None), ("eat", None), ("stay", "6110"), (None, "6220")):
                draft = make_draft(region_code=region, category=category, industry_code=industry)
                operations.publish(draft, city, NOW)
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
    make_reminder(shop_id=shop.id, title="这家店", now=NOW - timedelta(days=9))
    assert [entry.title for entry in queries.for_shop(shop, TODAY)] == ["这家店", "警示", "提醒3"]


def test_not_before_its_day(officer: Actor) -> None:
    make_reminder(now=NOW + timedelta(days=1))
    assert queries.newest(TODAY) == []
    assert len(queries.newest(TODAY + timedelta(days=1))) == 1


def test_a_draft_is_written_as_it_is(officer: Actor) -> None:
    draft = replace(make_draft(), title="  两边空白  ")
    assert operations.publish(draft, officer, NOW).title == "两边空白"
