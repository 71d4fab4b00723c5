"""Licences for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.factories.files import make_file
from webapp.core.db import db
from webapp.files.models import FilePurpose
from webapp.licences.models import Licence, LicenceKind, LicenceRequirement
from webapp.licences.rules import LicenceState
from webapp.merchants.models import Shop

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
#: A number with a right check digit, of catering.
FOOD_NUMBER = "JY21306060000016"


def make_kind(
    code: str = "food_catering", name: str = "食品经营许可证（餐饮服务）", *, per_shop: bool = True
) -> LicenceKind:
    """A kind; an existing row is kept."""
    found = db.session.get(LicenceKind, code)
    if found is None:
        found = LicenceKind(code=code, name=name, number_hint="JY", per_shop=per_shop, position=20)
        db.session.add(found)
        db.session.flush()
    return found


def require(
    industry: str = "6220", kind: str = "food_catering", *, required: bool = True
) -> LicenceRequirement:
    """Make the industry need the kind; an existing row is kept."""
    found = db.session.get(LicenceRequirement, (industry, kind))
    if found is None:
        found = LicenceRequirement(
            industry_code=industry, kind_code=kind, required=required, source="《食品安全法》"
        )
        db.session.add(found)
        db.session.flush()
    return found


def make_licence(shop: Shop, kind: str = "food_catering", *, verified: bool = True, **more: Any) -> Licence:
    """A complete licence of the shop, verified unless told otherwise."""
    row = make_kind(kind)
    facts: dict[str, Any] = {
        "operator_id": shop.operator_id,
        "shop_id": shop.id if row.per_shop else None,
        "kind_code": kind,
        "number": FOOD_NUMBER,
        "scope": "热食类食品制售",
        "valid_from": date(2024, 1, 1),
        "valid_until": date(2028, 12, 31),
        "state": LicenceState.VERIFIED if verified else LicenceState.STATED,
        "verified_at": NOW if verified else None,
        "verified_how": "officer" if verified else None,
        "checks": [],
        "created_at": NOW,
        "updated_at": NOW,
    }
    if "file_id" not in more:
        file = make_file(FilePurpose.LICENCE)
        file.owner_type, file.owner_id = "operator", shop.operator_id
        facts["file_id"] = file.id
    licence = Licence(**(facts | more))
    db.session.add(licence)
    db.session.flush()
    return licence
