"""Reading disclosed cases and figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from webapp.complaints.models import Complaint
from webapp.complaints.queries import handled_by
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, NotFound
from webapp.merchants.models import Category, Shop
from webapp.regions.models import Industry

from .models import Disclosure, DisclosureRequest, OpenFigure, OpenSnapshot
from .rules import DisclosureState

S = DisclosureState


def get(disclosure_id: int) -> Disclosure:
    """The disclosed case; raises NotFound."""
    found = db.session.get(Disclosure, disclosure_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def get_locked(disclosure_id: int) -> Disclosure:
    """The case as it stands now, held against other writers until the commit; raises NotFound."""
    found = db.session.get(
        Disclosure, disclosure_id, with_for_update={"of": Disclosure}, populate_existing=True
    )
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of(disclosure_id: int, **_rest: object) -> Scope:
    """For access rules: that of the complaint."""
    return get(disclosure_id).complaint.scope


def of_complaint(complaint_id: int) -> Disclosure | None:
    """The case that a complaint became, or None."""
    return db.session.scalar(sa.select(Disclosure).where(Disclosure.complaint_id == complaint_id))


def get_of_complaint(complaint_id: int) -> Disclosure:
    """The case that a complaint became; raises Conflict (``disclosure_not_public``) when it is none."""
    found = of_complaint(complaint_id)
    if found is None:
        raise Conflict("disclosure_not_public")
    return found


def of_operators(operator_ids: frozenset[int]) -> sa.Select[tuple[Disclosure]]:
    """A merchant's cases that are, were or may become public, newest first, for paging."""
    mine = sa.select(Disclosure).join(Complaint).join(Shop).where(Shop.operator_id.in_(operator_ids))
    return mine.where(Disclosure.state != S.DROPPED).order_by(Disclosure.id.desc())


def has_any(operator_ids: frozenset[int]) -> bool:
    """Has the merchant a case that is, was or may become public?"""
    return db.session.scalar(of_operators(operator_ids).with_only_columns(Disclosure.id).limit(1)) is not None


def waiting_for_merchant(operator_ids: frozenset[int], now: datetime) -> int:
    """Drafts that the merchant may still reply to before they are published, and has not."""
    statement = sa.select(sa.func.count(Disclosure.id)).join(Complaint).join(Shop)
    open_drafts = (
        Disclosure.state == S.DRAFT,
        Disclosure.reply == "",
        Disclosure.reply_waiting.is_(None),
        Disclosure.reply_due_at > now,
    )
    return db.session.scalar(statement.where(Shop.operator_id.in_(operator_ids), *open_drafts)) or 0


def _asked() -> sa.ColumnElement[bool]:
    waits = DisclosureRequest.answered_at.is_(None)
    return sa.exists().where(DisclosureRequest.disclosure_id == Disclosure.id, waits)


def _waits() -> sa.ColumnElement[bool]:
    """An officer has something to do: a draft, a reply, a request."""
    late_reply = sa.and_(Disclosure.state == S.PUBLISHED, Disclosure.reply_waiting.is_not(None))
    return sa.or_(Disclosure.state == S.DRAFT, late_reply, _asked())


def office_list(posts: tuple[Post, ...], *, state: str = "", text: str = "") -> sa.Select[tuple[Disclosure]]:
    """Cases within reach for paging: those that wait first, oldest first. `state`: a state, "waiting", "" for all."""
    found = sa.select(Disclosure).join(Complaint).join(Shop).where(handled_by(posts))
    if state == "waiting":
        found = found.where(_waits())
    elif state in set(S):
        found = found.where(Disclosure.state == state)
    if text:
        named = Shop.name.contains(text, autoescape=True)
        found = found.where(sa.or_(Complaint.number == text.upper(), named))
    return found.order_by(sa.case((_waits(), 0), else_=1), Disclosure.made_at, Disclosure.id)


def waiting(posts: tuple[Post, ...]) -> int:
    """How many cases within reach wait for an officer."""
    statement = sa.select(sa.func.count(Disclosure.id)).join(Complaint).where(handled_by(posts), _waits())
    return db.session.scalar(statement) or 0


def published(
    *, region: str = "", category: str = "", topic: str = "", shop_id: int | None = None
) -> sa.Select[tuple[Disclosure]]:
    """What the public may read, newest first, for paging."""
    found = sa.select(Disclosure).join(Complaint).join(Shop).where(Disclosure.state == S.PUBLISHED)
    if region:
        found = found.where(Shop.region_code.startswith(region, autoescape=True))
    if category:
        found = found.where(Shop.category == Category(category))
    if topic:
        found = found.where(Complaint.topic == topic)
    if shop_id is not None:
        found = found.where(Complaint.shop_id == shop_id)
    return found.order_by(Disclosure.published_at.desc(), Disclosure.id.desc())


def get_published(disclosure_id: int) -> Disclosure:
    """A case that is public now; raises NotFound."""
    found = get(disclosure_id)
    if found.state is not S.PUBLISHED:
        raise NotFound("no_such_thing")
    return found


def open_request(disclosure: Disclosure, side: str) -> DisclosureRequest | None:
    """The request of a side that waits for an answer, or None."""
    return next((one for one in disclosure.requests if one.side == side and one.answered_at is None), None)


# --- figures and open data --------------------------------------------------------------------------------------------


def newest_snapshot() -> OpenSnapshot | None:
    """The newest day's open data, its files not loaded."""
    return db.session.scalar(sa.select(OpenSnapshot).order_by(OpenSnapshot.day.desc()).limit(1))


def snapshot_file(day: date, name: str) -> bytes:
    """One gzipped file (csv, json, figures) of a snapshot."""
    column = {"csv": OpenSnapshot.csv, "json": OpenSnapshot.json, "figures": OpenSnapshot.figures}[name]
    data = db.session.scalar(sa.select(column).where(OpenSnapshot.day == day))
    if data is None:
        raise NotFound("no_such_thing")
    return data


def figure(kind: str, code: str) -> OpenFigure | None:
    """The newest figures of one group, or None: no complaint in it."""
    return db.session.get(OpenFigure, (kind, code))


def figures_of(kind: str) -> dict[str, OpenFigure]:
    """The newest figures of every group of a kind, by code. Not for shops: they are many."""
    found = db.session.scalars(sa.select(OpenFigure).where(OpenFigure.kind == kind))
    return {one.code: one for one in found}


def industry_names() -> dict[str, str]:
    """Industries by code."""
    rows: Any = db.session.execute(
        sa.select(Industry.code, Industry.name).order_by(Industry.position)
    ).tuples()
    return dict(rows.all())
