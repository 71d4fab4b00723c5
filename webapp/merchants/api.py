"""How other resources name a shop: as the public sees it, with its place."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.openapi.declaring import Field, Item, link
from webapp.regions import queries as regions

from .models import Shop


class ShopRef(Item):
    """The shop that something is about."""

    number: int = Field(ge=1, examples=[1024])
    name: str = Field(examples=["老槐树面馆（裕华路店）"])
    address: str
    region: str = Field(examples=["130606003"])
    district: str = Field(examples=["莲池区"])
    category: str | None = Field(examples=["eat"])
    latitude: float | None
    longitude: float | None
    page: str


def shop_refs(found: Iterable[Shop]) -> dict[int, ShopRef]:
    """By number: the shops in one query for their districts' names."""
    names = {county.code: county.name for county in regions.all_counties()}
    return {shop.id: _ref(shop, names) for shop in found}


def _ref(shop: Shop, names: dict[str, str]) -> ShopRef:
    latitude, longitude = shop.public_position or (None, None)
    return ShopRef(
        number=shop.id,
        name=shop.public_full_name,
        address=shop.public_address,
        region=shop.public_region,
        district=names.get(shop.public_region[:6], ""),
        category=shop.category.value if shop.category else None,
        latitude=latitude,
        longitude=longitude,
        page=link(f"/s/{shop.id}"),
    )
