"""Reading talks, orders, proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within

from .models import Correction, CorrectionExtension, OversightProposal, Talk
from .rules import (
    AHEAD,
    HIDDEN_ORDERS,
    HIDDEN_TALKS,
    RUNNING,
    ExtensionState,
    OrderState,
    ProposalState,
    TalkState,
)

AnyCase = Talk | Correction
#: Digits of a shop's number (u32).
_NUMBER_LONGEST = 10


def get_talk(talk_id: int) -> Talk:
    """The talk; raises NotFound."""
    found = db.session.get(Talk, talk_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def get_order(order_id: int) -> Correction:
    """The order; raises NotFound."""
    found = db.session.get(Correction, order_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def get_proposal(proposal_id: int) -> OversightProposal:
    """The proposal; raises NotFound."""
    found = db.session.get(OversightProposal, proposal_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of_talk(talk_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop."""
    return get_talk(talk_id).shop.scope


def scope_of_order(order_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop."""
    return get_order(order_id).shop.scope


def scope_of_proposal(proposal_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop."""
    return get_proposal(proposal_id).shop.scope


# --- the office -------------------------------------------------------------------------------------------------------

WAITS = {
    "talks": (TalkState.PROPOSED, *AHEAD),
    "orders": (OrderState.PROPOSED, *RUNNING),
}


def talks(posts: tuple[Post, ...], *, ended: bool = False) -> sa.Select[tuple[Talk]]:
    """Talks within reach for paging: those ahead, the soonest first; or those that are over, the newest first."""
    waits = Talk.state.in_(WAITS["talks"])
    order = (Talk.id.desc(),) if ended else (Talk.talk_at, Talk.id)
    return (
        sa.select(Talk)
        .join(Shop, Shop.id == Talk.shop_id)
        .where(within(posts), ~waits if ended else waits)
        .order_by(*order)
    )


def orders(posts: tuple[Post, ...], *, ended: bool = False) -> sa.Select[tuple[Correction]]:
    """Orders within reach for paging: those that wait or run, the soonest due first; or those that are over."""
    waits = Correction.state.in_(WAITS["orders"])
    due = sa.func.coalesce(Correction.due_on, sa.literal(date.min, sa.Date))
    order = (Correction.id.desc(),) if ended else (due, Correction.id)
    return (
        sa.select(Correction)
        .join(Shop, Shop.id == Correction.shop_id)
        .where(within(posts), ~waits if ended else waits)
        .order_by(*order)
    )


def stands(model: type[Talk | Correction], shop_id: int, ground: str = "") -> bool:
    """Is there one of the shop (on that ground) that waits or runs?"""
    waits = WAITS["talks" if model is Talk else "orders"]
    statement = sa.select(sa.func.count()).where(model.shop_id == shop_id, model.state.in_(waits))
    if ground:
        statement = statement.where(model.ground == ground)
    return bool(db.session.scalar(statement))


def open_proposals(posts: tuple[Post, ...], limit: int = 200) -> list[OversightProposal]:
    """Proposals within reach that wait, the oldest first."""
    statement = (
        sa.select(OversightProposal)
        .join(Shop, Shop.id == OversightProposal.shop_id)
        .where(OversightProposal.state == ProposalState.OPEN, within(posts))
        .order_by(OversightProposal.id)
    )
    return list(db.session.scalars(statement.limit(limit)))


def open_proposal_of(shop_id: int) -> OversightProposal | None:
    """The proposal against the shop that waits, or None."""
    return db.session.scalar(
        sa.select(OversightProposal).where(
            OversightProposal.shop_id == shop_id, OversightProposal.state == ProposalState.OPEN
        )
    )


def taken_proposal_of(case: Talk | Correction) -> OversightProposal | None:
    """The newest proposal of this case that an officer took, or None."""
    mine = OversightProposal.talk_id if isinstance(case, Talk) else OversightProposal.order_id
    statement = sa.select(OversightProposal).where(
        mine == case.id, OversightProposal.state == ProposalState.TAKEN
    )
    return db.session.scalar(statement.order_by(OversightProposal.id.desc()).limit(1))


def waiting(posts: tuple[Post, ...]) -> int:
    """How much waits for officers within reach: to be approved, to be checked, more time, proposals."""
    count = sa.func.count()
    statements = (
        sa.select(count)
        .select_from(Talk)
        .join(Shop, Shop.id == Talk.shop_id)
        .where(Talk.state == TalkState.PROPOSED, within(posts)),
        sa.select(count)
        .select_from(Correction)
        .join(Shop, Shop.id == Correction.shop_id)
        .where(Correction.state.in_((OrderState.PROPOSED, OrderState.REPORTED)), within(posts)),
        sa.select(count)
        .select_from(CorrectionExtension)
        .join(Correction, Correction.id == CorrectionExtension.order_id)
        .join(Shop, Shop.id == Correction.shop_id)
        .where(CorrectionExtension.state == ExtensionState.ASKED, within(posts)),
        sa.select(count)
        .select_from(OversightProposal)
        .join(Shop, Shop.id == OversightProposal.shop_id)
        .where(OversightProposal.state == ProposalState.OPEN, within(posts)),
    )
    return sum(db.session.scalar(statement) or 0 for statement in statements)


def of_shop(shop_id: int, limit: int = 50) -> list[Talk | Correction]:
    """Everything about a shop, newest first."""
    found: list[Talk | Correction] = []
    for model in (Talk, Correction):
        statement = sa.select(model).where(model.shop_id == shop_id).order_by(model.id.desc())
        found += db.session.scalars(statement.limit(limit))
    return sorted(found, key=lambda case: case.proposed_at, reverse=True)


def times(model: type[Talk | Correction], shop_id: int, states: tuple[str, ...], since: datetime) -> int:
    """How many cases of the shop came to one of `states` since then."""
    reached = Talk.held_at if model is Talk else Correction.checked_at
    statement = sa.select(sa.func.count()).where(
        model.shop_id == shop_id, model.state.in_(states), reached >= since
    )
    return db.session.scalar(statement) or 0


# --- the merchant -----------------------------------------------------------------------------------------------------


def told_to(operator_ids: frozenset[int]) -> list[Talk | Correction]:
    """What the merchant was told of, newest first: never a bare proposal."""
    found: list[Talk | Correction] = []
    talks_told = sa.select(Talk).where(Talk.decided_at.is_not(None), Talk.state.not_in(HIDDEN_TALKS))
    orders_told = sa.select(Correction).where(
        Correction.decided_at.is_not(None), Correction.state.not_in(HIDDEN_ORDERS)
    )
    mine = Shop.operator_id.in_(operator_ids)
    found += db.session.scalars(talks_told.join(Shop, Shop.id == Talk.shop_id).where(mine))
    found += db.session.scalars(orders_told.join(Shop, Shop.id == Correction.shop_id).where(mine))
    return sorted(found, key=lambda case: (case.decided_at, case.id), reverse=True)


def is_told(case: Talk | Correction) -> bool:
    """Does the merchant know of it?"""
    hidden = {state.value for state in (*HIDDEN_TALKS, *HIDDEN_ORDERS)}
    return case.decided_at is not None and case.state.value not in hidden


def pressing(shop_ids: Sequence[int]) -> dict[int, list[Talk | Correction]]:
    """By shop what waits for its merchant: orders that run, then talks ahead, the soonest first; else no entry."""
    ahead = sa.select(Talk).where(Talk.shop_id.in_(shop_ids), Talk.state.in_(AHEAD)).order_by(Talk.talk_at)
    running = (
        sa.select(Correction)
        .where(Correction.shop_id.in_(shop_ids), Correction.state.in_(RUNNING))
        .order_by(Correction.due_on, Correction.id)
    )
    found: dict[int, list[Talk | Correction]] = {}
    for case in (*db.session.scalars(running), *db.session.scalars(ahead)):
        found.setdefault(case.shop_id, []).append(case)
    return found


# --- the public -------------------------------------------------------------------------------------------------------


def has_any(shop_id: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """Condition: the shop has a talk or an order, public or not: the page of one without asks no further."""
    return sa.or_(*(sa.exists().where(model.shop_id == shop_id) for model in (Correction, Talk)))


def public_of_shop(shop_id: int, today: date) -> list[Talk | Correction]:
    """What the shop's page shows, newest first."""
    found: list[Talk | Correction] = []
    for model in (Correction, Talk):
        found += db.session.scalars(sa.select(model).where(model.shop_id == shop_id, *_shown(model, today)))
    return sorted(found, key=lambda case: (case.published_at, case.kind), reverse=True)


@dataclass(frozen=True)
class Asked:
    """What the public list is narrowed to; empty: everything. `kind`: "talk" or "order"."""

    kind: str = ""
    region: str = ""
    category: str = ""
    text: str = ""


def public(today: date, asked: Asked = Asked(), limit: int = 500) -> list[Talk | Correction]:
    """What is public now, newest first."""
    found: list[Talk | Correction] = []
    for model in (Correction, Talk):
        if not asked.kind or model.kind == asked.kind:
            statement = public_select(model, today, asked).order_by(model.published_at.desc())
            found += db.session.scalars(statement.limit(limit))
    return sorted(found, key=lambda case: (case.published_at, case.id), reverse=True)[:limit]


def public_select(model: type[AnyCase], today: date, asked: Asked) -> sa.Select[Any]:
    """Talks or orders that are public now, in no order. `asked.text` may be the shop's number; its kind is not read."""
    statement = sa.select(model).join(Shop, Shop.id == model.shop_id).where(*_shown(model, today))
    if asked.region:
        statement = statement.where(Shop.region_code.startswith(asked.region, autoescape=True))
    if asked.category:
        statement = statement.where(Shop.category == asked.category)
    if asked.text:
        matches = [
            column.contains(asked.text, autoescape=True)
            for column in (Shop.name, Shop.branch, model.public_summary)
        ]
        if asked.text.isascii() and asked.text.isdigit() and len(asked.text) <= _NUMBER_LONGEST:
            matches.append(Shop.id == int(asked.text))
        statement = statement.where(sa.or_(*matches))
    return statement


def _shown(model: type[Talk | Correction], today: date) -> list[sa.ColumnElement[bool]]:
    return [
        model.published_at.is_not(None),
        model.unpublished_at.is_(None),
        sa.or_(model.shown_until.is_(None), model.shown_until >= today),
    ]


# --- jobs -------------------------------------------------------------------------------------------------------------


def shown_too_long(today: date) -> list[Talk | Correction]:
    """What is still published though its last day has passed."""
    found: list[Talk | Correction] = []
    for model in (Talk, Correction):
        over = (model.published_at.is_not(None), model.unpublished_at.is_(None), model.shown_until < today)
        found += db.session.scalars(sa.select(model).where(*over).order_by(model.id))
    return found


def due_until(last: date) -> list[Correction]:
    """Orders that run and are due on `last` or before."""
    statement = sa.select(Correction).where(Correction.state.in_(RUNNING), Correction.due_on <= last)
    return list(db.session.scalars(statement.order_by(Correction.due_on, Correction.id)))


def reported_before(instant: datetime) -> list[Correction]:
    """Orders that the merchant reported as done before `instant` and that nobody has checked since."""
    statement = sa.select(Correction).where(
        Correction.state == OrderState.REPORTED, Correction.reported_at < instant
    )
    return list(db.session.scalars(statement.order_by(Correction.reported_at, Correction.id)))


def due_since(since: date) -> list[Correction]:
    """Orders that run and are due on `since` or later."""
    statement = sa.select(Correction).where(Correction.state.in_(RUNNING), Correction.due_on >= since)
    return list(db.session.scalars(statement.order_by(Correction.id)))
