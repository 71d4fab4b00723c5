"""Demonstration units, return shops, a return chain and a hearing of the demo city, by the real operations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.db import db
from webapp.demo import words
from webapp.honours import operations, standards
from webapp.honours.operations import Facts
from webapp.honours.rules import HonourKind
from webapp.listings import operations as listings
from webapp.listings.models import Listing
from webapp.listings.rules import Colour
from webapp.merchants.models import OperatorMember, Shop

from .people_writer import People

DEMONSTRATIONS, RETURNS, CHAINED = 6, 8, 3
#: The sector of a demonstration unit by the shop's category.
SECTORS = {"eat": "catering", "stay": "lodging", "tour": "scenic_spot", "shop": "retail", "play": "fitness"}


def honour(people: People, now: datetime) -> int:
    """Name shops that nobody of the demo's merchants owns; returns how many. One proposal waits, one shop is heard."""
    shops = _shops(DEMONSTRATIONS + RETURNS + CHAINED + 2)
    phrases, at = words.phrases(), now - timedelta(days=20)
    until = clock.day_of(now) + timedelta(days=700)
    evidence: dict[str, Any] = {"returns": 36, "refused": 1, "evidence": phrases["honour_return_evidence"]}
    named = 0
    for shop in shops[:DEMONSTRATIONS]:
        sector = SECTORS[shop.category.value if shop.category else "shop"]
        stated = Facts(
            HonourKind.DEMONSTRATION,
            terms=phrases["honour_demonstration"],
            sector=sector,
            standard=standards.words_of(sector, clock.day_of(now)),
            term_until=until,
        )
        named += _name(shop, stated, people, at)
    for shop in shops[DEMONSTRATIONS : DEMONSTRATIONS + RETURNS]:
        stated = Facts(
            HonourKind.NO_REASON_RETURN,
            terms=phrases["honour_return"],
            days=7,
            **evidence,
        )
        named += _name(shop, stated, people, at)
    chained = shops[DEMONSTRATIONS + RETURNS : DEMONSTRATIONS + RETURNS + CHAINED]
    if chained:
        chain = operations.create_chain(
            phrases["honour_chain"], phrases["honour_chain_terms"], "1306", people.bureau, at
        )
        for shop in chained:
            stated = Facts(
                HonourKind.CROSS_SHOP_RETURN,
                terms=phrases["honour_return"],
                days=7,
                chain_id=chain.id,
                **evidence,
            )
            named += _name(shop, stated, people, at)
    rest = shops[DEMONSTRATIONS + RETURNS + CHAINED :]  # none in a small city: nobody is named twice
    for shop in rest[:1]:
        operations.propose(
            shop.id,
            Facts(
                HonourKind.NO_REASON_RETURN,
                terms=phrases["honour_return"],
                days=15,
                **evidence,
            ),
            people.bureau,
            now,
        )
    for shop in rest[1:2]:
        _hear(shop, people, now)
    return named


def _shops(count: int) -> list[Shop]:
    """Shops with an active code, on no list, of no merchant who signs in here: the demo's own stay as they are."""
    statement = (
        sa.select(Shop)
        .join(TrustCode, TrustCode.shop_id == Shop.id)
        .where(
            TrustCode.state == CodeState.ACTIVE,
            ~sa.exists().where(OperatorMember.operator_id == Shop.operator_id),
            ~sa.exists().where(Listing.shop_id == Shop.id),
        )
    )
    return list(db.session.scalars(statement.order_by(Shop.id).limit(count)))


def _name(shop: Shop, stated: Facts, people: People, at: datetime) -> int:
    proposal = operations.propose(shop.id, stated, people.bureau, at)
    reason = words.phrases()["honour_confirmed"]
    operations.decide(proposal.id, "confirm", reason, people.second, at, proposal.version)
    return 1


def _hear(shop: Shop, people: People, now: datetime) -> None:
    phrases = words.phrases()
    proposal = listings.propose(
        shop.id,
        Colour.BLACK,
        "short_measure",
        phrases["black_evidence"],
        phrases["black_summary"],
        clock.day_of(now) + timedelta(days=300),
        people.bureau,
        now,
    )
    listings.decide(
        proposal.id, "confirm", phrases["listing_confirmed"], people.second, now, proposal.version
    )
