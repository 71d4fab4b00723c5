"""What this feature adds to others' pages: menus, the merchant's status of a shop and the section about its code."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, render_template, url_for
from markupsafe import Markup

from webapp.audit.models import AuditEvent
from webapp.core.actor import Actor, Role
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
    count = queries.count_waiting(posts, actor.account_id)
    return MenuEntry(url_for("codes_office.revocations"), "code.menu.revocations", count or None)


def reason_words(text: str | None) -> str:
    """A reason as people read it: short marks become words, everything else is words already."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    return words.get(f"code.because.{text}") or text or ""


def ground_words(ground: str | None) -> str:
    """The words of a ground; one that the catalogue does not know (an older release's) as it is."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    return words.get(f"code.ground.{ground}") or ground or ""


def history_lines(events: list[AuditEvent]) -> list[dict[str, object]]:
    """Audit rows for the timeline macro."""
    return [_line(event) for event in events]


def _line(event: AuditEvent) -> dict[str, object]:
    words: dict[str, str] = current_app.extensions["ydym.words"]
    what = words.get(f"audit.action.{event.action}") or label("audit.action.code.other", action=event.action)
    old, new = event.old or {}, event.new or {}
    changes = []
    for prefix in ("code.state", "sticker.state"):
        before, after = words.get(f"{prefix}.{old.get('state')}"), words.get(f"{prefix}.{new.get('state')}")
        kind = prefix.partition(".")[0]
        if event.action.startswith(f"{kind}.") and before and after and before != after:
            changes.append((label("code.word.state"), before, after))
    if event.action.startswith("sticker.") and new.get("serial"):
        what = f"{what} {event.shop_id:06d}-{new['serial']:02d}"
    who = (
        label("role.system")
        if event.actor_role == Role.SYSTEM
        else f"{label('role.' + event.actor_role)} {event.actor_name}"
    )
    return {
        "at": event.at,
        "who": who,
        "what": what,
        "why": "：".join(filter(None, dict.fromkeys((_reason_code(event), reason_words(event.reason))))),
        "changes": changes,
        "tone": {
            "code.suspend": "caution",
            "code.revoke": "stop",
            "code.issue": "good",
            "code.restore": "good",
        }.get(event.action, "quiet"),
    }


def _reason_code(event: AuditEvent) -> str:
    """The catalogue's words of a reason; nothing where the code is another feature's or says less than the reason."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    kind = event.action.partition(".")[0]
    if not event.reason_code or event.reason_code == "other":
        return ""
    return words.get(f"{'code.ground' if kind == 'code' else kind + '.reason'}.{event.reason_code}") or ""


def merchant_status(shop: Shop) -> ShopStatus | None:
    """Slot ``merchant.shop_status``: None while the shop has no code (its application says where it stands)."""
    code = queries.latest(shop.id)
    if code is None:
        return None
    if code.state is CodeState.ACTIVE:
        return ShopStatus(label("code.merchant.active"), "good")
    if code.state is CodeState.SUSPENDED:
        grounds = "、".join(ground_words(entry.ground) for entry in queries.open_grounds(code))
        url = url_for("merchants.shop", shop_id=shop.id, _anchor="code")
        return ShopStatus(
            label("code.merchant.suspended"), "caution", grounds, url, label("code.merchant.see"), urgent=True
        )
    return ShopStatus(label("code.merchant.revoked"), "stop", ground_words(code.revoked_ground))


def merchant_section(shop: Shop) -> Markup | None:
    """Slot ``merchant.shop``: the code's state, the reasons and what to do. None while there never was a code."""
    code = queries.latest(shop.id)
    if code is None:
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
