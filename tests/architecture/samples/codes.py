"""Trust codes, their stickers, the keys that sign them, and the public log."""

from __future__ import annotations

from typing import Any

from tests.factories.accounts import make_officer
from tests.factories.copies import make_alarm
from webapp import audit
from webapp.codes import operations as codes
from webapp.codes.models import Revocation
from webapp.codes.queries import standing
from webapp.codes.rules import ProposalState as RevocationState
from webapp.core import clock
from webapp.core.actor import SYSTEM, Role
from webapp.core.db import db
from webapp.publiclog import queries, sequencer
from webapp.signing.models import Action, KeyProposal, ProposalState
from webapp.stickers import operations as stickers
from webapp.stickers.keys import store
from webapp.stickers.models import StickerPlace

from .world import Maker, World, fixed


def vouched(world: World) -> Any:
    """The shop's first sticker: it has its code now."""
    if "sticker" not in world.made:
        store().ensure(clock.now())
        codes.issue(world.shop.id, SYSTEM, clock.now())
        world.made["sticker"] = stickers.issue(world.shop.id, StickerPlace.DOOR, SYSTEM, clock.now())
    return world.made["sticker"]


def _alarm(world: World) -> int:
    return make_alarm(vouched(world)).id


def _status_list(world: World) -> int:
    """The list that a sticker of the shop stands in."""
    return vouched(world).shop_id // 65_536


def _revocation(world: World) -> int:
    vouched(world)
    code = standing(world.shop.id)
    assert code is not None
    row = Revocation(
        trust_code_id=code.id,
        shop_id=world.shop.id,
        state=RevocationState.PROPOSED,
        ground="false_statement",
        reason="与现场不符",
        proposed_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _key_proposal(world: World) -> int:
    db.session.query(KeyProposal).delete()  # one of a kind waits at a time
    world.people["keeper"] = make_officer(Role.ADMINISTRATOR, world.shop.region_code[:4])
    row = KeyProposal(
        action=Action.ROTATE,
        kid=1,
        state=ProposalState.PROPOSED,
        reason="到期更换",
        proposed_by_id=world.people["keeper"].id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _leaf_number(world: World) -> int:
    """A published leaf about the shop."""
    now = clock.now()
    audit.record(
        SYSTEM, "code.issue", "trust_code", 1, now=now, shop_id=world.shop.id, new={"state": "active"}
    )
    db.session.commit()
    sequencer.run(now)
    for thing in (world.operator, world.shop, world.owner, world.other, *world.people.values()):
        db.session.refresh(thing)  # the sequencer ends its transactions
    state = queries.state()
    assert state is not None
    return state.size


def _tile_name(world: World) -> str:
    size = _leaf_number(world)
    return f"0/{size // 256:03}" + (f".p/{size % 256}" if size % 256 else "")


SAMPLES: dict[str, Maker] = {
    "token": lambda world: vouched(world).token,
    "serial": lambda world: vouched(world).serial,
    "stickers.status_list:number": _status_list,
    "number": lambda world: vouched(world).shop_id,
    "publiclog:number": _leaf_number,
    "publiclog.tile:name": _tile_name,
    "revocation_id": _revocation,
    "proposal_id": _key_proposal,
    "codes_office:shop_id": lambda world: vouched(world).shop_id,
    "atlas:shop_id": lambda world: vouched(world).shop_id,
    "form": fixed("png"),
    "stickers_office:action": fixed("suspend"),
    "stickers_merchant:action": fixed("replace"),
    "alarm_id": _alarm,
    "copies_office:action": fixed("look"),
}
