"""Complaints (投诉) over the year before today: facts, demand, the merchant's answer, the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from webapp.demo import words
from webapp.demo.city import DemoShop
from webapp.demo.draw import Draw
from webapp.demo.people import draw_consumer, draw_phone
from webapp.demo.ratings import draw_instant

# Out of a thousand: the chance of another complaint after each. Prepaid trades have more, as everywhere.
_MORE = 160
_MORE_PREPAID = 420
_PREPAID_TRADES = frozenset({"gym", "training", "hair"})
_SETTLED = 780  # of answered ones
_ON_TIME = 900  # of answers within 24 hours


@dataclass(frozen=True, slots=True)
class DemoComplaint:
    """One dispute. Instants in UTC, money in fen (None: no sum is asked).

    `state`: settling (no answer yet), answered (the consumer has not said), resolved, referred (with the
    authority), mediating, closed (ended without agreement). `topic` and `demand` are codes of the complaint
    form. What has happened is set, in this order: `answer` with `answered_at`; then either `ended_at` at once,
    or `referred_at` with the consumer's `referral_reason`, `accepted_at`, and `ended_at` with the officer's
    `ending`. `handling_stars` 1 to 5: the consumer's mark for the handling of an ended one.
    """

    topic: str
    text: str
    demand: str
    amount_fen: int | None
    consumer_name: str
    consumer_phone: str
    share_contact: bool
    consents_to_disclosure: bool
    received_at: datetime
    state: str
    answer: str | None = None
    answered_at: datetime | None = None
    referral_reason: str | None = None
    referred_at: datetime | None = None
    accepted_at: datetime | None = None
    ending: str | None = None
    ended_at: datetime | None = None
    handling_stars: int | None = None


@cache
def _templates(category: str, look: str, trade: str) -> tuple[dict[str, str], ...]:
    rows = words.table("complaints.csv")
    close = tuple(row for row in rows if row["trades"] in (trade, look))
    # What is typical of the trade comes up more often than what is typical of the category.
    return tuple(row for row in rows if row["trades"] == category) + close * 4


@cache
def _answers(outcome: str, reply: str) -> tuple[str, ...]:
    return tuple(
        row["text"]
        for row in words.table("answers.csv")
        if row["outcome"] == outcome and row["reply"] in (reply, "any")
    )


@cache
def _endings(part: str) -> tuple[str, ...]:
    return tuple(row["text"] for row in words.table("endings.csv") if row["part"] == part)


def complaints_for(seed: int, shop: DemoShop, today: date) -> tuple[DemoComplaint, ...]:
    """The shop's complaints, oldest first; none for most shops."""
    draw = Draw(seed, "complaint", shop.index)
    more = _MORE_PREPAID if shop.trade.key in _PREPAID_TRADES else _MORE
    made: list[DemoComplaint] = []
    while len(made) < 12 and draw.chance(more):
        made.append(_make(draw, shop, today))
    return tuple(sorted(made, key=lambda complaint: complaint.received_at))


def _make(draw: Draw, shop: DemoShop, today: date) -> DemoComplaint:
    row = draw.choice(_templates(shop.category, shop.trade.look, shop.trade.key))
    yuan = draw.between(int(row["min_yuan"]), int(row["max_yuan"]))
    when = draw.choice(words.phrases()["when"].split("|"))
    # A fifth is recent, so that queues are not empty on the first day.
    received_at = draw_instant(draw, today, oldest_days=6 if draw.chance(200) else 365)
    filed = DemoComplaint(
        topic=row["topic"],
        text=row["text"].format(when=when, yuan=yuan),
        demand=row["demand"],
        amount_fen=yuan * 100 or None,
        consumer_name=draw_consumer(draw),
        consumer_phone=draw_phone(draw),
        share_contact=draw.chance(700),
        consents_to_disclosure=draw.chance(620),
        received_at=received_at,
        state="settling",
    )
    now = datetime.combine(today, time(), UTC)
    return _answered(draw, filed, row["reply"], yuan, now)


def _answered(draw: Draw, filed: DemoComplaint, reply: str, yuan: int, now: datetime) -> DemoComplaint:
    """What the merchant and the consumer did until `now`; some merchants and some consumers keep silent."""
    settled = draw.chance(_SETTLED)
    on_time = draw.chance(_ON_TIME)
    answered_at = filed.received_at + timedelta(
        minutes=draw.between(20, 1380) if on_time else draw.between(1500, 6000)
    )
    is_recent = now - filed.received_at < timedelta(days=5)
    if answered_at >= now or (is_recent and draw.chance(250)):
        return filed
    text = draw.choice(_answers("settled" if settled else "refused", reply)).format(yuan=yuan)
    answered = replace(filed, state="answered", answer=text, answered_at=answered_at)
    said_at = answered_at + timedelta(minutes=draw.between(60, 5000))
    if said_at >= now or draw.chance(80):
        return answered
    if settled:
        return replace(answered, state="resolved", ended_at=said_at, handling_stars=draw.between(4, 5))
    reason = draw.choice(_endings("unresolved"))
    referred = replace(answered, state="referred", referred_at=said_at, referral_reason=reason)
    return _mediated(draw, referred, said_at, now)


def _mediated(draw: Draw, referred: DemoComplaint, referred_at: datetime, now: datetime) -> DemoComplaint:
    """What the authority did until `now`: accepted within seven working days, ended within sixty days."""
    accepted_at = referred_at + timedelta(hours=draw.between(20, 150))
    if accepted_at >= now:
        return referred
    mediating = replace(referred, state="mediating", accepted_at=accepted_at)
    ended_at = accepted_at + timedelta(hours=draw.between(72, 1300))
    if ended_at >= now:
        return mediating
    agreed = draw.chance(640)
    return replace(
        mediating,
        state="resolved" if agreed else "closed",
        ending=draw.choice(_endings("agreed" if agreed else "failed")),
        ended_at=ended_at,
        handling_stars=draw.between(3, 5) if agreed else draw.between(1, 3),
    )
