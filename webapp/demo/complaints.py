"""Complaints (投诉) over the year before today: facts, demand, the merchant's answer, the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
    """One dispute. Instants in UTC, money in fen (0: no sum is asked).

    `status`: "submitted" (no answer yet), "answered" (the consumer has not said), "resolved", "unresolved".
    `ask`: refund, difference, replace, repair, delivery, compensation, apology, invoice, inspection.
    `answered_at` and `answer` are set from "answered" on, `closed_at` from "resolved" or "unresolved" on;
    `handling_stars` 1 to 5 is the consumer's mark for the handling, or None.
    """

    problem: str
    text: str
    ask: str
    amount_fen: int
    consumer_name: str
    consumer_phone: str
    consents_to_disclosure: bool
    received_at: datetime
    status: str
    answer: str | None
    answered_at: datetime | None
    closed_at: datetime | None
    handling_stars: int | None


@cache
def _templates(category: str, look: str, trade: str) -> tuple[dict[str, str], ...]:
    rows = words.table("complaints.csv")
    close = tuple(row for row in rows if row["trades"] in (trade, look))
    # What is typical of the trade comes up more often than what is typical of the category.
    return tuple(row for row in rows if row["trades"] == category) + close * 4


@cache
def _answers(outcome: str, ask: str) -> tuple[str, ...]:
    return tuple(
        row["text"]
        for row in words.table("answers.csv")
        if row["outcome"] == outcome and row["ask"] in (ask, "any")
    )


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
    age = datetime.combine(today, received_at.timetz()) - received_at
    settled = draw.chance(_SETTLED)
    answer_after = timedelta(
        minutes=draw.between(20, 1380) if draw.chance(_ON_TIME) else draw.between(1500, 6000)
    )
    close_after = answer_after + timedelta(minutes=draw.between(60, 5000))
    status = _status(draw, age, answer_after, close_after, settled=settled)
    has_answer = status != "submitted"
    is_closed = status in ("resolved", "unresolved")
    answers = _answers("settled" if settled else "refused", row["ask"])
    return DemoComplaint(
        problem=row["problem"],
        text=row["text"].format(when=when, yuan=yuan),
        ask=row["ask"],
        amount_fen=yuan * 100,
        consumer_name=draw_consumer(draw),
        consumer_phone=draw_phone(draw),
        consents_to_disclosure=draw.chance(620),
        received_at=received_at,
        status=status,
        answer=draw.choice(answers).format(yuan=yuan) if has_answer else None,
        answered_at=received_at + answer_after if has_answer else None,
        closed_at=received_at + close_after if is_closed else None,
        handling_stars=(draw.between(4, 5) if settled else draw.between(1, 3)) if is_closed else None,
    )


def _status(
    draw: Draw, age: timedelta, answer_after: timedelta, close_after: timedelta, *, settled: bool
) -> str:
    """How far it has come by the start of today; some merchants and some consumers keep silent."""
    day = timedelta(days=1)
    if answer_after > age - day or (age < 5 * day and draw.chance(250)):
        return "submitted"
    if close_after > age - day or draw.chance(80):
        return "answered"
    return "resolved" if settled else "unresolved"
