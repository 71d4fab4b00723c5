"""Fixtures of the sticker library: one signing key, its ring, the fonts that stickers are printed with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from qrservice import (
    LANGUAGES,
    Brand,
    Fonts,
    KeyRing,
    Payload,
    PemSigner,
    StickerFace,
    generate_private_pem,
    issue,
)

HOST = "ydym.test"
CITY_HOST = "fx.baoding.gov.cn"
FONT_FOLDER = Path(__file__).parents[2] / "static" / "vendor" / "fonts"

_OWN = ("branch", "place", "scheme", "nearby", "nearby_phone")
_BRAND = tuple(field.name for field in fields(Brand))

MakeFace = Callable[..., StickerFace]


@pytest.fixture(scope="session")
def signer() -> PemSigner:
    return PemSigner(3, generate_private_pem())


@pytest.fixture(scope="session")
def ring(signer: PemSigner) -> KeyRing:
    return KeyRing([signer.public_key()])


@pytest.fixture(scope="session")
def token(signer: PemSigner) -> str:
    return issue(Payload(3, 123, 4), HOST, signer)


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    paths = {weight: FONT_FOLDER / f"NotoSansSC-{weight}.ttf" for weight in ("Regular", "Bold")}
    for path in paths.values():
        assert path.is_file(), f"{path.name} is missing: the Makefile's front-end step copies the fonts"
    return Fonts(regular=paths["Regular"], bold=paths["Bold"])


@pytest.fixture(scope="session")
def make_face(signer: PemSigner) -> MakeFace:
    def make(
        shop_name: str = "老槐树驴肉火烧",
        *,
        shop: int = 123,
        serial: int = 4,
        host: str = CITY_HOST,
        language: str = "zh-Hans",
        **texts: Any,
    ) -> StickerFace:
        own: dict[str, str] = {"branch": "裕华路店"} | {
            name: text for name, text in texts.items() if name in _OWN
        }
        brand: dict[str, Any] = {"city_name": "保定市", "bureau_name": "保定市市场监督管理局"} | {
            name: text for name, text in texts.items() if name in _BRAND
        }
        rest = {name: text for name, text in texts.items() if name not in {*_OWN, *_BRAND}}
        return StickerFace(
            shop_name=shop_name,
            host=host,
            token=issue(Payload(3, shop, serial), host, signer),
            brand=Brand(**brand),
            words=replace(LANGUAGES[language], **rest),
            **own,
        )

    return make
