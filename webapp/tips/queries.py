"""Reading tips."""

from __future__ import annotations

import hmac
from datetime import datetime

import sqlalchemy as sa

from webapp.audit.sight import Whose
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.identifiers import normalise
from webapp.core.secrets import keyed_hash
from webapp.files import queries as file_queries
from webapp.files.models import StoredFile
from webapp.merchants.models import Shop
from webapp.merchants.queries import covered

from .models import Tip, TipSide
from .rules import ENDED, TipState

#: Base32 has no 0, 1 and 8: written so, they are o, l and b.
_MISREAD = str.maketrans("018", "olb")


def get(tip_id: int) -> Tip:
    """The tip; raises NotFound."""
    tip = db.session.get(Tip, tip_id)
    if tip is None:
        raise NotFound("no_such_thing")
    return tip


def whose(tip_id: int) -> Whose | None:
    """For the trace of who looked: the tip itself, and the shop by which officers reach it."""
    tip = db.session.get(Tip, tip_id)
    return None if tip is None else Whose("tip", tip.id, tip.shop_id)


def get_locked(tip_id: int) -> Tip:
    """The tip as it stands now, held against other writers until the commit; raises NotFound."""
    tip = db.session.get(Tip, tip_id, with_for_update={"of": Tip}, populate_existing=True)
    if tip is None:
        raise NotFound("no_such_thing")
    return tip


def scope_of(tip_id: int, **_rest: object) -> Scope:
    """For access rules: the office that handles it."""
    return get(tip_id).scope


def by_receipt(receipt: str) -> Tip:
    """The tip that this receipt opens; raises NotFound. Case, blanks and hyphens do not count."""
    tip = None
    if len(receipt) <= 64:
        kept = normalise(receipt).lower().translate(_MISREAD)
        tip = db.session.scalar(sa.select(Tip).where(Tip.receipt_hash == keyed_hash("receipt", kept)))
    if tip is None:
        raise NotFound("no_such_receipt")
    return tip


def by_code_word(number: str, digest: str) -> Tip | None:
    """The tip with this number whose code word has this hash, or None: the same for both mistakes."""
    tip = db.session.scalar(sa.select(Tip).where(Tip.number == number))
    held = tip.code_word_hash if tip is not None else None
    return tip if held is not None and hmac.compare_digest(held, digest) else None


def photos(tip: Tip) -> list[StoredFile]:
    """The photos that came with it."""
    return file_queries.of_owner("tip", tip.id)


def was_just_said(tip: Tip, side: TipSide, action: str, text: str, by_id: int | None) -> bool:
    """Is this the last thing that was said already? Then a second sending of the same form changes nothing."""
    said = [message for message in tip.messages if not message.internal]
    last = said[-1] if said else None
    return last is not None and (last.side, last.action, last.text, last.by_id) == (side, action, text, by_id)


def of_complaint(number: str) -> list[Tip]:
    """The tips that came with the same form as the complaint of this number."""
    return list(db.session.scalars(sa.select(Tip).where(Tip.complaint_number == number).order_by(Tip.id)))


def office_list(
    posts: tuple[Post, ...],
    aside_from: frozenset[int],
    *,
    state: str = "",
    due_before: datetime | None = None,
    shop_id: int | None = None,
    text: str = "",
) -> sa.Select[tuple[Tip]]:
    """Tips within an officer's reach, for paging: what is due first, then what has ended, newest first.

    `aside_from`: operators of which the officer learns nothing here. `state`: a state's value, "open" (something is
    still owed), "told" (a named reporter waits to be told), "ended" or "" for all. `text`: a number or part of the
    shop's name.
    """
    conditions: list[sa.ColumnElement[bool]] = [_within(posts, aside_from), *_in_state(state)]
    if due_before is not None:
        conditions.append(Tip.next_due_at < due_before)
    if shop_id is not None:
        conditions.append(Tip.shop_id == shop_id)
    if text:
        conditions.append(sa.or_(Tip.number == text.upper(), Shop.name.contains(text, autoescape=True)))
    rank = sa.case((Tip.next_due_at.is_not(None), 0), (Tip.state == TipState.VERIFYING, 1), else_=2)
    statement = sa.select(Tip).join(Shop).where(*conditions)
    return statement.order_by(rank, Tip.next_due_at, Tip.id.desc())


def waiting(posts: tuple[Post, ...], aside_from: frozenset[int]) -> int:
    """How many tips within reach wait for the office: to be verified, or a reporter to be told."""
    statement = sa.select(sa.func.count(Tip.id)).join(Shop)
    return int(db.session.scalar(statement.where(_within(posts, aside_from), *_in_state("open"))) or 0)


def _within(posts: tuple[Post, ...], aside_from: frozenset[int]) -> sa.ColumnElement[bool]:
    reach = covered(posts, Tip.handler_region_code, Tip.handler_station_id, Tip.handler_department_code)
    return sa.and_(reach, Shop.operator_id.not_in(aside_from)) if aside_from else reach


def _in_state(state: str) -> list[sa.ColumnElement[bool]]:
    to_tell = sa.and_(Tip.state.in_([TipState.CASE, TipState.NO_CASE]), Tip.next_due_at.is_not(None))
    if state == "open":
        return [sa.or_(Tip.state == TipState.VERIFYING, to_tell)]
    if state == "told":
        return [to_tell]
    if state == "ended":
        return [Tip.state.in_(ENDED), Tip.next_due_at.is_(None)]
    return [Tip.state == TipState(state)] if state in list(TipState) else []
