"""The countdown in words, as the countdown macro takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.core import clock
from webapp.web.languages import full_day, said_moment, say

from .countdowns import Countdown


@dataclass(frozen=True)
class Told:
    """Arguments of the countdown macro, and whose turn it is in words."""

    words: str
    due: str
    tone: str
    iso: str | None
    note: str
    turn: str


def told(countdown: Countdown) -> Told:
    """The sentence, what is left, and what to know about it."""
    ended = countdown.ended_at
    left = say(countdown.left, **countdown.numbers) if countdown.left else ""
    return Told(
        words=say(countdown.words, due=due_words(countdown)),
        due=said_moment(ended) if ended else left,
        tone=countdown.tone,
        iso=_iso(ended or countdown.due.at),
        note=_provisional(countdown),
        turn=say(f"clock.turn.{countdown.turn}"),
    )


def due_words(countdown: Countdown) -> str:
    """The due moment as people say it: 明天 15:00, 今天 24 点, 12月3日 周四 24 点; empty while there is none."""
    due = countdown.due
    if due.at is None or due.on is None or not countdown.when:
        return ""
    time = say("clock.midnight") if countdown.by_day else f"{due.at.astimezone(clock.SHANGHAI):%H:%M}"
    return say(f"clock.when.{countdown.when}", time=time, date=full_day(due.on))


def _provisional(countdown: Countdown) -> str:
    return say("clock.provisional") if countdown.provisional else ""


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
