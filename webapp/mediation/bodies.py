"""The register of mediating bodies and of the people who act for them. Bureau officers keep it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from webapp import audit, feed
from webapp.accounts import operations as accounts
from webapp.accounts.models import Account
from webapp.accounts.queries import find_merchant
from webapp.core.actor import Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.identifiers import check_phone
from webapp.core.steps import permit
from webapp.merchants import rules as merchants
from webapp.merchants.models import Mall, MallTenant, Shop
from webapp.regions import queries as regions
from webapp.regions.rules import office_phone
from webapp.web.words import label

from . import hours, queries
from .areas import Names
from .models import BodyArea, Mediation, MediationBody, Mediator
from .rules import NOWHERE, Area, MediationState, MediatorKind

SUBJECT = "mediation_body"
WHO = frozenset({Role.BUREAU_OFFICER})
#: What is told of a correction, in this order.
FIELDS: Final = (
    *("kind", "name", "region_code", "address", "latitude", "longitude"),
    *("phone", "contact", "opening_hours", "area"),
)
#: Up to so many shops are shown anew one by one; beyond, all pages are.
SHOWN_ONE_BY_ONE: Final = 200


@dataclass(frozen=True)
class BodyFacts:
    """What the register says of a body. `latitude`, `longitude` in degrees or None; phone as typed.

    `opening_hours` as `merchants.rules.opening_hours` gives them. An empty `area` means the county in which it stands.
    """

    kind: str
    name: str
    region_code: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    contact: str = ""
    opening_hours: Mapping[str, Any] = field(default_factory=dict)
    area: Area = NOWHERE


def add(facts: BodyFacts, actor: Actor, now: datetime) -> MediationBody:
    """Enter a body. Raises Invalid with the field, Forbidden outside one's region."""
    body = enter(facts, actor, now)
    show_anew(body.area, body.kind, now)
    return body


def enter(facts: BodyFacts, actor: Actor, now: datetime) -> MediationBody:
    """The same without a word to the shops' pages: for a file, which says it once for all its rows."""
    body = MediationBody(created_at=now)
    _fill(body, facts)
    _may_serve(actor, body, NOWHERE)
    _save(body)
    audit.record(actor, "mediation_body.add", SUBJECT, body.id, now=now, new=_for_the_trail(said_of(body)))
    return body


def edit(
    body_id: int, facts: BodyFacts, actor: Actor, now: datetime, version: int | None = None
) -> MediationBody:
    """Correct what the register says. Raises as :func:`add`, Conflict when somebody else was first."""
    body = _own(body_id, actor)
    if version is not None and body.version != version:
        raise Conflict("changed_meanwhile")
    before, kind = body.area, body.kind
    if correct(body, facts, actor, now):
        for one in {kind, body.kind}:
            show_anew(before | body.area, one, now)
    return body


def correct(body: MediationBody, facts: BodyFacts, actor: Actor, now: datetime) -> bool:
    """The same without a word to the shops' pages; False when nothing was different."""
    permit(actor, WHO, body.scope)
    names, area = Names(), body.area
    before = said_of(body, names)
    with db.session.no_autoflush:
        _fill(body, facts)
        _may_serve(actor, body, area)
    after = said_of(body, names)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return False
    flag_modified(body, "name")  # a new version also where only the area is another
    _save(body)
    audit.record(
        actor,
        "mediation_body.edit",
        SUBJECT,
        body.id,
        now=now,
        old=_for_the_trail({name: before[name] for name in changed}),
        new=_for_the_trail({name: after[name] for name in changed}),
    )
    return True


def close(body_id: int, actor: Actor, now: datetime) -> MediationBody:
    """It takes no more disputes and its people see none; raises Conflict (``body_has_disputes``) while it has some."""
    body = _own(body_id, actor)
    if end(body, actor, now):
        show_anew(body.area, body.kind, now)
    return body


def end(body: MediationBody, actor: Actor, now: datetime) -> bool:
    """The same without a word to the shops' pages; False when it was closed before."""
    permit(actor, WHO, body.scope)
    if body.closed_at is not None:
        return False
    running = sa.select(sa.func.count(Mediation.id)).where(
        Mediation.body_id == body.id, Mediation.state == MediationState.OPEN
    )
    if count := db.session.scalar(running):
        raise Conflict("body_has_disputes", count=count)
    body.closed_at = now
    audit.record(
        actor,
        "mediation_body.close",
        SUBJECT,
        body.id,
        now=now,
        old={"state": "open"},
        new={"state": "closed"},
    )
    return True


def reopen(body_id: int, actor: Actor, now: datetime) -> MediationBody:
    """It works again, with the people it had."""
    body = _own(body_id, actor)
    if resume(body, actor, now):
        show_anew(body.area, body.kind, now)
    return body


def resume(body: MediationBody, actor: Actor, now: datetime) -> bool:
    """The same without a word to the shops' pages; False when it was at work."""
    permit(actor, WHO, body.scope)
    if body.closed_at is None:
        return False
    body.closed_at = None
    audit.record(
        actor,
        "mediation_body.reopen",
        SUBJECT,
        body.id,
        now=now,
        old={"state": "closed"},
        new={"state": "open"},
    )
    return True


def _for_the_trail(said: dict[str, Any]) -> dict[str, Any]:
    """The same for the audit trail, which keeps for ever: a person's name and mobile number only as given or not."""
    kept = dict(said)
    if kept.get("contact"):
        kept["contact"] = label("mediation.body.given")
    if kept.get("phone") and not office_phone(kept["phone"]):
        kept["phone"] = label("mediation.body.given")
    return kept


def said_of(body: MediationBody, names: Names | None = None) -> dict[str, Any]:
    """What the register says of a body, as people read it: for the history of its corrections."""
    return {
        "kind": body.kind.value,
        "name": body.name,
        "region_code": body.region_code,
        "address": body.address,
        "latitude": body.latitude,
        "longitude": body.longitude,
        "phone": body.phone,
        "contact": body.contact,
        "opening_hours": hours.text_of(body.opening_hours),
        "area": (names or Names()).text(body.area),
    }


def show_anew(area: Area, kind: MediatorKind, now: datetime) -> None:
    """The pages of the shops that a body serves or served; all pages at once when they are many."""
    if kind is MediatorKind.PEOPLE:
        return  # shops' pages name none
    served = [Shop.region_code.startswith(code) for code in area.regions]
    if area.malls:
        inside = sa.select(MallTenant.shop_id).where(MallTenant.mall_id.in_(area.malls))
        served.append(Shop.id.in_(inside))
    statement = sa.select(Shop.id).where(sa.or_(sa.false(), *served)).limit(SHOWN_ONE_BY_ONE + 1)
    shop_ids = list(db.session.scalars(statement))
    if len(shop_ids) > SHOWN_ONE_BY_ONE:
        feed.publish("mediation_body.changed", now=now)
        return
    for shop_id in shop_ids:
        feed.publish("mediation_body.changed", now=now, shop_id=shop_id)


def add_person(body_id: int, phone: str, actor: Actor, now: datetime) -> Account:
    """Let this phone's account act for the body. Raises Invalid (``no_account_with_phone``, ``acts_elsewhere``)."""
    body = _own(body_id, actor)
    account = find_merchant(accounts.mobile(phone))
    if account is None or account.disabled_at is not None:
        raise Invalid("no_account_with_phone", field="phone")
    row = db.session.get(Mediator, account.id)
    if row is None:
        row = Mediator(account_id=account.id, body_id=body.id, added_at=now)
        db.session.add(row)
    elif row.removed_at is None:
        if row.body_id != body.id:
            raise Invalid("acts_elsewhere", field="phone")
        return account
    row.body_id, row.added_at, row.removed_at = body.id, now, None
    db.session.flush()
    audit.record(
        actor, "mediation_body.add_person", SUBJECT, body.id, now=now, new={"account_id": account.id}
    )
    return account


def remove_person(body_id: int, account_id: int, actor: Actor, now: datetime) -> None:
    """The account acts for the body no more, from the next request on; raises NotFound."""
    body = _own(body_id, actor)
    row = db.session.get(Mediator, account_id)
    if row is None or row.body_id != body.id or row.removed_at is not None:
        raise NotFound("no_such_thing")
    row.removed_at = now
    audit.record(
        actor, "mediation_body.remove_person", SUBJECT, body.id, now=now, new={"account_id": account_id}
    )


def _own(body_id: int, actor: Actor) -> MediationBody:
    body = queries.get_body(body_id)
    permit(actor, WHO, body.scope)
    return body


def _fill(body: MediationBody, facts: BodyFacts) -> None:
    if facts.kind not in {MediatorKind.STATION, MediatorKind.ODR, MediatorKind.PEOPLE}:
        raise Invalid("choose_body_kind", field="kind")
    if not 2 <= len(facts.name) <= 80:
        raise Invalid("body_name", field="name")
    if regions.find(facts.region_code) is None:
        raise Invalid("choose_region", field="region_code")
    if facts.phone and not check_phone(facts.phone).ok:
        raise Invalid("body_phone", field="phone")
    if not _lies_somewhere(facts.latitude, facts.longitude):
        raise Invalid("body_position", field="latitude")
    opening_hours, area = merchants.opening_hours(facts.opening_hours), facts.area
    area = area or Area(regions=frozenset({facts.region_code[:6]}))
    body.kind, body.name, body.region_code = MediatorKind(facts.kind), facts.name, facts.region_code
    body.address, body.phone, body.contact = facts.address[:200], facts.phone[:40], facts.contact[:80]
    body.latitude, body.longitude = facts.latitude, facts.longitude
    body.opening_hours = opening_hours
    _set_area(body, area)


def _set_area(body: MediationBody, area: Area) -> None:
    body.areas = [one for one in body.areas if one.region_code in area.regions or one.mall_id in area.malls]
    known = body.area
    body.areas += [BodyArea(region_code=code) for code in sorted(area.regions - known.regions)]
    body.areas += [BodyArea(mall_id=mall_id) for mall_id in sorted(area.malls - known.malls)]


def _may_serve(actor: Actor, body: MediationBody, before: Area) -> None:
    """Where it stands and what comes into its area or leaves it: each within the officer's reach."""
    permit(actor, WHO, body.scope)
    after = body.area
    for code in after.regions ^ before.regions:
        if not actor.holds(WHO, Scope(region_code=code)):
            raise Invalid("area_out_of_reach", field="area", text=Names().text(Area(frozenset({code}))))
    for mall_id in after.malls ^ before.malls:
        mall = db.session.get(Mall, mall_id)
        if mall is not None and not actor.holds(WHO, Scope(region_code=mall.region_code)):
            raise Invalid("area_out_of_reach", field="area", text=mall.name)


def _lies_somewhere(latitude: float | None, longitude: float | None) -> bool:
    """Both degrees of a place on earth, or neither."""
    if latitude is None or longitude is None:
        return latitude is longitude
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def _save(body: MediationBody) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(body)
    except IntegrityError:
        raise Invalid("body_known", field="name") from None
