"""Telling a shop's people of its task: inside when it begins or is answered, by SMS before and after it is due."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.accounts.queries import officers_over
from webapp.core import clock, policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.merchants.models import OperatorMember
from webapp.notices import operations as notices
from webapp.web.filters import short_day
from webapp.web.words import label

from .models import ReprintTask
from .rules import ReprintState, stage

OFFICE = frozenset({Role.STATION_OFFICER})
_REMINDERS = ("reprint.remind_days", "reprint.again_days")


def tell(task: ReprintTask, action: str, now: datetime) -> None:
    """Words: ``notice.reprint.<action>``."""
    for account in members_of(task.shop.operator_id):
        notices.notify(account.id, f"notice.reprint.{action}", details_of(task), address_of(task), now)


def remind(task: ReprintTask, now: datetime) -> int:
    """Once a stage (rules.stage) while the shop has something to do; 1 when somebody was reminded now."""
    today = clock.day_of(now)
    found = policy.get_ints(_REMINDERS, today)
    due = stage(today, task.due_on, found["reprint.remind_days"], found["reprint.again_days"])
    if (
        task.state is not ReprintState.OPEN
        or due is None
        or (task.reminded is not None and task.reminded >= due)
    ):
        return 0
    task.reminded = due
    word = "reprint.soon" if due == 0 else "reprint.overdue"
    details = details_of(task)
    for account in members_of(task.shop.operator_id):
        notices.notify(account.id, f"notice.{word}", details, address_of(task), now)
        if account.phone:
            one, said = f"reprint-{task.id}-{due}-{account.id}", {**details, "why": _causes(task)}
            notices.send_sms(account.phone, f"sms.{word}", said, one, now, language=account.language)
    if due > 0:
        _tell_office(task, details, now)
    db.session.flush()
    return 1


def _tell_office(task: ReprintTask, details: dict[str, str], now: datetime) -> None:
    """The shop's station (or who answers for it) hears of what is overdue, inside, as often as the shop does."""
    for officer in officers_over(task.shop.scope, OFFICE):
        notices.notify(
            officer.id, "notice.reprint.office_overdue", details, f"/office/reprints/{task.id}", now
        )


def details_of(task: ReprintTask) -> dict[str, str]:
    """What the words have places for."""
    why = label("reprint.and").join(_causes(task))
    return {
        "shop": task.shop.full_name,
        "why": why,
        "due": short_day(task.due_on),
        "answer": task.answer or "",
    }


def _causes(task: ReprintTask) -> tuple[str, ...]:
    return tuple(label(f"reprint.cause.{cause['cause']}") for cause in task.causes)


def address_of(task: ReprintTask) -> str:
    """The task's page on the phone."""
    return f"/merchant/reprints/{task.id}"


def members_of(operator_id: int) -> list[Account]:
    """The accounts that act for the operator and are not disabled."""
    statement = (
        sa.select(Account)
        .join(OperatorMember, OperatorMember.account_id == Account.id)
        .where(OperatorMember.operator_id == operator_id, Account.disabled_at.is_(None))
    )
    return list(db.session.scalars(statement.order_by(Account.id)))
