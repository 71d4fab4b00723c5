"""What other features' news does to trust codes. Connected once, when the module is imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.actor import SYSTEM, Actor
from webapp.core.signals import (
    application_approved,
    licence_changed,
    listing_ended,
    listing_published,
    registry_changed,
)
from webapp.merchants import lookup
from webapp.merchants.queries import get_shop
from webapp.web.words import label

from . import operations, queries
from .models import TrustCode
from .rules import AUTOMATIC_GROUNDS

#: Grounds that the register raises and lifts.
REGISTER_GROUNDS = AUTOMATIC_GROUNDS - {"licence_expired"}


@application_approved.connect
def issue_code(_sender: None, *, shop_id: int, actor: Actor, now: datetime, **_news: Any) -> None:
    """An approved application is what a code is issued for."""
    operations.issue(shop_id, actor, now)


@registry_changed.connect
def follow_register(
    _sender: None,
    *,
    operator_id: int | None,
    consequence: str,
    ground: str,
    now: datetime,
    **_news: Any,
) -> None:
    """注销 and 吊销 revoke, the abnormal list and closing suspend, a clean record lifts what the register raised."""
    if operator_id is None:
        return
    for code in queries.standing_of_operator(operator_id):
        if consequence == "revoke":
            operations.revoke_now(code.shop_id, ground, label(f"code.because.{ground}"), SYSTEM, now)
            continue
        if consequence == "suspend":
            operations.suspend(code.shop_id, ground, label(f"code.because.{ground}"), SYSTEM, now)
        # The new ground first: the code must not be active for an instant between two grounds.
        _lift_others(code, keep=ground if consequence == "suspend" else "", now=now)


def _lift_others(code: TrustCode, keep: str, now: datetime) -> None:
    for entry in queries.open_grounds(code):
        if entry.ground in REGISTER_GROUNDS and entry.ground != keep:
            operations.lift(code.shop_id, entry.ground, label("code.because.register_clean"), SYSTEM, now)


@licence_changed.connect
def follow_licences(
    _sender: None,
    *,
    shop_ids: list[int],
    missing_or_expired: dict[int, list[str]],
    now: datetime,
    **_news: Any,
) -> None:
    """A required licence that ended suspends; a renewed one lifts. `missing_or_expired` is by shop."""
    for shop_id in shop_ids:
        code = queries.standing(shop_id)
        if code is None:
            continue
        standing = {entry.ground for entry in queries.open_grounds(code)}
        lacking = missing_or_expired.get(shop_id, [])
        if lacking and "licence_expired" not in standing:
            operations.suspend(shop_id, "licence_expired", label("code.because.licence_expired"), SYSTEM, now)
        elif not lacking and "licence_expired" in standing:
            operations.lift(shop_id, "licence_expired", label("code.because.licence_renewed"), SYSTEM, now)


@listing_published.connect
def follow_black_list(
    _sender: None, *, shop_id: int, colour: str, reason: str, now: datetime, **_news: Any
) -> None:
    """Black means that the code is revoked. The two officers stand behind the entry."""
    if colour == "black" and queries.standing(shop_id) is not None:
        operations.revoke_now(shop_id, "black_listed", reason, SYSTEM, now)


@listing_ended.connect
def give_back(
    _sender: None,
    *,
    shop_id: int,
    colour: str,
    actor: Actor,
    now: datetime,
    wrong: bool = False,
    **_news: Any,
) -> None:
    """An appeal found the entry wrong: the shop has its code again by the same decision, if the register is clean.

    After repair or the end of the term the code stays revoked, and a new application starts again.
    """
    latest = queries.latest(shop_id)
    if colour != "black" or not wrong or latest is None or latest.revoked_ground != "black_listed":
        return
    facts = lookup.find_facts(get_shop(shop_id).operator.uscc)
    if facts is not None and facts.status == "active" and not facts.abnormal and not facts.serious_violation:
        operations.issue(shop_id, actor, now)
