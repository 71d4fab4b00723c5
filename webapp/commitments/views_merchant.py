"""A shop's commitments outside an application."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import Conflict
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop, scope_of_shop
from webapp.merchants.status import ShopLink, is_frozen
from webapp.web import access
from webapp.web.words import label

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


def link(shop: Shop) -> ShopLink:
    """For the shop's page."""
    return ShopLink(label("commitment.link"), url_for("commitments_merchant.sign", shop_id=shop.id))


@bp.route("/merchant/shops/<int:shop_id>/commitments", methods=["GET", "POST"])
@access.merchant(on=scope_of_shop)
def sign(shop_id: int) -> ResponseReturnValue:
    """Sign further pledges, take voluntary ones back. Not while an application is being reviewed."""
    shop = get_shop(shop_id)
    if is_frozen(shop):
        raise Conflict("commitment_frozen")
    frame = Frame(
        url_for("commitments_merchant.sign", shop_id=shop_id), url_for("merchants.shop", shop_id=shop_id)
    )
    return onboarding.Step().answer(shop, "", frame)
