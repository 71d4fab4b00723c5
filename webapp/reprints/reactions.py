"""What other features' news does to the tasks. Connected once, when the module is imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.signals import code_state_changed, registry_changed, shop_changed
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.registry.queries import shops_of_operators

from . import operations
from .rules import Cause, prints_name

#: By the fact of the register.
_BY_FACT: Final = {
    "name": Cause.RENAMED,
    "registered_address": Cause.MOVED,
    "legal_representative": Cause.REPRESENTATIVE,
}
#: By the fact of the shop.
_BY_SHOP_FACT: Final = {"name": Cause.SHOP_NAME, "branch": Cause.SHOP_NAME, "address": Cause.SHOP_PLACE}


@registry_changed.connect
def open_after_register(
    _sender: None,
    *,
    operator_id: int | None,
    record: Any,
    before: Mapping[str, Any] | None,
    actor: Actor,
    now: datetime,
    **_news: Any,
) -> None:
    """Renamed, moved, a new representative: each shop whose papers that touches prints anew."""
    if operator_id is None or before is None:
        return
    found = [
        (cause, before[name] or "", getattr(record, name) or "")
        for name, cause in _BY_FACT.items()
        if before[name] != getattr(record, name)
    ]
    if not found:
        return
    for shop in shops_of_operators([operator_id]).get(operator_id, []):
        touching = [one for one in found if _touches(shop, one)]
        if touching:
            operations.open_for(shop, touching, record.as_of, actor, now)


def _touches(shop: Shop, change: tuple[Cause, str, str]) -> bool:
    """What the register did not know before is no change; a name touches where the shop goes by it."""
    cause, old, _ = change
    return bool(old) and (cause is not Cause.RENAMED or prints_name(shop.name, old))


@shop_changed.connect
def open_after_approval(
    _sender: None,
    *,
    shop_id: int,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    **_news: Any,
) -> None:
    """An officer approved a new name or address: the papers that hang say the old one."""
    shop = get_shop(shop_id)
    found: dict[Cause, tuple[str, str]] = {}
    for name, cause in _BY_SHOP_FACT.items():
        if name in new and (old.get(name) or "") != (new[name] or ""):
            before, after = found.get(cause, ("", ""))
            found[cause] = (f"{before} {old.get(name) or ''}".strip(), f"{after} {new[name] or ''}".strip())
    changes = [(cause, before, after) for cause, (before, after) in found.items()]
    if changes:
        operations.open_for(shop, changes, clock.day_of(now), actor, now)


@code_state_changed.connect
def end_with_the_code(_sender: None, *, shop_id: int, after: str, now: datetime, **_news: Any) -> None:
    """A revoked code takes the papers with it."""
    if after == "revoked":
        operations.lapse(shop_id, now)
