"""Reading hot spots, and the draft of a reminder that one click makes of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core import clock, policy
from webapp.core.actor import Actor, Post, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, NotFound
from webapp.merchants.models import Category, Shop
from webapp.merchants.queries import within
from webapp.regions import queries as regions
from webapp.reminders import operations as reminders
from webapp.reminders.models import Reminder
from webapp.reminders.rules import BODY_LONGEST, TITLE_LONGEST, ReminderKind
from webapp.tips.models import Tip
from webapp.web.filters import day
from webapp.web.words import label

from . import heat

GROUND = "complaint_hotspot"
#: Topics named in a draft.
TOPICS_MOST = 3


@dataclass(frozen=True)
class Period:
    """The days from `first` up to and including `last`, and as many before them."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        """Its first instant."""
        return clock.end_of_day(self.first - timedelta(days=1))

    @property
    def until(self) -> datetime:
        """The first instant after it."""
        return clock.end_of_day(self.last)

    @property
    def earlier(self) -> datetime:
        """The first instant of the period of the same length before."""
        return clock.end_of_day(self.first - timedelta(days=self.days + 1))


def period(today: date, last: date | None = None) -> Period:
    """The whole days up to yesterday, or up to `last`; so many as the policy of `today` says."""
    end = last or today - timedelta(days=1)
    return Period(end - timedelta(days=policy.get_int("hotspot.days", today) - 1), end)


def limits(today: date) -> heat.Limits:
    """From when on it is a hot spot, by the policy of `today`."""
    keys = ("hotspot.min_sample", "hotspot.growth_percent", "hotspot.high_percent")
    found = policy.get_ints(keys, today)
    return heat.Limits(*(found[key] for key in keys))


def found(posts: tuple[Post, ...], looked_at: Period, today: date) -> list[heat.Spot]:
    """All counties × categories within reach that had a case in the period, hot ones first."""
    return heat.spots(
        [*_tallies(Complaint, heat.COMPLAINT, posts, looked_at), *_tallies(Tip, heat.TIP, posts, looked_at)],
        limits(today),
    )


def spot(posts: tuple[Post, ...], county: str, category: str, looked_at: Period, today: date) -> heat.Spot:
    """One of them; raises NotFound when it had no case in the period."""
    for one in found(posts, looked_at, today):
        if (one.region_code, one.category) == (county, category):
            return one
    raise NotFound("no_such_thing")


def complaints_of(
    posts: tuple[Post, ...], county: str, category: str, looked_at: Period
) -> sa.Select[tuple[Complaint]]:
    """The complaints behind a hot spot, newest first, for paging."""
    return (
        sa.select(Complaint)
        .join(Shop, Shop.id == Complaint.shop_id)
        .where(
            *_counted(Complaint), *_in(Complaint, looked_at.since, looked_at), *_of(posts, county, category)
        )
        .order_by(Complaint.received_at.desc(), Complaint.id.desc())
    )


def tips_of(
    posts: tuple[Post, ...], county: str, category: str, looked_at: Period, limit: int = 200
) -> Sequence[Tip]:
    """The tips behind a hot spot, newest first."""
    statement = (
        sa.select(Tip)
        .join(Shop, Shop.id == Tip.shop_id)
        .where(*_in(Tip, looked_at.since, looked_at), *_of(posts, county, category))
        .order_by(Tip.received_at.desc(), Tip.id.desc())
    )
    return db.session.scalars(statement.limit(limit)).all()


def shops_of(
    posts: tuple[Post, ...], county: str, category: str, looked_at: Period, limit: int = 10
) -> list[tuple[Shop, int]]:
    """The shops with the most cases in the period, and how many."""
    counts: dict[int, int] = {}
    for model in (Complaint, Tip):
        statement = (
            sa.select(model.shop_id, sa.func.count())
            .join(Shop, Shop.id == model.shop_id)
            .where(*_counted(model), *_in(model, looked_at.since, looked_at), *_of(posts, county, category))
            .group_by(model.shop_id)
        )
        for shop_id, count in db.session.execute(statement).tuples():
            counts[shop_id] = counts.get(shop_id, 0) + count
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    shops = {
        shop.id: shop
        for shop in db.session.scalars(sa.select(Shop).where(Shop.id.in_([number for number, _ in most])))
    }
    return [(shops[number], count) for number, count in most]


def scope_of_county(county: str, **_rest: object) -> Scope:
    """For access rules: the county in the address; raises NotFound for what is none."""
    if regions.find(county) is None:
        raise NotFound("no_such_thing")
    return Scope(county)


def draft(one: heat.Spot, kind: ReminderKind, looked_at: Period, actor: Actor, now: datetime) -> Reminder:
    """A draft with the figures filled in, and what they were, so that the cases behind it can be found again.

    Raises Conflict (``hotspot_few``) below the minimum sample.
    """
    if not one.enough:
        raise Conflict("hotspot_few", least=one.limits.least)
    today = clock.day_of(now)
    region = regions.find(one.region_code)
    place = "" if region is None else region.name
    trade = label(f"category.{one.category}.long").rpartition(" · ")[2]
    topics = [
        label("oversight.hotspot.topic", topic=label(f"complaint.topic.{topic}"), count=count)
        for topic, count in one.topics[:TOPICS_MOST]
    ]
    body = label(
        "oversight.hotspot.body",
        region=place,
        category=trade,
        days=looked_at.days,
        count=one.count,
        compared=compared(one, looked_at.days),
        topics=label("oversight.hotspot.and").join(topics),
    )
    written = reminders.Draft(
        kind=kind,
        title=label("oversight.hotspot.title", region=place, category=trade)[:TITLE_LONGEST],
        body=body.replace("\\n", "\n")[:BODY_LONGEST],
        region_code=one.region_code,
        ground=GROUND,
        term_until=today + timedelta(days=policy.get_int("reminder.default_days", today)),
        category=one.category,
    )
    return reminders.draft(written, actor, now, figures(one, looked_at))


def reference(county: str, category: str, looked_at: Period) -> str:
    """What a talk keeps of the hot spot that it was made of: ``county/category/last day``."""
    return f"{county}/{category}/{looked_at.last.isoformat()}"


def named(ref: str) -> tuple[str, str, date] | None:
    """What `reference` wrote, or None for anything else."""
    county, _, rest = ref.partition("/")
    category, _, last = rest.partition("/")
    try:
        return (county, category, date.fromisoformat(last)) if category in categories() else None
    except ValueError:
        return None


def facts_of_shop(
    posts: tuple[Post, ...], shop: Shop, county: str, category: str, looked_at: Period
) -> tuple[str, str]:
    """What the draft of a talk says to this shop, and to the public, or two empty texts when it had no complaint.

    Complaints alone are counted: a number of tips would tell the merchant that there are some.
    """
    statement = (
        sa.select(Complaint.topic, sa.func.count())
        .join(Shop, Shop.id == Complaint.shop_id)
        .where(
            *_counted(Complaint),
            *_in(Complaint, looked_at.since, looked_at),
            *_of(posts, county, category),
            Complaint.shop_id == shop.id,
        )
        .group_by(Complaint.topic)
    )
    counted = sorted(db.session.execute(statement).tuples(), key=lambda pair: (-pair[1], pair[0]))
    if not counted:
        return "", ""
    topics = [
        label("oversight.hotspot.topic", topic=label(f"complaint.topic.{topic}"), count=count)
        for topic, count in counted[:TOPICS_MOST]
    ]
    count = sum(number for _topic, number in counted)
    numbers = {"first": day(looked_at.first), "last": day(looked_at.last), "count": count}
    listed = label("oversight.hotspot.and").join(topics)
    facts = label("oversight.hotspot.talk_facts", topics=listed, **numbers).replace("\\n", "\n")
    return facts, label("oversight.hotspot.talk_summary", **numbers)


def compared(one: heat.Spot, days: int) -> str:
    """How it compares with the period before, in words."""
    if one.growth is None:
        return label("oversight.hotspot.from_nothing", days=days)
    key = "more" if one.more > 0 else "fewer" if one.more < 0 else "same"
    return label(
        f"oversight.hotspot.{key}", days=days, before=one.before, more=abs(one.more), percent=abs(one.growth)
    )


def figures(one: heat.Spot, looked_at: Period) -> dict[str, Any]:
    """What a draft keeps of the hot spot that it was made of."""
    return {
        "region_code": one.region_code,
        "category": one.category,
        "until": looked_at.last.isoformat(),
        "days": looked_at.days,
        "count": one.count,
        "complaints": one.complaints,
        "tips": one.tips,
        "before": one.before,
        "topics": [list(pair) for pair in one.topics],
    }


def categories() -> list[str]:
    """The categories that an address may name."""
    return [category.value for category in Category]


_Cases = type[Complaint] | type[Tip]


def _tallies(model: _Cases, source: str, posts: tuple[Post, ...], looked_at: Period) -> list[heat.Tally]:
    county = sa.func.substr(Shop.region_code, 1, 6)
    now = sa.case((model.received_at >= looked_at.since, 1), else_=0)
    statement = (
        sa.select(county, Shop.category, model.topic, now, sa.func.count())
        .join(Shop, Shop.id == model.shop_id)
        .where(*_counted(model), *_in(model, looked_at.earlier, looked_at))
        .where(within(posts), Shop.category.is_not(None), sa.func.length(Shop.region_code) >= 6)
        .group_by(county, Shop.category, model.topic, now)
    )
    return [
        heat.Tally(source, region, category.value, topic, count, bool(is_now))
        for region, category, topic, is_now, count in db.session.execute(statement)
    ]


def _counted(model: _Cases) -> list[sa.ColumnElement[bool]]:
    """What the authority did not accept (outside its competence, false identity, …) says nothing of a trade."""
    return [Complaint.state != ComplaintState.REFUSED] if model is Complaint else []


def _in(model: _Cases, since: datetime, looked_at: Period) -> list[sa.ColumnElement[bool]]:
    return [model.received_at >= since, model.received_at < looked_at.until]


def _of(posts: tuple[Post, ...], county: str, category: str) -> list[sa.ColumnElement[bool]]:
    return [
        within(posts),
        Shop.region_code.startswith(county, autoescape=True),
        Shop.category == Category(category),
    ]
