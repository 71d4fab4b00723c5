"""Reading applications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.core.actor import Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants import queries as merchants
from webapp.merchants.models import OperatorMember

from .models import Application, ApplicationDecision
from .rules import OPEN, REVIEWS, TAKE_BACKS


def find_application(application_id: int) -> Application | None:
    """The application with this number, or None."""
    return db.session.get(Application, application_id)


def get_application(application_id: int) -> Application:
    """The application with this number; raises NotFound."""
    application = find_application(application_id)
    if application is None:
        raise NotFound("no_such_thing")
    return application


def lock(application_id: int) -> Application:
    """The application as it stands now, held until the transaction ends; raises NotFound.

    On PostgreSQL a second officer waits here for the first and then reads what the first has done; SQLite has one
    writer at a time anyway.
    """
    application = db.session.get(
        Application, application_id, with_for_update={"of": Application}, populate_existing=True
    )
    if application is None:
        raise NotFound("no_such_thing")
    return application


def find_open(shop_id: int) -> Application | None:
    """The shop's application that is not at an end, or None. There is at most one."""
    return db.session.scalar(
        sa.select(Application).where(Application.shop_id == shop_id, Application.state.in_(OPEN))
    )


def latest(shop_id: int) -> Application | None:
    """The shop's newest application, or None."""
    statement = sa.select(Application).where(Application.shop_id == shop_id)
    return db.session.scalar(statement.order_by(Application.id.desc()).limit(1))


def latest_of(shop_ids: Sequence[int]) -> Sequence[Application]:
    """The newest application of each of these shops that ever applied."""
    newest = (
        sa.select(sa.func.max(Application.id))
        .where(Application.shop_id.in_(shop_ids))
        .group_by(Application.shop_id)
    )
    return db.session.scalars(sa.select(Application).where(Application.id.in_(newest))).all()


def scope_of(application_id: int, **_rest: object) -> Scope:
    """For access rules of merchants (`on=`): the scope of the application's shop."""
    return merchants.get_shop(get_application(application_id).shop_id).scope


def scope_of_submitted(application_id: int, **_rest: object) -> Scope:
    """For access rules of officers (`on=`): as `scope_of`; a draft is nobody's business but the merchant's."""
    if get_application(application_id).submitted_at is None:
        raise NotFound("no_such_thing")
    return scope_of(application_id)


def last_decision(application_id: int) -> ApplicationDecision | None:
    """The newest step taken, or None."""
    statement = sa.select(ApplicationDecision).where(ApplicationDecision.application_id == application_id)
    return db.session.scalar(statement.order_by(ApplicationDecision.id.desc()).limit(1))


def last_return(application: Application) -> ApplicationDecision | None:
    """What the merchant was asked to mend last (reason_code, reason, fields); one taken back does not count."""
    for decision in reversed(application.decisions):
        if TAKE_BACKS.get(decision.action) == "return":
            return None
        if decision.action == "return":
            return decision
    return None


def review_began(application: Application, state: str) -> ApplicationDecision | None:
    """The newest step that opened the review `state`; taking back goes on with the clock that ran before."""
    for decision in reversed(application.decisions):
        if decision.to_state == state and decision.action not in TAKE_BACKS:
            return decision
    return None


def passed_on_by(application_id: int, account_id: int) -> bool:
    """True when this officer has passed the application on at the station: the bureau's officer is another."""
    statement = sa.select(ApplicationDecision.id).where(
        ApplicationDecision.application_id == application_id,
        ApplicationDecision.action == "pass_on",
        ApplicationDecision.by_id == account_id,
    )
    return db.session.scalar(statement.limit(1)) is not None


def names_of(account_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of accounts by id, for showing who did what."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    if not wanted:
        return {}
    rows = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return dict(rows.tuples().all())


def members_of(operator_id: int) -> list[Account]:
    """The merchant accounts that act for the operator and are not disabled."""
    statement = (
        sa.select(Account)
        .join(OperatorMember, OperatorMember.account_id == Account.id)
        .where(OperatorMember.operator_id == operator_id, Account.disabled_at.is_(None))
    )
    return list(db.session.scalars(statement.order_by(Account.id)))


def in_review(since: date | None = None, *, held: bool = False) -> list[Application]:
    """All applications in a review that runs (not deferred), or only those due on or after `since`.

    `held`: locked, as they stand now.
    """
    statement = sa.select(Application).where(Application.state.in_(REVIEWS)).order_by(Application.id)
    if since is not None:
        statement = statement.where(Application.due_on >= since)
    if held:
        statement = statement.with_for_update(of=Application).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))
