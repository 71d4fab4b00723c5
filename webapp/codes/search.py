"""The office's search for shops within reach. Reads only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from webapp.core.actor import Post
from webapp.core.db import db
from webapp.core.identifiers import normalise
from webapp.merchants.models import Category, Operator, Shop
from webapp.merchants.queries import within

from .models import TrustCode
from .rules import CodeState

NONE = "none"
STATES = (*(state.value for state in CodeState), NONE)
_NUMBER = re.compile(r"(?:NO\.?)?0*([0-9]{1,10})(?:-[0-9]{1,5})?")


@dataclass(frozen=True)
class Wanted:
    """The filters, as they stand in the address. Empty means any."""

    q: str = ""
    state: str = ""
    district: str = ""
    category: str = ""

    @classmethod
    def from_args(cls, args: Any) -> Wanted:
        """From the address's arguments; what is not understood is left out."""
        given = {item.name: (args.get(item.name) or "").strip()[:80] for item in fields(cls)}
        if given["state"] not in STATES:
            given["state"] = ""
        if given["category"] not in {category.value for category in Category}:
            given["category"] = ""
        if not (given["district"].isascii() and given["district"].isdigit()):
            given["district"] = ""
        return cls(**given)

    @property
    def active(self) -> int:
        """How many filters are set."""
        return sum(bool(getattr(self, item.name)) for item in fields(self))


def shops(wanted: Wanted, posts: tuple[Post, ...]) -> sa.Select[tuple[Shop]]:
    """The shops within `posts` that are wanted, the newest first, with their operators."""
    statement = sa.select(Shop).where(within(posts)).options(selectinload(Shop.operator))
    if wanted.q:
        statement = statement.join(Operator, Operator.id == Shop.operator_id).where(_matches(wanted.q))
    if wanted.district:
        statement = statement.where(Shop.region_code.startswith(wanted.district, autoescape=True))
    if wanted.category:
        statement = statement.where(Shop.category == Category(wanted.category))
    if wanted.state:
        statement = statement.where(_in_state(wanted.state))
    return statement.order_by(Shop.id.desc())


def _matches(text: str) -> sa.ColumnElement[bool]:
    """Part of the shop's or operator's name, the whole credit code, or the shop's number (a sticker's, too)."""
    found = [
        Shop.name.contains(text, autoescape=True),
        Shop.branch.contains(text, autoescape=True),
        Operator.name.contains(text, autoescape=True),
    ]
    compact = normalise(text)
    if len(compact) == 18:
        found.append(Operator.uscc == compact)
    match = _NUMBER.fullmatch("".join(unicodedata.normalize("NFKC", text).split()).upper())
    if match and int(match[1]) <= 0xFFFFFFFF:
        found.append(Shop.id == int(match[1]))
    return sa.or_(*found)


def _in_state(state: str) -> sa.ColumnElement[bool]:
    """By the shop's newest code: one that is not revoked is always the newest."""
    own = TrustCode.shop_id == Shop.id
    if state == NONE:
        return ~sa.exists().where(own)
    if state == CodeState.REVOKED:
        return sa.and_(sa.exists().where(own), ~sa.exists().where(own, TrustCode.state != CodeState.REVOKED))
    return sa.exists().where(own, TrustCode.state == CodeState(state))


def latest_of(shop_ids: Iterable[int]) -> dict[int, TrustCode]:
    """The newest code of each of these shops."""
    statement = sa.select(TrustCode).where(TrustCode.shop_id.in_(list(shop_ids))).order_by(TrustCode.id)
    return {code.shop_id: code for code in db.session.scalars(statement)}
