"""Reading licences: what an industry needs, what a shop has, what is lacking, what ends soon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
import sqlalchemy.orm

from webapp.core import policy
from webapp.core.actor import Scope
from webapp.core.checks import Check, CheckResult
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_operator, get_shop

from . import rules
from .models import Licence, LicenceKind, LicenceRequirement
from .rules import LicenceState, Stated, Validity


@dataclass(frozen=True)
class Need:
    """A kind of licence that an industry needs, or (`required` False) may need. `source` is the law."""

    kind: LicenceKind
    required: bool
    source: str


@dataclass(frozen=True)
class PublicLicence:
    """A licence as the public sees it. `verified_at` is None while only the merchant says so; `how` a word key."""

    kind_code: str
    kind_name: str
    number: str
    scope: str
    valid_from: date | None
    valid_until: date | None
    validity: Validity
    verified_at: datetime | None
    how: str | None


def get_kind(code: str) -> LicenceKind:
    """The kind with this code; raises NotFound."""
    kind = db.session.get(LicenceKind, code)
    if kind is None:
        raise NotFound("no_such_thing")
    return kind


def needs(industry_code: str | None) -> list[Need]:
    """What the industry needs first, then what it may need, each in the catalogue's order."""
    statement = (
        sa.select(LicenceKind, LicenceRequirement.required, LicenceRequirement.source)
        .join(LicenceRequirement, LicenceRequirement.kind_code == LicenceKind.code)
        .where(LicenceRequirement.industry_code == industry_code)
        .order_by(LicenceRequirement.required.desc(), LicenceKind.position)
    )
    return [Need(*row) for row in db.session.execute(statement).tuples()]


def audit_value(kind: str, field: str, value: str) -> str | None:
    """Slot ``audit.value``: the name of a licence's kind."""
    if (kind, field) != ("licence", "kind"):
        return None
    found = db.session.get(LicenceKind, value)
    return found.name if found else None


def required_kinds(industry_code: str | None) -> list[LicenceKind]:
    """The kinds of licence without which the industry may not apply."""
    return [need.kind for need in needs(industry_code) if need.required]


def of_shop(shop_id: int) -> list[Licence]:
    """The shop's licences that stand, the operator's for all its shops included, in the catalogue's order.

    A kind can be there twice: the verified one, then a renewal that waits or was refused.
    """
    return _standing(get_shop(shop_id))


def _standing(shop: Shop) -> list[Licence]:
    statement = (
        sa.select(Licence)
        .join(LicenceKind, LicenceKind.code == Licence.kind_code)
        .where(
            Licence.operator_id == shop.operator_id,
            sa.or_(Licence.shop_id == shop.id, Licence.shop_id.is_(None)),
            Licence.replaced_at.is_(None),
        )
        .order_by(LicenceKind.position, Licence.verified_at.is_(None), Licence.id)
    )
    return list(db.session.scalars(statement))


def stated(shop: Shop) -> list[Licence]:
    """What the merchant states now: of each kind the renewal that waits, else the standing one."""
    newest: dict[str, Licence] = {}
    for licence in _standing(shop):
        newest[licence.kind_code] = licence  # a renewal comes after the verified one
    return list(newest.values())


def get_licence(licence_id: int) -> Licence:
    """The licence with this id; raises NotFound."""
    licence = db.session.get(Licence, licence_id)
    if licence is None:
        raise NotFound("no_such_thing")
    return licence


def find_stated(shop: Shop, kind_code: str) -> Licence | None:
    """What the merchant states now of one kind, or None."""
    return next((licence for licence in stated(shop) if licence.kind_code == kind_code), None)


def scope_of_licence(licence_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop that the licence belongs to.

    One that serves all shops of its operator belongs to each of their places: the officers of any of them see it and
    answer it, because it holds up a shop of theirs. (The same as :func:`renewals`, which is told the shops in reach.)
    """
    licence = get_licence(licence_id)
    if licence.shop_id is not None:
        return get_shop(licence.shop_id).scope
    places = [shop.scope for shop in get_operator(licence.operator_id).shops]
    if not places:
        return Scope(operator_id=licence.operator_id)
    return replace(places[0], also=tuple(places[1:]))


def names() -> dict[str, str]:
    """Names of all kinds by code."""
    return dict(db.session.execute(sa.select(LicenceKind.code, LicenceKind.name)).tuples().all())


def as_stated(licence: Licence, kind_name: str) -> Stated:
    """The licence as the rules read it."""
    return Stated(
        licence.kind_code,
        kind_name,
        licence.number,
        licence.valid_from,
        licence.valid_until,
        licence.file_id is not None,
    )


def checks_of(licence: Licence, uscc: str, today: date) -> list[Check]:
    """The machine checks of one licence on `today`."""
    kind = get_kind(licence.kind_code)
    return rules.check_stated(
        as_stated(licence, kind.name), uscc, today, policy.get_int("licence.notice_days", today)
    )


def checks_of_shop(shop: Shop, today: date) -> list[Check]:
    """The checks of all that the shop states, and one failed for each required licence that is not stated."""
    uscc = get_operator(shop.operator_id).uscc
    held = stated(shop)
    found = [check for licence in held for check in checks_of(licence, uscc, today)]
    refused = [licence for licence in held if licence.state is LicenceState.REFUSED]
    kind_names = names() if refused else {}
    found += [
        Check("licence.refused", CheckResult.FAILED, {"kind": kind_names[licence.kind_code]})
        for licence in refused
    ]
    have = {licence.kind_code for licence in held}
    found += [
        Check("licence.present", CheckResult.FAILED, {"kind": kind.name})
        for kind in required_kinds(shop.industry_code)
        if kind.code not in have
    ]
    return found


def public_licences(shop_id: int, today: date) -> list[PublicLicence]:
    """What the public page shows: verified licences, ended ones included, the business licence first."""
    notice = policy.get_int("licence.notice_days", today)
    kind_names = names()
    return [
        PublicLicence(
            licence.kind_code,
            kind_names[licence.kind_code],
            licence.number,
            licence.scope,
            licence.valid_from,
            licence.valid_until,
            rules.validity(licence.valid_from, licence.valid_until, today, notice),
            licence.verified_at,
            licence.verified_how,
        )
        for licence in of_shop(shop_id)
        if licence.state is LicenceState.VERIFIED
    ]


def lacking_of(shop_ids: Iterable[int], today: date) -> dict[int, list[str]]:
    """By shop: the required kinds that no verified licence covers on `today` (days of grace counted as covered)."""
    grace = policy.get_int("licence.grace_days", today)
    found = {}
    for shop_id in shop_ids:
        shop = get_shop(shop_id)
        verified = [
            (licence.kind_code, licence.valid_from, licence.valid_until)
            for licence in _standing(shop)
            if licence.state is LicenceState.VERIFIED
        ]
        required = [kind.code for kind in required_kinds(shop.industry_code)]
        found[shop_id] = rules.lacking(required, verified, today, grace)
    return found


def expiring(today: date, within_days: int) -> list[Licence]:
    """Verified licences that stand and end from `today` to `within_days` later, the next first."""
    statement = (
        sa.select(Licence)
        .where(
            Licence.state == LicenceState.VERIFIED,
            Licence.replaced_at.is_(None),
            Licence.valid_until.between(today, today + timedelta(days=within_days)),
        )
        .order_by(Licence.valid_until, Licence.id)
    )
    return list(db.session.scalars(statement))


def turned(today: date, since: date) -> list[Licence]:
    """Verified licences that stand and have ended before `today`, or began between `since` and `today`."""
    statement = sa.select(Licence).where(
        Licence.state == LicenceState.VERIFIED,
        Licence.replaced_at.is_(None),
        sa.or_(Licence.valid_until < today, Licence.valid_from.between(since, today)),
    )
    return list(db.session.scalars(statement.order_by(Licence.id)))


def renewals(shop_ids: sa.Select[tuple[int]]) -> list[tuple[Licence, Shop]]:
    """Renewals that wait for an officer, of shops among `shop_ids` (a select of ids), the oldest first.

    A licence that serves all shops of its operator stands beside the first of them among `shop_ids`.

    It is complete, and its kind or something else of the same shop has been verified before: what belongs to a shop's
    first application is reviewed with that.
    """
    verified = sa.orm.aliased(Licence)
    has_verified = (
        sa.select(verified.id)
        .where(
            verified.operator_id == Licence.operator_id,
            sa.or_(
                verified.shop_id == Licence.shop_id,
                sa.and_(verified.shop_id.is_(None), verified.kind_code == Licence.kind_code),
            ),
            verified.state == LicenceState.VERIFIED,
            verified.replaced_at.is_(None),
        )
        .exists()
    )
    first_shop = (
        sa.select(sa.func.min(Shop.id))
        .where(Shop.operator_id == Licence.operator_id, Shop.id.in_(shop_ids))
        .correlate(Licence)
        .scalar_subquery()
    )
    statement = (
        sa.select(Licence, Shop)
        .join(Shop, Shop.id == sa.func.coalesce(Licence.shop_id, first_shop))
        .where(
            Shop.id.in_(shop_ids),
            Licence.state == LicenceState.STATED,
            Licence.replaced_at.is_(None),
            Licence.file_id.is_not(None),
            Licence.number != "",
            has_verified,
        )
        .order_by(Licence.updated_at, Licence.id)
    )
    return list(db.session.execute(statement).tuples())
