"""Reminding officers before, on and after the day on which the authority owes something; then those above them.

One notice per clock, stage, due day and officer: a sweep may run as often as it likes. A clock that stands still has no
due day and one that ended is not looked at, so nothing is told of either; one that was extended or moved by a new
calendar has another due day and is reminded of anew. What a clock is about its feature tells by the slot
``clock.case`` (subject, subject_id) -> :class:`Case`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

from flask import current_app

from webapp.accounts.models import Account
from webapp.accounts.queries import officers_over
from webapp.core import clock, policy
from webapp.core.actor import Role, Scope
from webapp.core.workdays import Calendar
from webapp.notices import operations as notices
from webapp.web import slots
from webapp.web.filters import day
from webapp.web.permissions import PERMISSIONS
from webapp.web.words import label

from . import queries
from .laws import Kind
from .models import ClockRow

#: What the authority owes, by subject.
OFFICE_KINDS: Final = {
    "complaint": (Kind.ACCEPTANCE, Kind.MEDIATION, Kind.RESULT_NOTICE),
    "tip": (Kind.VERIFICATION, Kind.TIP_NOTICE),
}
#: How far back a missed clock is still looked for: who was away for longer finds it in the queue, marked.
BACK: Final = timedelta(days=30)
#: More clocks than any city's office has due in a month.
_MOST: Final = 20_000


class Stage(enum.StrEnum):
    """How near a due day is."""

    SOON = "soon"
    TODAY = "today"
    LATE = "late"
    ESCALATED = "escalated"  # missed for so long that those above are told


@dataclass(frozen=True)
class Case:
    """What a clock is about: who handles it, what it is called (a number, no person), its page, who may handle it."""

    scope: Scope
    name: str
    url: str
    permission: str


def stages(due_on: date, today: date, calendar: Calendar, soon: int, escalate: int) -> tuple[Stage, ...]:
    """The stages that a clock due on that day has reached: `soon` working days before, `escalate` after it. Pure."""
    if today < due_on:
        return (Stage.SOON,) if calendar.between(today, due_on) <= soon else ()
    if today == due_on:
        return (Stage.TODAY,)
    if calendar.between(due_on, today) >= escalate:
        return (Stage.LATE, Stage.ESCALATED)
    return (Stage.LATE,)


@dataclass(frozen=True)
class Due:
    """One thing to tell: a clock's stage, and to whom."""

    row: ClockRow
    due_on: date
    case: Case
    stage: Stage
    accounts: list[Account]

    @property
    def word(self) -> str:
        """The sentence: on a mediation's last day its termination is proposed."""
        proposed = self.row.kind is Kind.MEDIATION and self.stage is Stage.TODAY
        return "clock.notice.may_end" if proposed else f"clock.notice.{self.stage}"

    def details(self) -> dict[str, str]:
        """What fills the sentence in."""
        return {
            "number": self.case.name,
            "what": label(f"clock.kind.{self.row.kind}"),
            "due": day(self.due_on),
            "term": term_words(self.row),
        }


def sweep(now: datetime) -> int:
    """Leave the notices that are due by `now`; returns how many are new."""
    told = 0
    for due in all_due(now):
        stem = f"clock-{due.row.id}-{due.stage}-{due.due_on:%Y%m%d}"
        for account in due.accounts:
            key = f"{stem}-{account.id}"
            told += notices.notify_once(account.id, due.word, due.details(), due.case.url, key, now)
    return told


def all_due(now: datetime) -> Iterator[Due]:
    """Every stage that a running clock of the authority has reached, by subject, soonest first."""
    today, calendar = clock.day_of(now), queries.calendar()
    soon = policy.get_int("remind.officer_working_days", today)
    escalate = policy.get_int("remind.escalate_working_days", today)
    until = clock.end_of_day(calendar.add(today, soon).day)
    known: dict[tuple[Scope, str], Handlers] = {}
    for subject, kinds in OFFICE_KINDS.items():
        for row in queries.due_between(subject, kinds, now - BACK, until, _MOST):
            case = case_of(row)
            if case is None or row.due_on is None:
                continue
            handlers = known.setdefault((case.scope, case.permission), Handlers(case))
            for stage in stages(row.due_on, today, calendar, soon, escalate):
                yield Due(row, row.due_on, case, stage, handlers.at(stage))


_STATION: Final = frozenset({Role.STATION_OFFICER})


class Handlers:
    """Who is told of a case: at first the officers of the station, where there are any; then those of the bureau."""

    def __init__(self, case: Case) -> None:
        self._case = case

    @cached_property
    def _all(self) -> list[Account]:
        return officers_over(self._case.scope, PERMISSIONS[self._case.permission])

    @cached_property
    def _near(self) -> list[Account]:
        return [one for one in self._all if one.actor().holds(_STATION, self._case.scope)] or self._all

    @cached_property
    def _above(self) -> list[Account]:
        return [one for one in self._all if one not in self._near]

    def at(self, stage: Stage) -> list[Account]:
        """Whom a stage is told to."""
        return self._above if stage is Stage.ESCALATED else self._near


def case_of(row: ClockRow) -> Case | None:
    """What the clock is about, as its feature tells it."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    found: list[Case] = slots.collect(app, "clock.case", subject=row.subject, subject_id=row.subject_id)
    return found[0] if found else None


def term_words(row: ClockRow) -> str:
    """The period in words: 60 天, 45 个工作日."""
    return label(f"clock.term.{row.term_unit.name.lower()}", count=row.term_value)
