"""Honours, campaigns, reminders and holidays: what a bureau announces."""

from __future__ import annotations

from datetime import date, timedelta

from tests.factories.accounts import make_officer
from tests.factories.files import make_file
from webapp.campaigns.models import Campaign
from webapp.campaigns.rules import CampaignState
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.files.models import FilePurpose
from webapp.holidays.models import HolidayNotice
from webapp.honours.models import Honour, Measure, Nomination, ReturnChain
from webapp.honours.rules import HonourKind
from webapp.reminders.models import Reminder, ReminderKind
from webapp.reminders.rules import ReminderState

from .world import Maker, World, fixed


def _chain(world: World) -> int:
    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6])
    row = ReturnChain(
        name=f"品牌{officer.id}",
        terms="凭小票",
        region_code=world.shop.region_code[:6],
        created_by_id=officer.id,
        created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _honour(world: World) -> int:
    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id
    row = Honour(
        shop_id=world.shop.id,
        kind=HonourKind.NO_REASON_RETURN,
        days=7,
        terms="七天",
        proposed_by_id=officer,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _nomination(world: World) -> int:
    facts = {
        "ratings": 10,
        "mean": 4.8,
        "days_active": 200,
        "unresolved": 0,
        "late": 0,
        "return_pledged": False,
        "grounds": ["high_ratings"],
    }
    db.session.merge(Nomination(shop_id=world.shop.id, facts=facts, nominated_at=clock.now()))
    db.session.flush()
    return world.shop.id


def _measure(world: World) -> int:
    shop = world.shop
    place = {"station_id": shop.station_id, "department_code": shop.department_code}
    row = Measure(
        kind="black",
        file_name="a.csv",
        data=b"x",
        sha256="0" * 64,
        region_code=shop.region_code[:6],
        uploaded_by_id=make_officer(Role.STATION_OFFICER, shop.region_code[:6], **place).id,
        uploaded_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _campaign(world: World) -> int:
    """One that is on the front page now, so that its picture is public."""
    region = world.shop.region_code[:6]
    first, second = make_officer(Role.BUREAU_OFFICER, region).id, make_officer(Role.BUREAU_OFFICER, region).id
    row = Campaign(
        state=CampaignState.APPROVED,
        title="年货节",
        title_en="Market",
        link="/shops",
        region_code=region,
        starts_on=clock.today(),
        ends_on=clock.today(),
        file_id=make_file(FilePurpose.EVIDENCE).id,
        proposed_by_id=first,
        proposed_at=clock.now(),
        decided_by_id=second,
        decided_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _reminder(world: World) -> int:
    writer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id
    row = Reminder(
        kind=ReminderKind.REMINDER,
        state=ReminderState.PUBLISHED,
        title="夏季吃凉菜要当心",
        body="现做现吃，不隔夜。",
        ground="season",
        region_code=world.shop.region_code,
        term_until=clock.today() + timedelta(days=30),
        written_by_id=writer,
        written_at=clock.now(),
        proposed_by_id=writer,
        proposed_at=clock.now(),
        decided_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        decided_at=clock.now(),
        published_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _holiday_notice(world: World) -> int:

    db.session.query(HolidayNotice).delete()  # one revision of a year is there once
    row = HolidayNotice(
        year=clock.today().year + 1,
        revision=1,
        days_off=[date(clock.today().year + 1, 1, 1).isoformat()],
        made_up=[],
        title="放假通知",
        number="国办发明电",
        url="",
        entered_by_id=make_officer(Role.ADMINISTRATOR, world.shop.region_code[:4]).id,
        entered_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


SAMPLES: dict[str, Maker] = {
    "holidays:notice_id": _holiday_notice,
    "reminder_id": _reminder,
    "reminders_office:action": fixed("drop"),
    "reminders_office.decide:action": fixed("withdraw"),
    "chain_id": _chain,
    "campaign_id": _campaign,
    "campaigns_office:action": fixed("withdraw"),
    "honour_id": _honour,
    "honours_office:action": fixed("confirm"),
    "honours_many:shop_id": _nomination,
    "measure_id": _measure,
    "honours_many:action": fixed("drop"),
}
