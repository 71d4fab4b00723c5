"""What may be stated of a shop: each fact tidied and checked, with what follows from street and industry."""

from __future__ import annotations

from typing import Any

from webapp.core.errors import Invalid
from webapp.core.identifiers import check_phone
from webapp.regions import queries as regions

from . import rules
from .models import Category, Shop


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def checked(stated: dict[str, Any], shop: Shop | None) -> dict[str, Any]:
    """The columns that follow from `stated` for `shop` (None: a new one); Invalid names the field that is wrong."""
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
