"""The office's work queue: what waits for whom, by the day it is due. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.merchants.models import Operator, Shop
from webapp.merchants.queries import within
from webapp.web import access

from .models import Application, ApplicationDecision
from .rules import IN_REVIEW, STEPS, ApplicationState

PAGE = 20
#: Which states a level works on: the one that it decides and the one that it has deferred.
_WORK = {
    Role.STATION_OFFICER: (ApplicationState.STATION_REVIEW, ApplicationState.DEFERRED_STATION),
    Role.BUREAU_OFFICER: (ApplicationState.BUREAU_REVIEW, ApplicationState.DEFERRED_BUREAU),
    Role.DEPARTMENT_OFFICER: tuple(sorted(IN_REVIEW)),  # they read along
}
#: What the queue can be asked for besides one state: one's own work, or everything in review.
MINE, RUNNING = "", "running"
DUE = ("overdue", "today", "week")
#: States that can be asked for. A draft is nobody's business but the merchant's.
STATES = tuple(state for state in ApplicationState if state is not ApplicationState.DRAFT)


@dataclass(frozen=True)
class Wanted:
    """The queue's filters, as they stand in the address. Empty means any."""

    state: str = MINE
    district: str = ""
    station: str = ""
    industry: str = ""
    due: str = ""
    q: str = ""
    passed: str = ""

    @classmethod
    def from_args(cls, args: Any) -> Wanted:
        """From the address's arguments; what is not understood is left out."""
        given = {
            item.name: (args.get(item.name) or "").replace("\0", "").strip()[:80] for item in fields(cls)
        }
        if given["state"] not in {MINE, RUNNING, *(state.value for state in STATES)}:
            given["state"] = MINE
        if given["due"] not in DUE:
            given["due"] = ""
        given["station"] = (
            given["station"] if given["station"].isascii() and given["station"].isdigit() else ""
        )
        given["passed"] = "1" if given["passed"] else ""
        return cls(**given)

    def args(self, **changes: str | int) -> dict[str, str | int]:
        """As the arguments of an address, without the empty ones."""
        values: dict[str, str | int] = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in (values | changes).items() if value}

    @property
    def narrowed(self) -> int:
        """How many filters are set."""
        return len(self.args())


def _rows(*conditions: sa.ColumnElement[bool]) -> sa.Select[tuple[Application]]:
    return (
        sa.select(Application)
        .join(Application.shop)
        .join(Shop.operator)
        .options(contains_eager(Application.shop).contains_eager(Shop.operator))
        .where(Application.submitted_at.is_not(None), *conditions)
    )


def _readable(actor: Actor) -> sa.ColumnElement[bool]:
    return within(access.reach(actor, "application.read"))


def workable(actor: Actor) -> sa.ColumnElement[bool]:
    """Condition: the application waits for this officer's level, where they hold that level."""
    mine = [
        sa.and_(
            Application.state.in_(states), within(tuple(post for post in actor.posts if post.role is role))
        )
        for role, states in _WORK.items()
        if role in actor.roles
    ]
    return sa.or_(*mine) if mine else sa.false()


def _not_mine_to_decide(actor: Actor) -> sa.ColumnElement[bool]:
    """Condition: the officer stands aside, belongs to the operator, or was the station's person in it."""
    passed = sa.select(ApplicationDecision.application_id).where(
        ApplicationDecision.by_id == actor.account_id, ApplicationDecision.action == "pass_on"
    )
    return sa.or_(
        Application.operator_id.in_(actor.aside_from),
        sa.and_(Application.state == ApplicationState.BUREAU_REVIEW, Application.id.in_(passed)),
    )


def _due(due: str, today: date) -> sa.ColumnElement[bool]:
    if due == "overdue":
        return Application.due_on < today
    if due == "today":
        return Application.due_on == today
    return Application.due_on.between(today, end_of_week(today))


def end_of_week(today: date) -> date:
    """The Sunday of this week."""
    return today + timedelta(days=6 - today.weekday())


def _conditions(wanted: Wanted, actor: Actor, today: date) -> list[sa.ColumnElement[bool]]:
    found = [_readable(actor)]
    if wanted.state == MINE:
        found.append(workable(actor))
    elif wanted.state == RUNNING:
        found.append(Application.state.in_(IN_REVIEW))
    else:
        found.append(Application.state == ApplicationState(wanted.state))
    if wanted.district:
        found.append(Shop.region_code.startswith(wanted.district, autoescape=True))
    if wanted.station:
        found.append(Shop.station_id == int(wanted.station[:18]))
    if wanted.industry:
        found.append(Shop.industry_code == wanted.industry)
    if wanted.due:
        found += [Application.state.in_(IN_REVIEW), _due(wanted.due, today)]
    if wanted.passed:
        found.append(Application.checks_passed.is_(True))
    if wanted.q:
        found.append(_text(wanted.q))
    return found


def _text(text: str) -> sa.ColumnElement[bool]:
    parts = [
        column.contains(text, autoescape=True)
        for column in (Shop.name, Shop.branch, Shop.address, Operator.name)
    ]
    parts.append(Operator.uscc == text.upper())
    if text.isascii() and text.isdigit() and len(text) <= 10:
        parts += [Shop.id == int(text), Application.id == int(text)]
    return sa.or_(*parts)


_ORDER = (Application.due_on.is_(None), Application.due_on, Application.id)


@dataclass(frozen=True)
class Page:
    """One page of the queue, by due day."""

    rows: list[Application]
    number: int
    pages: int
    total: int


def queue(wanted: Wanted, actor: Actor, today: date, number: int = 1, size: int = PAGE) -> Page:
    """What `wanted` asks for of what the actor may read; a page that is not there gives the last."""
    conditions = _conditions(wanted, actor, today)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(_rows(*conditions).subquery())) or 0
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    rows = _rows(*conditions).order_by(*_ORDER).limit(size).offset((number - 1) * size)
    return Page(list(db.session.scalars(rows)), number, pages, total)


def counts(actor: Actor, today: date) -> dict[str, int]:
    """How much of one's own work there is: all of it, by due day, and with all checks passed."""

    def tally(condition: sa.ColumnElement[bool]) -> sa.Function[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    statement = (
        sa.select(
            sa.func.count(),
            *(tally(_due(due, today)) for due in DUE),
            tally(Application.checks_passed.is_(True)),
        )
        .select_from(Application)
        .join(Application.shop)
        .where(workable(actor))
    )
    row = db.session.execute(statement).one()
    return dict(zip(("all", *DUE, "passed"), (int(value) for value in row), strict=True))


def find_next(
    actor: Actor, today: date, after: Application | None = None, wanted: Wanted | None = None
) -> Application | None:
    """The next case by due day that this officer may decide, after `after`; from the top again at the end.

    Of `wanted` the place, trade, day and words narrow it; a case that is not this officer's work is never next.
    """
    if actor.account_id is None:
        return None
    conditions = [
        *_conditions(replace(wanted or Wanted(), state=MINE), actor, today),
        sa.not_(_not_mine_to_decide(actor)),
        # A deferred case is work on the day that it was deferred to.
        sa.or_(Application.deferred_until.is_(None), Application.deferred_until <= today),
    ]
    base = _rows(*conditions).order_by(*_ORDER).limit(1)
    if after is None:
        return db.session.scalar(base)
    base = base.where(Application.id != after.id)
    if after.due_on is not None:
        later = base.where(
            sa.or_(
                Application.due_on > after.due_on,
                sa.and_(Application.due_on == after.due_on, Application.id > after.id),
            )
        )
        found = db.session.scalar(later)
        if found is not None:
            return found
    return db.session.scalar(base)


def ready_for_bulk(actor: Actor, limit: int = 100) -> list[Application]:
    """What this officer may approve in one go: in the bureau's review, with all checks passed when last run."""
    if actor.account_id is None:
        return []
    step = STEPS.find(ApplicationState.BUREAU_REVIEW, "approve")
    posts = tuple(post for post in actor.posts if post.role in step.roles)
    statement = _rows(
        Application.state == ApplicationState.BUREAU_REVIEW,
        Application.checks_passed.is_(True),
        within(posts),
        sa.not_(_not_mine_to_decide(actor)),
    )
    return list(db.session.scalars(statement.order_by(*_ORDER).limit(limit)))
