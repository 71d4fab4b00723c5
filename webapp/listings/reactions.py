"""What other features' news does to list entries. Connected once, when the module is imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.actor import SYSTEM
from webapp.core.signals import code_state_changed, registry_changed
from webapp.merchants.queries import shop_ids_of
from webapp.web.filters import day
from webapp.web.words import label

from . import leads, operations


@registry_changed.connect
def follow_serious_violations(
    _sender: None,
    *,
    operator_id: int | None,
    record: Any,
    before: dict[str, Any] | None,
    now: datetime,
    **_news: Any,
) -> None:
    """列入严重违法失信名单: the register proposes, two officers decide. Off the list again: what waits is over."""
    was = bool(before and before.get("serious_violation"))
    if operator_id is None or bool(record.serious_violation) == was:
        return
    for shop_id in shop_ids_of(operator_id):
        if record.serious_violation:
            leads.found(shop_id, label("listing_lead.evidence", name=record.name, day=day(record.as_of)), now)
        else:
            leads.lapse(shop_id, now)


@code_state_changed.connect
def drop_red_of_revoked(_sender: None, *, shop_id: int, after: str, now: datetime, **_news: Any) -> None:
    """A shop that is no longer vouched for is no model for others."""
    if after == "revoked":
        operations.drop_red(shop_id, "code_revoked", SYSTEM, now)
