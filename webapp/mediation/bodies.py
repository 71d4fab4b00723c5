"""The register of mediating bodies and of the people who act for them. Bureau officers keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.accounts import operations as accounts
from webapp.accounts.models import Account
from webapp.accounts.queries import find_merchant
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.identifiers import check_phone
from webapp.core.steps import permit
from webapp.regions import queries as regions

from . import queries
from .models import Mediation, MediationBody, Mediator
from .rules import MediationState, MediatorKind

SUBJECT = "mediation_body"
WHO = frozenset({Role.BUREAU_OFFICER})


@dataclass(frozen=True)
class BodyFacts:
    """What the register says of a body. `latitude`, `longitude` in degrees or None; phone as typed."""

    kind: str
    name: str
    region_code: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    contact: str = ""


def add(facts: BodyFacts, actor: Actor, now: datetime) -> MediationBody:
    """Enter a body. Raises Invalid with the field, Forbidden outside one's region."""
    body = MediationBody(created_at=now)
    _fill(body, facts)
    permit(actor, WHO, body.scope)
    _save(body)
    audit.record(actor, "mediation_body.add", SUBJECT, body.id, now=now, new={"name": body.name})
    return body


def edit(
    body_id: int, facts: BodyFacts, actor: Actor, now: datetime, version: int | None = None
) -> MediationBody:
    """Correct what the register says. Raises as :func:`add`, Conflict when somebody else was first."""
    body = _own(body_id, actor)
    if version is not None and body.version != version:
        raise Conflict("changed_meanwhile")
    before = body.name
    with db.session.no_autoflush:
        _fill(body, facts)
        permit(actor, WHO, body.scope)
    _save(body)
    audit.record(
        actor, "mediation_body.edit", SUBJECT, body.id, now=now, old={"name": before}, new={"name": body.name}
    )
    return body


def close(body_id: int, actor: Actor, now: datetime) -> MediationBody:
    """It takes no more disputes and its people see none; raises Conflict (``body_has_disputes``) while it has some."""
    body = _own(body_id, actor)
    if body.closed_at is not None:
        return body
    running = sa.select(sa.func.count(Mediation.id)).where(
        Mediation.body_id == body.id, Mediation.state == MediationState.OPEN
    )
    if count := db.session.scalar(running):
        raise Conflict("body_has_disputes", count=count)
    body.closed_at = now
    audit.record(actor, "mediation_body.close", SUBJECT, body.id, now=now)
    return body


def reopen(body_id: int, actor: Actor, now: datetime) -> MediationBody:
    """It works again, with the people it had."""
    body = _own(body_id, actor)
    body.closed_at = None
    audit.record(actor, "mediation_body.reopen", SUBJECT, body.id, now=now)
    return body


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
    body.kind, body.name, body.region_code = MediatorKind(facts.kind), facts.name, facts.region_code
    body.address, body.phone, body.contact = facts.address[:200], facts.phone[:40], facts.contact[:80]
    body.latitude, body.longitude = facts.latitude, facts.longitude


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
