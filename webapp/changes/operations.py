"""What is done to change requests: check all, then change, then write it down.

The merchant asks, one officer of the district in which the shop stands decides, the merchant may withdraw. Approving
writes the shop's facts, the audit row and the feed entry in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.signals import send, shop_changed
from webapp.core.steps import permit
from webapp.holidays import queries as holidays
from webapp.merchants import operations as merchants
from webapp.merchants import queries as merchant_queries
from webapp.merchants import status
from webapp.merchants.models import Shop
from webapp.merchants.rules import leaves_district

from . import queries, rules, telling
from .models import ShopChange
from .rules import STEPS, ChangeState, Part


def request(
    shop_id: int,
    part: Part,
    stated: dict[str, Any],
    actor: Actor,
    now: datetime,
    *,
    note: str = "",
    version: int | None = None,
) -> ShopChange:
    """Ask for the facts `stated` (fields of `part`; see ``merchants.operations.create_shop``) to hold.

    The same request again is the one that waits already. Raises Invalid (a fact that is wrong, ``change_nothing``, what
    ties a shop to its district), Conflict (``change_waits``, ``change_not_needed``, ``shop_frozen``,
    ``changed_meanwhile``, what bars the shop), Forbidden.
    """
    shop = _own_shop(shop_id, actor, version)
    changed = merchants.differing(shop, stated)
    asked = {field: stated[field] for field in rules.FIELDS[part] if field in changed}
    _check_way(shop, part, changed)
    # Six decimal places are a hand's breadth: what the column keeps is what was asked.
    asked = {field: changed.get(field, value) for field, value in asked.items()}
    return _keep(shop, part, asked, {field: getattr(shop, field) for field in asked}, note, actor, now)


def request_photos(
    shop_id: int,
    file_ids: Sequence[int],
    actor: Actor,
    now: datetime,
    *,
    note: str = "",
    version: int | None = None,
) -> ShopChange:
    """Ask for these storefront photos in this order. They are the operator's from now on, but nobody's to see."""
    shop = _own_shop(shop_id, actor, version)
    _check_way(shop, Part.PHOTOS, {"photos": file_ids})
    if not file_ids:
        raise Invalid("shop_last_photo", field="photos")
    wanted = merchants.check_photos(shop, file_ids, actor)
    old = [photo.file_id for photo in shop.photos]
    asked = {"photos": wanted} if wanted != old else {}
    return _keep(shop, Part.PHOTOS, asked, {"photos": old}, note, actor, now)


def _own_shop(shop_id: int, actor: Actor, version: int | None) -> Shop:
    shop = merchant_queries.get_shop(shop_id)
    permit(actor, frozenset({Role.MERCHANT}), shop.scope)
    if version is not None and version != shop.version:
        raise Conflict("changed_meanwhile")
    return shop


def _check_way(shop: Shop, part: Part, changed: dict[str, Any]) -> None:
    """A request is the way for this change, and nothing stands in it."""
    if (bar := status.barred_by(shop)) is not None:
        raise Conflict(bar)
    if status.is_frozen(shop):
        raise Conflict("shop_frozen")
    leaves = leaves_district(shop.region_code, changed.get("region_code", shop.region_code))
    if not rules.may_move(
        part, reviewed=status.is_reviewed(shop), leaves=leaves, bound=status.is_bound(shop)
    ):
        raise Conflict("change_not_needed")
    if leaves and (tie := status.tied_by(shop)) is not None:
        raise Invalid(tie, field="region_code")


def _keep(
    shop: Shop,
    part: Part,
    asked: dict[str, Any],
    old: dict[str, Any],
    note: str,
    actor: Actor,
    now: datetime,
) -> ShopChange:
    if not asked:
        raise Invalid("change_nothing")
    if len(note.strip()) > rules.NOTE_MAX:
        raise Invalid("too_long", field="note", longest=rules.NOTE_MAX, length=len(note.strip()))
    if (standing := queries.waiting(shop.id, part)) is not None:
        return _same(standing, asked)
    if actor.account_id is None:
        raise Forbidden("step_forbidden")
    today = clock.day_of(now)
    change = ShopChange(
        shop=shop,
        operator_id=shop.operator_id,
        part=part,
        state=STEPS.first,
        old=old,
        new=asked,
        note=note.strip(),
        requested_by_id=actor.account_id,
        requested_at=now,
        due_on=holidays.calendar().add(today, policy.get_int("change.review_days", today)).day,
    )
    try:
        with db.session.begin_nested():
            db.session.add(change)
            db.session.flush()
    except IntegrityError as error:  # the same press twice
        standing = queries.waiting(shop.id, part)
        if standing is None:
            raise Conflict("busy") from error
        return _same(standing, asked)
    _audit(change, "request", actor, now)
    return change


def _same(standing: ShopChange, asked: dict[str, Any]) -> ShopChange:
    if standing.new != asked:
        raise Conflict("change_waits")
    return standing


def withdraw(change_id: int, actor: Actor, now: datetime) -> ShopChange:
    """The merchant takes the request back; what is public stays as it is. Conflict when it was decided meanwhile."""
    change = queries.lock(change_id)
    if change.state is not ChangeState.WAITING:
        raise Conflict("change_decided")
    step = STEPS.check(change.state, "withdraw", actor, change.shop.scope)
    _end(change, step.target, "withdraw", actor, now)
    return change


def decide(
    change_id: int,
    action: str,
    actor: Actor,
    now: datetime,
    version: int,
    reason_code: str | None = None,
    reason: str = "",
) -> ShopChange:
    """An officer approves or refuses (`action`) the request as seen at `version`, with a reason of the catalogue.

    Raises Conflict (``changed_meanwhile`` when somebody was first, ``shop_frozen``), StepRefused, Forbidden, Invalid
    (``reason_code``, ``reason_required``, what ties a shop to its district, a fact that cannot hold any more).
    """
    change = queries.lock(change_id)
    if change.version != version:
        raise Conflict("changed_meanwhile")
    if action not in rules.REASONS:
        raise Forbidden("step_forbidden")
    reason = reason.strip()
    check_reason(reason_code, rules.REASONS[action], reason)
    step = STEPS.check(change.state, action, actor, change.shop.scope, reason or reason_code)
    change.reason_code, change.reason = reason_code, reason
    if action == "approve":
        change.old = _take_over(change, now)
    _end(change, step.target, action, actor, now)
    telling.tell(change, action, now)
    if action == "approve":
        send(shop_changed, shop_id=change.shop_id, old=change.old, new=change.new, actor=actor, now=now)
    return change


def check_reason(code: str | None, catalogue: Sequence[str], text: str) -> None:
    """The reason is of the catalogue and says enough; raises Invalid naming the field."""
    if code not in catalogue:
        raise Invalid("reason_code", field="reason_code")
    if code in rules.NEEDS_TEXT and not text:
        raise Invalid("reason_required", field="reason")
    if len(text) > rules.REASON_MAX:
        raise Invalid("reason_too_long", field="reason", most=rules.REASON_MAX)


def _take_over(change: ShopChange, now: datetime) -> dict[str, Any]:
    """Make the request's facts the shop's; returns what stood before."""
    shop = change.shop
    if status.is_frozen(shop):
        raise Conflict("shop_frozen")
    if change.part is Part.PHOTOS:
        old_photos = [photo.file_id for photo in shop.photos]
        merchants.take_over_photos(shop, change.new["photos"], now)
        return {"photos": old_photos}
    if leaves_district(shop.region_code, change.new.get("region_code", shop.region_code)):
        tie = status.tied_by(shop)
        if tie is not None:
            raise Invalid(tie, field="region_code")
    old = {field: getattr(shop, field) for field in change.new}
    merchants.take_over(shop, merchants.differing(shop, _stated(shop, change.new)), now)
    return old


def _stated(shop: Shop, new: dict[str, Any]) -> dict[str, Any]:
    """As the merchants' operations take it: a position is given whole, an industry brings its category."""
    stated = dict(new)
    if "latitude" in new or "longitude" in new:
        stated.setdefault("latitude", shop.latitude)
        stated.setdefault("longitude", shop.longitude)
    return stated


def lapse(shop_id: int, now: datetime) -> None:
    """The shop's code is gone: what was asked about it is of no use any more."""
    for waiting in queries.all_waiting(shop_id):
        change = queries.lock(waiting.id)
        if change.state is ChangeState.WAITING:
            step = STEPS.check(change.state, "lapse", SYSTEM)
            _end(change, step.target, "lapse", SYSTEM, now)


def _end(change: ShopChange, state: ChangeState, action: str, actor: Actor, now: datetime) -> None:
    change.state, change.decided_at, change.decided_by_id = state, now, actor.account_id
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    _audit(change, action, actor, now)


def _audit(change: ShopChange, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        actor,
        f"change.{action}",
        "change",
        change.id,
        now=now,
        shop_id=change.shop_id,
        operator_id=change.operator_id,
        old=change.old,
        new=change.new,
        reason_code=change.reason_code,
        reason=change.reason or None,
    )
