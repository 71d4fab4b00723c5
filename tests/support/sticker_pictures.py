"""Pictures of every sticker template in every language, for people to look at.

    python -m tests.support.sticker_pictures docs/screens/stickers

The shops are made up, the key is known to all and the host ends in `.example`: nothing here vouches for anything.
Needs the fonts in `static/vendor/fonts` (`make ready`). Each is kept in its 200 commonest colours, so that the file
stays small; what is printed comes from `qrservice` itself.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image

from qrservice import (
    LANGUAGES,
    TEMPLATES,
    Brand,
    Fonts,
    Payload,
    PemSigner,
    StickerFace,
    compose,
    issue,
    receipt_png,
    sheet_of,
    sheet_pdf,
    sticker_png,
)

VENDOR = Path(__file__).parents[2] / "static" / "vendor" / "fonts"
HOST = "code.example"
# Nobody's key: a known one, so that the pictures are the same every time.
_PEM = Ed25519PrivateKey.from_private_bytes(b"pictures of stickers, not a key!").private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)
BRANDS = {
    "zh-Hans": Brand(bureau_name="保定市市场监督管理局", city_name="保定市"),
    "zh-Hant": Brand(bureau_name="保定市市場監督管理局", city_name="保定市", mark="誠信"),
    "en": Brand(bureau_name="Baoding Administration for Market Regulation", city_name="Baoding"),
}
SHOPS = {
    "zh-Hans": ("老槐树驴肉火烧", "裕华路店"),
    "zh-Hant": ("老槐樹驢肉火燒", "裕華路店"),
    "en": ("Old Locust Tree Donkey Sandwiches", "Yuhua Road"),
}
PLACES = {
    "door": ("", "", ""),
    "till": ("收银台", "收銀臺", "Till"),
    "table": ("8 号桌", "8 號桌", "Table 8"),
    "vehicle": ("冀F·T1208", "冀F·T1208", "冀F·T1208"),
    "receipt": ("", "", ""),
}
#: Who helps consumers nearby, and the phone: of receipts.
NEARBY = {
    "zh-Hans": ("裕华路消费维权服务站", "0312-2012315"),
    "zh-Hant": ("裕華路消費維權服務站", "0312-2012315"),
    "en": ("Yuhua Road Consumer Service", "0312-2012315"),
}
COLOURS = 200
#: Dots an inch at which a picture is about as large as a page of documentation is wide.
DPI = {"door": 150, "till": 200, "table": 203, "vehicle": 150}
VEHICLE_SHOPS = {
    "zh-Hans": "保定冀通出租汽车",
    "zh-Hant": "保定冀通出租汽車",
    "en": "Jitong Taxis of Baoding",
}


def fonts() -> Fonts:
    return Fonts(VENDOR / "NotoSansSC-Regular.ttf", VENDOR / "NotoSansSC-Bold.ttf")


def faces(template: str, language: str, count: int) -> Iterator[StickerFace]:
    """So many stickers of one made-up shop."""
    signer = PemSigner(1, _PEM)
    name, branch = SHOPS[language]
    if template == "vehicle":
        name, branch = VEHICLE_SHOPS[language], ""
    nearby, phone = NEARBY[language] if template == "receipt" else ("", "")
    for serial in range(1, count + 1):
        yield StickerFace(
            shop_name=name,
            branch=branch,
            place=PLACES[template][list(LANGUAGES).index(language)],
            host=HOST,
            token=issue(Payload(1, 1208, serial), HOST, signer),
            nearby=nearby,
            nearby_phone=phone,
            brand=BRANDS[language],
            words=LANGUAGES[language],
        )


def single(template: str, language: str) -> bytes:
    """One sticker as PNG."""
    (face,) = faces(template, language, 1)
    layout = compose(face, fonts(), template=template)
    if layout.mono:
        return receipt_png(layout, fonts())
    return sticker_png(layout, fonts(), DPI[template])


def sheet(template: str) -> bytes:
    """A full sheet with bleed and marks, from its PDF."""
    out = io.BytesIO()
    sheet_pdf(
        faces(template, "zh-Hans", sheet_of(template, 3.0).per_page),
        out,
        fonts(),
        template=template,
        bleed=3.0,
    )
    document = pypdfium2.PdfDocument(out.getvalue())
    buffer = io.BytesIO()
    document[0].render(scale=80 / 72).to_pil().save(buffer, "PNG")
    document.close()
    return buffer.getvalue()


def small(data: bytes) -> bytes:
    """The picture in few colours, if it has many."""
    image = Image.open(io.BytesIO(data))
    if image.mode != "1":
        image = _in_its_commonest_colours(image.convert("RGB"))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _in_its_commonest_colours(image: Image.Image) -> Image.Image:
    """Pillow's own choice of colours turns a little cinnabar on much green into brown, and white into grey."""
    flat = np.asarray(image).reshape(-1, 3).astype(np.int32)
    colours, which, counts = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-counts, kind="stable")[:COLOURS]]
    nearest = ((colours[:, None] - kept[None]) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    small = Image.fromarray(nearest[which.reshape(-1)].reshape(image.height, image.width), "P")
    small.putpalette(kept.astype(np.uint8).tobytes())
    return small


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for template in TEMPLATES:
        for language in LANGUAGES:
            (folder / f"{template}-{language}.png").write_bytes(small(single(template, language)))
        (folder / f"{template}-sheet.png").write_bytes(small(sheet(template)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
