"""What every deed on a talk or an order needs: opening it as the page showed it, two people, audit, publication."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit, feed
from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden

from . import queries
from .models import Correction, OversightProposal, Talk
from .rules import REASON_LONGEST, check_length

AnyCase = Talk | Correction
#: The subject of audit rows, leaves, letters and files.
SUBJECTS = {"talk": "talk", "order": "correction"}


def subject_of(case: AnyCase) -> str:
    """The name of its table, as the audit trail has it."""
    return SUBJECTS[case.kind]


def opened_talk(talk_id: int, version: int | None) -> Talk:
    """The talk as the page showed it; Conflict when it has moved on."""
    talk = queries.get_talk(talk_id)
    check_version(talk, version)
    return talk


def opened_order(order_id: int, version: int | None) -> Correction:
    """The order as the page showed it; Conflict when it has moved on."""
    order = queries.get_order(order_id)
    check_version(order, version)
    return order


def check_version(case: AnyCase | OversightProposal, version: int | None) -> None:
    """Raise Conflict when it is no longer as the page showed it."""
    if version is not None and case.version != version:
        raise Conflict("changed_meanwhile")


def flush(code: str = "changed_meanwhile") -> None:
    """Flush; whoever is second stops here with a plain answer instead of a broken database rule."""
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    except IntegrityError as error:
        raise Conflict(code) from error


def check_second(case: AnyCase, actor: Actor) -> None:
    """Raise Forbidden for whoever proposed it."""
    if actor.account_id is None or actor.account_id == case.proposed_by_id:
        raise Forbidden("two_people_needed")


def check_proposer(case: AnyCase, actor: Actor) -> None:
    """Raise Forbidden for anybody but who proposed it."""
    if actor.account_id is None or actor.account_id != case.proposed_by_id:
        raise Forbidden("only_proposer")


def decided(case: AnyCase, reason: str, actor: Actor, now: datetime) -> None:
    """Who decided, and for which office."""
    check_length(reason, REASON_LONGEST, "reason")
    case.decided_by_id, case.decided_at = actor.account_id, now
    case.decision_reason = reason.strip() or None
    covering = (
        post.region_code
        for post in actor.posts
        if post.role is Role.BUREAU_OFFICER and post.covers(case.shop.scope)
    )
    case.office_region = next(covering, None)


def record(
    case: AnyCase,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    before: str | None,
    reason: str | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """One audit row: ``talk.<action>`` or ``order.<action>``."""
    audit.record(
        actor,
        f"{case.kind}.{action}",
        subject_of(case),
        case.id,
        now=now,
        shop_id=case.shop_id,
        operator_id=case.shop.operator_id,
        old=None if before is None else {"state": before},
        new={"state": case.state.value, **(more or {})},
        reason_code=case.ground,
        reason=(reason or "").strip() or None,
    )


def show(case: AnyCase, days: int | None, actor: Actor, now: datetime) -> None:
    """Put it on the shop's page, the list and RSS, for `days` or until something ends it. A leaf in the public log."""
    until: date | None = None if days is None else clock.day_of(now) + timedelta(days=days)
    case.shown_until = until
    if case.published_at is None or case.unpublished_at is not None:
        case.published_at, case.unpublished_at = now, None
        flush()
        _log(case, "publish", actor, now)
    else:
        flush()
    feed.publish(f"{case.kind}.shown", now=now, shop_id=case.shop_id)


def hide(case: AnyCase, days: int | None, actor: Actor, now: datetime) -> None:
    """Take it off every public page now, or `days` from now. The leaf's subject is sealed with that."""
    if case.published_at is None or case.unpublished_at is not None:
        return
    if days:
        case.shown_until = clock.day_of(now) + timedelta(days=days)
        flush()
    else:
        case.unpublished_at = now
        flush()
        _log(case, "end", actor, now)
    feed.publish(f"{case.kind}.hidden", now=now, shop_id=case.shop_id)


def _log(case: AnyCase, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        actor,
        f"{case.kind}.{action}",
        subject_of(case),
        case.id,
        now=now,
        shop_id=case.shop_id,
        reason_code=case.ground,
    )
