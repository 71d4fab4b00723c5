"""What this feature adds to others' pages: menus, the merchant's status of a shop and the section about its code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import current_app, render_template, url_for
from markupsafe import Markup

from webapp.core.actor import Actor
from webapp.merchants.models import Shop
from webapp.merchants.status import ShopStatus
from webapp.web import access
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import queries
from .models import TrustCode
from .rules import AUTOMATIC_GROUNDS, CodeState

TONES = {CodeState.ACTIVE: "good", CodeState.SUSPENDED: "caution", CodeState.REVOKED: "stop"}


def shops_menu(actor: Actor) -> MenuEntry | None:
    """门店."""
    if not access.reach(actor, "shop.read"):
        return None
    return MenuEntry(url_for("codes_office.shops"), "code.menu.shops")


def revocations_menu(actor: Actor) -> MenuEntry | None:
    """下架审批, with the number of proposals that this officer may decide."""
    posts = access.reach(actor, "code.revoke")
    if not posts:
        return None
    count = queries.count_waiting(posts, actor)
    return MenuEntry(url_for("codes_office.revocations"), "code.menu.revocations", count or None)


def reason_words(text: str | None) -> str:
    """A reason as people read it: short marks become words, everything else is words already."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    return words.get(f"code.because.{text}") or text or ""


def ground_words(ground: str | None) -> str:
    """The words of a ground; one that the catalogue does not know (an older release's) as it is."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    return words.get(f"code.ground.{ground}") or ground or ""


def merchant_statuses(shops: Sequence[Shop]) -> dict[int, ShopStatus]:
    """Slot ``merchant.shop_status``: nothing while a shop has no code (its application says where it stands)."""
    return {code.shop_id: _status(code) for code in queries.latest_of([shop.id for shop in shops])}


def _status(code: TrustCode) -> ShopStatus:
    if code.state is CodeState.ACTIVE:
        return ShopStatus(label("code.merchant.active"), "good")
    if code.state is CodeState.SUSPENDED:
        grounds = "、".join(ground_words(entry.ground) for entry in queries.open_grounds(code))
        url = url_for("merchants.shop", shop_id=code.shop_id, _anchor="code")
        return ShopStatus(
            label("code.merchant.suspended"), "caution", grounds, url, label("code.merchant.see"), urgent=True
        )
    return ShopStatus(label("code.merchant.revoked"), "stop", ground_words(code.revoked_ground))


def merchant_section(shop: Shop) -> Markup | None:
    """Slot ``merchant.shop``: why the code is suspended or revoked and what to do; None while all is well."""
    code = queries.latest(shop.id)
    if code is None or code.state is CodeState.ACTIVE:
        return None
    grounds = [
        ground_view(entry.ground, entry.reason, entry.started_at) for entry in queries.open_grounds(code)
    ]
    return Markup(  # noqa: S704 - our template
        render_template(
            "codes/_merchant_shop.html",
            shop=shop,
            code=code,
            grounds=grounds,
            revoked=_revoked(code),
        )
    )


def ground_view(ground: str, reason: str, since: datetime) -> dict[str, object]:
    """A standing ground for a page: words, reason, what the merchant can do, since when."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    advice = words.get(f"code.todo.{ground}") or label("code.todo.general")
    return {
        "ground": ground,
        "text": ground_words(ground),
        "reason": reason_words(reason),
        "todo": advice,
        "since": since,
        "automatic": ground in AUTOMATIC_GROUNDS,
    }


def _revoked(code: TrustCode) -> dict[str, object] | None:
    if code.state is not CodeState.REVOKED:
        return None
    return {"text": ground_words(code.revoked_ground), "at": code.revoked_at}
