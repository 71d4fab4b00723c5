"""A shop's commitments outside an application."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import Conflict
from webapp.merchants.queries import get_shop, scope_of_shop
from webapp.web import access, slots

from . import onboarding

bp = Blueprint("commitments_merchant", __name__)


@dataclass(frozen=True)
class Frame:
    """What the step's page reads of its surroundings; see :mod:`.onboarding`."""

    here: str
    back: str
    next: str = ""
    asked: str = ""
    title: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    current: int = 1


@bp.route("/merchant/shops/<int:shop_id>/commitments", methods=["GET", "POST"])
@access.merchant(on=scope_of_shop)
def sign(shop_id: int) -> ResponseReturnValue:
    """Sign further pledges, take voluntary ones back. Not while an application is being reviewed."""
    shop = get_shop(shop_id)
    if any(slots.collect(current_app, "shop.frozen", shop=shop)):
        raise Conflict("commitment_frozen")
    frame = Frame(
        url_for("commitments_merchant.sign", shop_id=shop_id), url_for("merchants.shop", shop_id=shop_id)
    )
    return onboarding.Step().answer(shop, "", frame)
