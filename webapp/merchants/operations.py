"""Operators and shops: what their members and the register may change."""

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
from webapp.core.identifiers import check_phone
from webapp.feed import publish
from webapp.files import operations as files
from webapp.files.models import FilePurpose, StoredFile
from webapp.regions import queries as regions

from . import queries, rules, status
from .lookup import RegistryFacts
from .models import Category, MemberRole, Operator, OperatorKind, OperatorMember, Shop, ShopFigures, ShopPhoto

#: Facts of an operator that follow its register record.
RECORD_FIELDS = ("name", "kind", "legal_representative", "registered_address", "authority", "established_on")


def create_operator_from_record(facts: RegistryFacts, now: datetime, actor: Actor = SYSTEM) -> Operator:
    """The operator of a register record; an operator that is here already is brought up to the record."""
    known = queries.find_operator(facts.uscc)
    if known is not None:
        refresh_from_record(known, facts, actor, now)
        return known
    operator = Operator(uscc=facts.uscc, created_at=now, **_record_values(facts))
    db.session.add(operator)
    db.session.flush()
    audit.record(
        actor,
        "operator.create",
        "operator",
        operator.id,
        now=now,
        operator_id=operator.id,
        new={"uscc": facts.uscc},
    )
    return operator


def refresh_from_record(
    operator: Operator, facts: RegistryFacts, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Take over what the register changed; returns the new values by name (empty when nothing differs)."""
    changed = {
        name: value for name, value in _record_values(facts).items() if getattr(operator, name) != value
    }
    if not changed:
        return {}
    old = {name: _plain(getattr(operator, name)) for name in changed}
    for name, value in changed.items():
        setattr(operator, name, value)
    new = {name: _plain(value) for name, value in changed.items()}
    audit.record(
        actor, "operator.refresh", "operator", operator.id, now=now, operator_id=operator.id, old=old, new=new
    )
    for shop_id in queries.shop_ids_of(operator.id):
        publish("operator_changed", now=now, shop_id=shop_id)
    return new


def _record_values(facts: RegistryFacts) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(facts, name) for name in RECORD_FIELDS}
    kinds = {kind.value for kind in OperatorKind}
    values["kind"] = OperatorKind(facts.kind) if facts.kind in kinds else OperatorKind.OTHER
    return values


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
    values = _checked(stated, None)
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
        new={key: _plain(value) for key, value in values.items()},
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
    values = _checked(stated, shop)
    return {key: value for key, value in values.items() if getattr(shop, key) != value}


def take_over(shop: Shop, changed: dict[str, Any], now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set `changed` (of :func:`differing`) and tell the feed; returns old and new as JSON.

    Whoever calls has decided that it may be, and writes the audit row.
    """
    old = {key: _plain(getattr(shop, key)) for key in changed}
    for key, value in changed.items():
        setattr(shop, key, value)
    shop.updated_at = now
    _flush_shop(shop, now)
    return old, {key: _plain(value) for key, value in changed.items()}


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


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _checked(stated: dict[str, Any], shop: Shop | None) -> dict[str, Any]:
    """The columns that follow from what was stated; Invalid names the field that is wrong."""
    unknown = (
        stated.keys() - _CHECKS.keys() - {"region_code", "industry_code", "category", "latitude", "longitude"}
    )
    if unknown:
        raise TypeError(f"a shop has no {sorted(unknown)}")
    values = {key: check(stated[key]) for key, check in _CHECKS.items() if key in stated}
    if "region_code" in stated:
        values.update(_place(stated["region_code"]))
    if "industry_code" in stated or "category" in stated:
        code = stated.get("industry_code", shop.industry_code if shop else None)
        values.update(_industry(code, stated.get("category")))
    if "latitude" in stated or "longitude" in stated:
        place = rules.position(stated.get("latitude"), stated.get("longitude"))
        values["latitude"], values["longitude"] = place or (None, None)
    return values


def _place(code: str) -> dict[str, Any]:
    region = regions.find((code or "").strip())
    if region is None or region.level not in {"street", "county"}:
        raise Invalid("region_unknown", field="region_code")
    return {"region_code": region.code, "station_id": region.station_id}


def _industry(code: str | None, category: Category | str | None) -> dict[str, Any]:
    """Category and department of the industry; before an industry is chosen the category stands alone."""
    wanted = Category(category) if category in set(Category) else None
    if category and wanted is None:
        raise Invalid("category_unknown", field="category")
    if not code:
        return {"industry_code": None, "department_code": None, "category": wanted}
    industry = regions.find_industry(code)
    if industry is None:
        raise Invalid("industry_unknown", field="industry_code")
    if wanted is not None and wanted.value != industry.category:
        raise Invalid("industry_category", field="industry_code", name=industry.name)
    return {
        "industry_code": industry.code,
        "department_code": industry.department_code,
        "category": Category(industry.category),
    }


def _phone(text: str | None) -> str:
    if not (text or "").strip():
        return ""
    check = check_phone(text or "")
    if check.e164 is None:
        raise Invalid(f"shop_phone_{check.error}", field="phone")
    return check.e164


_CHECKS: dict[str, Any] = {
    "name": lambda text: rules.plain_text(text, "name", rules.NAME_MAX, required=True),
    "branch": lambda text: rules.plain_text(text, "branch", rules.BRANCH_MAX, required=False),
    "address": lambda text: rules.plain_text(text, "address", rules.ADDRESS_MAX, required=False),
    "phone": _phone,
    "opening_hours": lambda hours: rules.opening_hours(hours or {}),
}
