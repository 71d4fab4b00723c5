"""Talks, orders to correct, and what the rule table proposes."""

from __future__ import annotations

from typing import Any

from tests.factories.accounts import make_officer
from tests.factories.oversight import approve, make_order, make_talk
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.letters import queries
from webapp.oversight import telling
from webapp.oversight.models import OversightProposal
from webapp.oversight.rules import PROPOSAL_STEPS

from .codes import vouched
from .world import Maker, World, fixed


def _overseen(world: World, kind: str) -> Any:
    """A talk or an order that waits for the second officer."""
    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4]).actor()
    make = make_talk if kind == "talk" else make_order
    return make(world.shop, officer, clock.now())


def _issued(world: World, kind: str) -> Any:
    """One that the merchant was told of, the same one for all arguments of an address."""
    if f"issued {kind}" not in world.made:
        second = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4]).actor()
        world.made[f"issued {kind}"] = approve(_overseen(world, kind), second, clock.now())
    return world.made[f"issued {kind}"]


def _letter_of(kind: str) -> Maker:
    """A document about the talk or order that stands before it in the address."""

    def make(world: World) -> int:
        return queries.of_subject(telling.subject(_issued(world, kind)))[0].id

    return make


def _suspension_proposal(world: World) -> int:
    row = OversightProposal(
        shop_id=vouched(world).shop_id,
        state=PROPOSAL_STEPS.first,
        event="order_failed",
        raised_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4]).id,
        raised_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


SAMPLES: dict[str, Maker] = {
    "talk_id": lambda world: _overseen(world, "talk").id,
    "oversight_merchant:talk_id": lambda world: _issued(world, "talk").id,
    "oversight_deeds.talk_letter:talk_id": lambda world: _issued(world, "talk").id,
    "oversight_deeds:order_id": lambda world: _overseen(world, "order").id,
    "oversight_merchant:order_id": lambda world: _issued(world, "order").id,
    "oversight_deeds.order_letter:order_id": lambda world: _issued(world, "order").id,
    "oversight_deeds.talk_letter:letter_id": _letter_of("talk"),
    "oversight_deeds.order_letter:letter_id": _letter_of("order"),
    "oversight_merchant.talk_letter:letter_id": _letter_of("talk"),
    "oversight_merchant.order_letter:letter_id": _letter_of("order"),
    "oversight_deeds.do_talk:action": fixed("take_back"),
    "oversight_deeds.decide_talk:action": fixed("refuse"),
    "oversight_deeds.do_order:action": fixed("take_back"),
    "oversight_deeds.decide_order:action": fixed("refuse"),
    "oversight_merchant:action": fixed("report"),
    "oversight_office:proposal_id": _suspension_proposal,
    "oversight_office:action": fixed("decline"),
}
