"""What the public is told of many shops at once: the same verdict as on each shop's own page, in five queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from webapp.codes.queries import open_grounds
from webapp.codes.search import latest_of
from webapp.core import policy
from webapp.core.db import db
from webapp.licences import rules as licence_rules
from webapp.licences.models import Licence, LicenceRequirement
from webapp.licences.rules import LicenceState
from webapp.listings.queries import black_listed
from webapp.merchants.models import Operator, Shop
from webapp.registry.models import RegistryRecord
from webapp.shopfront.rules import Facts, Verdict, judge

_Periods = list[tuple[str, date | None, date | None]]


def verdicts(found: Sequence[Shop], today: date) -> dict[int, Verdict]:
    """By shop: the verdict on it (never on a sticker)."""
    if not found:
        return {}
    ids = [shop.id for shop in found]
    codes, black = latest_of(ids), black_listed(ids, today)
    records, lacking = _records(found), _lacking(found, today)
    given = {}
    for shop in found:
        code, record = codes.get(shop.id), records.get(shop.operator_id)
        facts = Facts(
            code_state=None if code is None else code.state.value,
            grounds=() if code is None else tuple(ground.ground for ground in open_grounds(code)),
            revoked_ground=None if code is None else code.revoked_ground,
            black_listed=shop.id in black,
            registry_status=None if record is None else record.status.value,
            registry_abnormal=record is not None and record.abnormal,
            licences_lacking=tuple(lacking[shop.id]),
        )
        given[shop.id] = judge(facts).shop
    return given


def _records(found: Sequence[Shop]) -> dict[int, RegistryRecord]:
    """The register's record by operator."""
    statement = (
        sa.select(Operator.id, RegistryRecord)
        .join(RegistryRecord, RegistryRecord.uscc == Operator.uscc)
        .where(Operator.id.in_({shop.operator_id for shop in found}))
    )
    return dict(db.session.execute(statement).tuples().all())


def _lacking(found: Sequence[Shop], today: date) -> dict[int, list[str]]:
    """By shop: required kinds of licence that no verified one covers; licences.queries.lacking_of for many at once."""
    needs: dict[str, list[str]] = defaultdict(list)
    industries = {shop.industry_code for shop in found if shop.industry_code is not None}
    asked = sa.select(LicenceRequirement.industry_code, LicenceRequirement.kind_code).where(
        LicenceRequirement.industry_code.in_(industries), LicenceRequirement.required
    )
    for industry, kind in db.session.execute(asked):
        needs[industry].append(kind)
    held: dict[int, list[Licence]] = defaultdict(list)
    verified = sa.select(Licence).where(
        Licence.operator_id.in_({shop.operator_id for shop in found}),
        Licence.state == LicenceState.VERIFIED,
        Licence.replaced_at.is_(None),
    )
    for licence in db.session.scalars(verified):
        held[licence.operator_id].append(licence)
    grace = policy.get_int("licence.grace_days", today)
    return {
        shop.id: licence_rules.lacking(
            needs[shop.industry_code or ""], _periods(held[shop.operator_id], shop.id), today, grace
        )
        for shop in found
    }


def _periods(held: Sequence[Licence], shop_id: int) -> _Periods:
    """The spans of those that serve this shop: its own, and the operator's for all its shops."""
    return [
        (licence.kind_code, licence.valid_from, licence.valid_until)
        for licence in held
        if licence.shop_id in {None, shop_id}
    ]
