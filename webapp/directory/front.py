"""The front page put together: each figure with its day and the page that it comes from. Ten queries, then kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast

from flask import current_app

from webapp.campaigns import queries as campaigns
from webapp.campaigns.models import Campaign
from webapp.core import clock, policy
from webapp.disclosure import queries as disclosure
from webapp.disclosure.showing import per_cent
from webapp.listings.models import Listing
from webapp.reminders.models import Reminder
from webapp.reminders.queries import newest as newest_reminders
from webapp.shopfront.rules import Verdict

from . import queries
from .figures import FigureCache
from .queries import Figures
from .standing import verdicts

SHOWN: Final = 3


@dataclass(frozen=True)
class Share:
    """A part of a whole from the day's open data. `text` in per cent; None: the sample is too small for one."""

    part: int
    whole: int
    text: str | None


@dataclass(frozen=True)
class Topic:
    """What consumers complain of: `code` of the topic, how many, and the whole per cent of all."""

    code: str
    count: int
    percent: int


@dataclass(frozen=True)
class Handled:
    """How complaints were handled in the `days` before the begin of `day`, as the open data of that day have it.

    `settled`: of those ended that the shop was asked to settle first, those it settled. `on_time`: of first answers
    due, those in time. `hot`: the topics that reach the sample, most first; `least` is that sample.
    """

    day: date
    days: int
    complaints: int
    settled: Share
    on_time: Share
    hot: list[Topic]
    least: int


@dataclass(frozen=True)
class Front:
    """Everything that the page shows."""

    figures: Figures
    handled: Handled | None
    red: list[Listing]
    reminders: list[Reminder]
    campaigns: list[Campaign]


def gather(now: datetime) -> Front:
    """What the page shows at `now`."""
    today = clock.day_of(now)
    # Somebody suspended yesterday is still on the red list until an officer strikes it, but is no example here.
    red = queries.newest_red(today, 4 * SHOWN)
    standing = verdicts([entry.shop for entry in red], today)
    return Front(
        figures=cast("FigureCache", current_app.extensions["ydym.figures"]).get(),
        handled=handled(today),
        red=[entry for entry in red if standing[entry.shop_id] is Verdict.TRUSTED][:SHOWN],
        reminders=newest_reminders(today, SHOWN),
        campaigns=campaigns.shown(today),
    )


def handled(today: date) -> Handled | None:
    """The figures of the newest open data; None before the first day's."""
    snapshot = disclosure.newest_snapshot()
    if snapshot is None:
        return None
    found = disclosure.figure("all", "")
    figures: dict[str, Any] = {} if found is None else found.figures
    least, total = policy.get_int("disclosure.min_sample", today), figures.get("complaints", 0)
    topics = sorted(figures.get("by_topic", {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return Handled(
        day=snapshot.day,
        days=policy.get_int("disclosure.days", today),
        complaints=total,
        settled=_share(figures, "settled", "settle_first_ended", "settlement_rate"),
        on_time=_share(figures, "answers_on_time", "answers_due", "on_time_rate"),
        hot=[
            Topic(code, count, (200 * count + total) // (2 * total))
            for code, count in topics
            if count >= least and code != "other"
        ][:SHOWN],
        least=least,
    )


def _share(figures: dict[str, Any], part: str, whole: str, rate: str) -> Share:
    return Share(figures.get(part, 0), figures.get(whole, 0), per_cent(figures.get(rate)))
