"""Shops: what their members may change, and what the public sees of them. Operators from the register: `records`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core import clock
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.feed import publish
from webapp.files import operations as files
from webapp.files.models import FilePurpose, StoredFile
from webapp.regions import queries as regions

from . import queries, rules, shop_facts, status
from .models import Category, MemberRole, OperatorMember, Shop, ShopFigures, ShopPhoto


def join(
    account_id: int,
    operator_id: int,
    role: MemberRole,
    *,
    actor: Actor = SYSTEM,
    now: datetime | None = None,
) -> OperatorMember:
    """Let a merchant account act for an operator; again is no change.

    An operator that has an owner takes further owners only from that owner (`actor`): a credit code is public, so that
    knowing it proves nothing. Raises Conflict("operator_has_owner").
    """
    moment = now or clock.now()
    operator = queries.get_operator(operator_id)
    known = queries.find_member(operator_id, account_id)
    if known is not None:
        return known
    owners = queries.owner_ids(operator_id)
    if role is MemberRole.OWNER and owners and actor.account_id not in owners:
        raise Conflict("operator_has_owner", field="uscc", name=operator.name)
    member = OperatorMember(operator_id=operator_id, account_id=account_id, role=role, created_at=moment)
    db.session.add(member)
    db.session.flush()
    audit.record(
        actor,
        "member.join",
        "operator",
        operator_id,
        now=moment,
        operator_id=operator_id,
        new={"account_id": account_id, "role": role.value},
    )
    return member


def create_shop(
    operator_id: int,
    *,
    name: str,
    region_code: str,
    actor: Actor,
    now: datetime,
    branch: str = "",
    address: str = "",
    category: Category | str | None = None,
    industry_code: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    phone: str = "",
    opening_hours: Mapping[str, Sequence[Sequence[str]]] | None = None,
) -> Shop:
    """A new shop of an operator; everything but name and region may follow later by :func:`edit_shop`.

    Station, department and category follow from street and industry. Raises Invalid naming the field.
    """
    operator = queries.get_operator(operator_id)
    _may_act(actor, operator.id)
    stated = {
        "name": name,
        "branch": branch,
        "address": address,
        "region_code": region_code,
        "category": category,
        "industry_code": industry_code,
        "latitude": latitude,
        "longitude": longitude,
        "phone": phone,
        "opening_hours": opening_hours or {},
    }
    values = shop_facts.checked(stated, None)
    shop = Shop(operator_id=operator.id, created_at=now, updated_at=now, **values)
    db.session.add(shop)
    db.session.flush()
    db.session.add(ShopFigures(shop_id=shop.id))
    audit.record(
        actor,
        "shop.create",
        "shop",
        shop.id,
        now=now,
        shop_id=shop.id,
        operator_id=operator.id,
        new={key: shop_facts.plain(value) for key, value in values.items()},
    )
    return shop


def edit_shop(
    shop_id: int, *, actor: Actor, now: datetime, version: int | None = None, **changes: Any
) -> dict[str, Any]:
    """Change a shop's stated facts; takes any of :func:`create_shop`'s facts, returns what really changed.

    `version` is the one the form was opened with: Conflict("changed_meanwhile") when it has moved on. Conflict
    ``change_by_request`` for what an officer has to see first, Invalid ``district_fixed`` for a shop that would leave
    the officers who have dealt with it.
    """
    shop = queries.get_shop(shop_id)
    _may_act(actor, shop.operator_id)
    if version is not None and version != shop.version:
        raise Conflict("changed_meanwhile")
    changed = differing(shop, changes)
    if not changed:
        return {}
    if actor.role is not Role.SYSTEM:
        _check_free(shop, changed)
    old, new = take_over(shop, changed, now)
    _audit_shop(shop, "shop.edit", actor, now, old, new)
    return new


#: Facts that the public sees of a shop and an officer has looked at.
SHOWN_FACTS = ("name", "branch", "address", "region_code", "latitude", "longitude")


def keep_shown(shop_id: int) -> None:
    """The shop lost its code: what the public sees of it stays as it is, whatever the merchant states from now on."""
    shop = queries.get_shop(shop_id)
    shown: dict[str, Any] = {fact: getattr(shop, fact) for fact in SHOWN_FACTS}
    _set_shown(shop_id, shown | {"photos": [photo.file_id for photo in shop.shown_photos]})


def forget_shown(shop_id: int) -> None:
    """The shop has a code again: the public sees what was approved."""
    _set_shown(shop_id, None)


def _set_shown(shop_id: int, shown: dict[str, Any] | None) -> None:
    # Not by the row's version: nobody who edits the shop has been overtaken.
    statement = sa.update(Shop).where(Shop.id == shop_id).values(shown_as=shown)
    db.session.execute(statement.execution_options(synchronize_session="fetch"))


def differing(shop: Shop, stated: dict[str, Any]) -> dict[str, Any]:
    """The columns that would change if `stated` held, with what follows from it. Raises Invalid naming the field."""
    values = shop_facts.checked(stated, shop)
    return {key: value for key, value in values.items() if getattr(shop, key) != value}


def take_over(shop: Shop, changed: dict[str, Any], now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set `changed` (of :func:`differing`) and tell the feed; returns old and new as JSON.

    Whoever calls has decided that it may be, and writes the audit row.
    """
    old = {key: shop_facts.plain(getattr(shop, key)) for key in changed}
    for key, value in changed.items():
        setattr(shop, key, value)
    shop.updated_at = now
    _flush_shop(shop, now)
    return old, {key: shop_facts.plain(value) for key, value in changed.items()}


def _check_free(shop: Shop, changed: dict[str, Any]) -> None:
    """What the merchant may change by itself: not what the bureau vouches for, and not whose business it is."""
    if rules.needs_review(changed) and status.is_reviewed(shop):
        raise Conflict("change_by_request")
    region = changed.get("region_code", shop.region_code)
    if rules.leaves_district(shop.region_code, region) and status.is_bound(shop):
        district = regions.find(shop.region_code[: rules.DISTRICT_DIGITS])
        raise Invalid("district_fixed", field="region_code", district=district.name if district else "")


def set_photos(shop_id: int, file_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """The shop's photos in this order (at most six storefront files of the operator or fresh from the actor).

    Conflict ``change_by_request`` while the bureau vouches for the shop.
    """
    shop = queries.get_shop(shop_id)
    _may_act(actor, shop.operator_id)
    if actor.role is not Role.SYSTEM and status.is_reviewed(shop):
        raise Conflict("change_by_request")
    wanted = check_photos(shop, file_ids, actor)
    old = [photo.file_id for photo in shop.photos]
    if old == wanted:
        return
    take_over_photos(shop, wanted, now)
    _audit_shop(shop, "shop.photos", actor, now, {"photos": old}, {"photos": wanted})


def check_photos(shop: Shop, file_ids: Sequence[int], actor: Actor) -> list[int]:
    """`file_ids` without repetition, each attached to the operator. Invalid ``photos_too_many``, NotFound."""
    wanted = list(dict.fromkeys(file_ids))
    if len(wanted) > rules.PHOTOS_MAX:
        raise Invalid("photos_too_many", field="photos", most=rules.PHOTOS_MAX)
    for file_id in wanted:
        file = db.session.get(StoredFile, file_id)
        if file is None or file.purpose is not FilePurpose.STOREFRONT:
            raise NotFound("no_such_thing")
    files.attach(wanted, "operator", shop.operator_id, actor=actor)
    return wanted


def take_over_photos(shop: Shop, wanted: Sequence[int], now: datetime) -> None:
    """Set the photos (of :func:`check_photos`) and tell the feed; hidden ones stay hidden. The caller audits."""
    known = {photo.file_id: photo for photo in shop.photos}
    shop.photos = [known.get(file_id) or ShopPhoto(file_id=file_id) for file_id in wanted]
    for place, photo in enumerate(shop.photos):
        photo.position = place
    shop.updated_at = now
    _flush_shop(shop, now)


def _flush_shop(shop: Shop, now: datetime) -> None:
    """Write it, so that whoever is second stops here, and tell the feed."""
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    publish("shop_changed", now=now, shop_id=shop.id)


def _audit_shop(
    shop: Shop, action: str, actor: Actor, now: datetime, old: dict[str, Any], new: dict[str, Any]
) -> None:
    audit.record(
        actor,
        action,
        "shop",
        shop.id,
        now=now,
        shop_id=shop.id,
        operator_id=shop.operator_id,
        old=old,
        new=new,
    )


def _may_act(actor: Actor, operator_id: int) -> None:
    """Members and the system itself; for others the shop is not there."""
    if actor.role is Role.SYSTEM:
        return
    if actor.role is not Role.MERCHANT or operator_id not in queries.operator_ids_of(actor.account_id or 0):
        raise NotFound("no_such_thing")
