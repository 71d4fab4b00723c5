"""Stating, verifying and refusing licences; the daily sweep of those that ended."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from webapp import audit, feed
from webapp.core import clock
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Forbidden, Invalid, NotFound
from webapp.core.identifiers import normalise
from webapp.core.signals import licence_changed, send
from webapp.files import operations as files
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_operator, get_shop
from webapp.regions.models import Industry

from . import queries, rules
from .models import Licence, LicenceKind, LicenceRequirement
from .rules import STEPS, LicenceState

KINDS = Path(__file__).with_name("licence_kinds.csv")
REQUIREMENTS = Path(__file__).with_name("requirements.csv")
#: How long back the sweep looks for licences that have begun, in case it did not run for some days.
SWEEP_BACK_DAYS = 31


def sync() -> int:
    """Fill kinds and requirements from the files; ``*`` stands for every industry. Returns how many rows changed.

    Requirements that the file no longer names are taken away: the file is the table.
    """
    changed = 0
    kinds = {kind.code: kind for kind in db.session.scalars(sa.select(LicenceKind))}
    for row in _rows(KINDS):
        values = {
            "name": row["name"],
            "number_hint": row["number_hint"],
            "per_shop": row["per_shop"] == "yes",
            "position": int(row["position"]),
        }
        changed += _put(LicenceKind, kinds.get(row["code"]), {"code": row["code"]}, values)
    db.session.flush()
    wanted, there = _requirements(), {}
    for requirement in db.session.scalars(sa.select(LicenceRequirement)):
        there[requirement.industry_code, requirement.kind_code] = requirement
    for gone in there.keys() - wanted.keys():
        db.session.delete(there[gone])
        changed += 1
    for (industry, kind), values in wanted.items():
        key = {"industry_code": industry, "kind_code": kind}
        changed += _put(LicenceRequirement, there.get((industry, kind)), key, values)
    db.session.flush()
    return changed


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _requirements() -> dict[tuple[str, str], dict[str, object]]:
    """(industry, kind) → values. A row of an industry that is not in the table is left out."""
    industries = list(db.session.scalars(sa.select(Industry.code)))
    found: dict[tuple[str, str], dict[str, object]] = {}
    for row in _rows(REQUIREMENTS):
        for industry in industries if row["industry"] == "*" else [row["industry"]]:
            if industry in industries:
                found[industry, row["kind"]] = {"required": row["required"] == "yes", "source": row["source"]}
    return found


def _put(
    model: type[LicenceKind | LicenceRequirement],
    row: LicenceKind | LicenceRequirement | None,
    key: dict[str, str],
    values: dict[str, object],
) -> int:
    if row is None:
        db.session.add(model(**key, **values))
        return 1
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    return int(bool(changes))


def state(
    shop_id: int,
    kind_code: str,
    *,
    number: str,
    scope: str = "",
    valid_from: date | None,
    valid_until: date | None,
    file_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Licence:
    """The merchant states a licence of this shop, or corrects what was stated and not yet verified.

    `valid_until` None means long-term (长期). `file_id` None keeps the image that is there. A verified licence stays in
    force beside a renewal until that one is verified. One of a kind that is not `per_shop` serves all the operator's
    shops. Raises Invalid (``licence_period``, ``licence_number_too_long``, ``licence_scope_too_long``), NotFound for an
    unknown kind.
    """
    shop, kind = get_shop(shop_id), queries.get_kind(kind_code)
    before = queries.find_stated(shop, kind_code)
    fresh = before is None or before.state is LicenceState.VERIFIED
    STEPS.check(LicenceState.STATED if fresh or before is None else before.state, "state", actor, shop.scope)
    number = _clean_number(number)
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise Invalid("licence_period", field="valid_until")
    if len(scope) > rules.SCOPE_LONGEST:
        raise Invalid("licence_scope_too_long", field="scope", most=rules.SCOPE_LONGEST)
    licence = _new(shop, kind, now) if fresh or before is None else before
    old = None if fresh else _facts(licence)
    licence.number, licence.scope = number, scope.strip()
    licence.valid_from, licence.valid_until = valid_from, valid_until
    if file_id is not None:
        files.attach([file_id], "operator", shop.operator_id, actor=actor)
        licence.file_id = file_id
    licence.state, licence.refused_reason, licence.updated_at = LicenceState.STATED, None, now
    _check_again(licence, clock.day_of(now))
    db.session.flush()
    if old != _facts(licence):
        _record("licence.state", licence, actor, now, old=old)
    return licence


def _clean_number(number: str) -> str:
    """Half-width, upper case, without blanks; brackets and dashes that belong to a number stay."""
    cleaned = "".join(number.split()).upper()
    compact = normalise(number)
    cleaned = compact if compact.isascii() and compact.isalnum() else cleaned
    if len(cleaned) > rules.NUMBER_LONGEST:
        raise Invalid("licence_number_too_long", field="number", most=rules.NUMBER_LONGEST)
    return cleaned


def _new(shop: Shop, kind: LicenceKind, now: datetime) -> Licence:
    licence = Licence(
        operator_id=shop.operator_id,
        shop_id=shop.id if kind.per_shop else None,
        kind_code=kind.code,
        state=STEPS.first,
        number="",
        created_at=now,
        updated_at=now,
    )
    db.session.add(licence)
    return licence


def withdraw(licence_id: int, actor: Actor, now: datetime) -> None:
    """Take a licence back that was stated and not verified (an optional one given by mistake)."""
    licence = queries.get_licence(licence_id)
    if licence.replaced_at is not None or licence.state is LicenceState.VERIFIED:
        raise NotFound("no_such_thing")
    STEPS.check(licence.state, "state", actor, queries.scope_of_licence(licence_id))
    licence.replaced_at = now
    _record("licence.withdraw", licence, actor, now, old=_facts(licence))


def verify(licence_id: int, actor: Actor, now: datetime, how: str = "officer") -> Licence:
    """An officer has compared image, number and register: the licence holds, and an older one of its kind is replaced.

    `how` is ``officer``, ``application`` (with the approval) or ``register``. Verifying twice changes nothing.
    """
    licence = _standing(licence_id)
    if licence.state is LicenceState.VERIFIED:
        return licence
    step = STEPS.check(licence.state, "verify", actor, queries.scope_of_licence(licence_id))
    _verify(licence, step.target, actor, now, how)
    announce(licence, actor, now)
    return licence


def _verify(licence: Licence, target: LicenceState, actor: Actor, now: datetime, how: str) -> None:
    if licence.file_id is None or not licence.number:
        raise Invalid("licence_incomplete")
    for older in db.session.scalars(_of_same_kind(licence)):
        older.replaced_at = now
    db.session.flush()  # the older one steps aside first: the database allows one verified of a kind
    licence.state, licence.verified_at, licence.verified_how = target, now, how
    licence.verified_by_id = actor.account_id
    _check_again(licence, clock.day_of(now))
    db.session.flush()
    _record("licence.verify", licence, actor, now, public=True)


def _of_same_kind(licence: Licence) -> sa.Select[tuple[Licence]]:
    whose = Licence.shop_id.is_(None) if licence.shop_id is None else Licence.shop_id == licence.shop_id
    return sa.select(Licence).where(
        Licence.operator_id == licence.operator_id,
        whose,
        Licence.kind_code == licence.kind_code,
        Licence.replaced_at.is_(None),
        Licence.state == LicenceState.VERIFIED,
        Licence.id != licence.id,
    )


def refuse(licence_id: int, reason: str, actor: Actor, now: datetime) -> Licence:
    """An officer does not accept what is stated, with a reason that the merchant sees."""
    licence = _standing(licence_id)
    step = STEPS.check(licence.state, "refuse", actor, queries.scope_of_licence(licence_id), reason)
    licence.state, licence.refused_reason = step.target, reason.strip()
    db.session.flush()
    _record("licence.refuse", licence, actor, now, reason=reason.strip())
    return licence


def _standing(licence_id: int) -> Licence:
    licence = queries.get_licence(licence_id)
    if licence.replaced_at is not None:
        raise NotFound("no_such_thing")
    return licence


def verify_with_application(shop_id: int, actor: Actor, now: datetime) -> None:
    """The approval of an application verifies what the officers reviewed with it."""
    shop = get_shop(shop_id)
    waiting = [licence for licence in queries.stated(shop) if licence.state is LicenceState.STATED]
    for licence in waiting:
        if licence.file_id is not None and licence.number:
            _verify(licence, LicenceState.VERIFIED, actor, now, "application")
    for licence in waiting:
        announce(licence, actor, now)


def announce(licence: Licence, actor: Actor, now: datetime) -> None:
    """Tell the others which shops a licence concerns and what each of them lacks now."""
    shop_ids = (
        [licence.shop_id]
        if licence.shop_id
        else [shop.id for shop in get_operator(licence.operator_id).shops]
    )
    for shop_id in shop_ids:
        feed.publish("licence.changed", now=now, shop_id=shop_id, kind_of_licence=licence.kind_code)
    _tell(licence.operator_id, licence.shop_id, shop_ids, actor, now)


def _tell(operator_id: int, shop_id: int | None, shop_ids: list[int], actor: Actor, now: datetime) -> None:
    send(
        licence_changed,
        operator_id=operator_id,
        shop_id=shop_id,
        shop_ids=shop_ids,
        missing_or_expired=queries.lacking_of(shop_ids, clock.day_of(now)),
        actor=actor,
        now=now,
    )


def sweep_expiry(now: datetime) -> int:
    """Once a day: tell of licences that ended, or that a person had verified before their first day and now began.

    Returns how many shops were told of. Running it again the same day changes nothing: the handlers compare.
    """
    today = clock.day_of(now)
    shops: dict[int, set[int]] = {}
    for licence in queries.turned(today, today - timedelta(days=SWEEP_BACK_DAYS)):
        own = (
            [licence.shop_id]
            if licence.shop_id
            else [shop.id for shop in get_operator(licence.operator_id).shops]
        )
        shops.setdefault(licence.operator_id, set()).update(own)
    for operator_id, shop_ids in shops.items():
        _tell(operator_id, None, sorted(shop_ids), SYSTEM, now)
    return sum(len(shop_ids) for shop_ids in shops.values())


def _check_again(licence: Licence, today: date) -> None:
    uscc = get_operator(licence.operator_id).uscc
    licence.checks = [check.as_json() for check in queries.checks_of(licence, uscc, today)]


def _facts(licence: Licence) -> dict[str, object]:
    return {
        "kind": licence.kind_code,
        "number": licence.number,
        "scope": licence.scope,
        "valid_from": licence.valid_from.isoformat() if licence.valid_from else None,
        "valid_until": licence.valid_until.isoformat() if licence.valid_until else None,
        "file_id": licence.file_id,
        "state": licence.state.value,
    }


def _record(
    action: str,
    licence: Licence,
    actor: Actor,
    now: datetime,
    *,
    old: dict[str, object] | None = None,
    reason: str | None = None,
    public: bool = False,
) -> None:
    if actor.account_id is None and actor is not SYSTEM:
        raise Forbidden("no_access")
    audit.record(
        actor,
        action,
        "licence",
        licence.id,
        now=now,
        shop_id=licence.shop_id,
        operator_id=licence.operator_id,
        old=old,
        new=_facts(licence),
        reason=reason,
        public=public,
    )
