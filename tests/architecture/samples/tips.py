"""Tips, alone and together with a complaint."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from tests.factories.accounts import make_officer
from webapp.complaints.queries import get
from webapp.core import clock
from webapp.core.actor import SYSTEM, Role
from webapp.core.db import db
from webapp.letters.models import Letter
from webapp.tips import documents, intake, operations

from .complaints import file_complaint
from .world import Maker, World, fixed


def tip_on(world: World) -> Any:
    """A tip on the shop, the same one for all arguments of an address, with its receipt in `made`."""
    if "tip" not in world.made:
        key = token_hex(16)
        filing = intake.TipFiling(
            submission_key=key,
            topic="quality",
            story="后厨用过期的面粉。",
            happened_on=None,
            named=True,
            reporter_name="举报人",
            reporter_phone="+8613900000000",
        )
        world.made["tip"], world.made["tip_receipt"] = intake.file(world.shop.id, filing, clock.now())
    return world.made["tip"]


def _tip_letter(world: World) -> int:
    tip = tip_on(world)
    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:4])
    operations.act(tip.id, "file_case", officer.actor(), clock.now(), ground="conditions_met")
    letter: Letter = documents.result(tip, SYSTEM, clock.now())
    db.session.flush()
    return letter.id


def _receipt_of_both(world: World) -> str:
    """The receipt of a complaint that the tip was filed together with."""
    complaint_id, receipt = file_complaint(world)
    tip_on(world).complaint_number = get(complaint_id).number
    return receipt


def _tip_receipt(world: World) -> str:
    tip_on(world)
    return str(world.made["tip_receipt"])


SAMPLES: dict[str, Maker] = {
    "tip_id": lambda world: tip_on(world).id,
    "tip_receipt": _tip_receipt,
    "filing:receipt": _receipt_of_both,
    "tips:receipt": _tip_receipt,
    "tips:action": fixed("withdraw"),
    "tips:letter_id": _tip_letter,
    "tips_office:letter_id": _tip_letter,
    "tips_office:action": fixed("resume"),
    "tips_office:request_": fixed("ask"),
    "tips_office:decision": fixed("refuse"),
}
