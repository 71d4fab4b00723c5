"""A merchant's licences outside an application: what holds, what ends, and stating a renewal."""

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

bp = Blueprint("licences_merchant", __name__)


@dataclass(frozen=True)
class Frame:
    """What the step's pages read of their surroundings; see :mod:`.onboarding`."""

    here: str
    back: str
    next: str = ""
    asked: str = ""
    title: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    current: int = 1


def link(shop: Shop) -> ShopLink:
    """For the shop's page."""
    return ShopLink(label("licence.link"), url_for("licences_merchant.index", shop_id=shop.id))


@bp.get("/merchant/shops/<int:shop_id>/licences")
@access.merchant(on=scope_of_shop)
def index(shop_id: int) -> ResponseReturnValue:
    """The shop's licences with their validity."""
    shop = get_shop(shop_id)
    return onboarding.own_page(shop, _frame(shop, inside=False), frozen=is_frozen(shop))


@bp.route("/merchant/shops/<int:shop_id>/licences/<kind>", methods=["GET", "POST"])
@access.merchant(on=scope_of_shop)
def one(shop_id: int, kind: str) -> ResponseReturnValue:
    """State a renewal, or correct what was not verified yet. Not while an application is being reviewed."""
    shop = get_shop(shop_id)
    if is_frozen(shop):
        raise Conflict("licence_frozen")
    return onboarding.Step().answer(shop, kind, _frame(shop, inside=True))


def _frame(shop: Shop, *, inside: bool) -> Frame:
    here = url_for("licences_merchant.index", shop_id=shop.id)
    return Frame(here, here if inside else url_for("merchants.shop", shop_id=shop.id))
