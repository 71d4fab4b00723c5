"""Signed QR stickers: a library that knows no web framework, no database, no environment and no clock.

    errors      everything raised on purpose; a refused code carries a machine-readable `.stage`
    payload     the seven signed bytes, and the one spelling of a code in base32
    curve       refuses unsafe Ed25519 public keys
    keys        numbered public keys with states, as JWKs; private keys behind the small `Signer` protocol
    signing     sign and verify a payload for one host
    links       issue, decode and parse sticker addresses; the check group for people
    matrix      QR symbols as immutable matrices, one by one or by table; a terminal picture
    shapes      outlines and how to draw them           seal      the status seals as SVG (glyphs: seal_glyphs)
    words       the Chinese printed by default          fonts     widths and outlines of TrueType fonts
    sticker     what one sticker says                   typeset   fitting and breaking lines
    drawing     items of a layout                       layout    the composition of the A6 door sticker
    render_svg  render_png  render_pdf                  one layout, three forms; A4 sheets for a print shop
    pdf_writer  pdf_fonts                               a streaming PDF writer and its font subsets

The usual way: `token = issue(Payload(kid, shop, serial), host, signer)`, put it into a `StickerFace`,
`compose` a layout with `Fonts`, render it; and on the other side `decode(token, host, ring)`.

Submodules that draw are imported on first use, so that checking codes does not load fonts and image
libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qrservice.errors import (
    BadSignature,
    CodeRefused,
    FontRefused,
    InvalidHost,
    InvalidPayload,
    KeyRefused,
    Malformed,
    MissingGlyphs,
    NotCanonical,
    NotOurLink,
    QrServiceError,
    SymbolTooLarge,
    TextTooLong,
    UnknownKey,
    UnknownVersion,
)
from qrservice.keys import KeyRing, KeyState, PemSigner, PublicKey, Signer, generate_private_pem
from qrservice.links import (
    build_url,
    decode,
    human_check,
    issue,
    parse_token,
    same_human_check,
    serial_label,
)
from qrservice.payload import Payload

if TYPE_CHECKING:
    from qrservice.drawing import Layout
    from qrservice.fonts import Fonts
    from qrservice.layout import compose
    from qrservice.matrix import Matrix, SymbolTable, symbol, terminal
    from qrservice.render_pdf import sheet_pdf, sticker_pdf
    from qrservice.render_png import sticker_png, symbol_png
    from qrservice.render_svg import sticker_svg, symbol_svg
    from qrservice.seal import Status, seal_svg
    from qrservice.sticker import StickerFace

_LAZY = {
    "Fonts": "fonts",
    "Layout": "drawing",
    "Matrix": "matrix",
    "Status": "seal",
    "StickerFace": "sticker",
    "SymbolTable": "matrix",
    "compose": "layout",
    "seal_svg": "seal",
    "sheet_pdf": "render_pdf",
    "sticker_pdf": "render_pdf",
    "sticker_png": "render_png",
    "sticker_svg": "render_svg",
    "symbol": "matrix",
    "symbol_png": "render_png",
    "symbol_svg": "render_svg",
    "terminal": "matrix",
}

__all__ = [
    "BadSignature",
    "CodeRefused",
    "FontRefused",
    "Fonts",
    "InvalidHost",
    "InvalidPayload",
    "KeyRefused",
    "KeyRing",
    "KeyState",
    "Layout",
    "Malformed",
    "Matrix",
    "MissingGlyphs",
    "NotCanonical",
    "NotOurLink",
    "Payload",
    "PemSigner",
    "PublicKey",
    "QrServiceError",
    "Signer",
    "Status",
    "StickerFace",
    "SymbolTable",
    "SymbolTooLarge",
    "TextTooLong",
    "UnknownKey",
    "UnknownVersion",
    "build_url",
    "compose",
    "decode",
    "generate_private_pem",
    "human_check",
    "issue",
    "parse_token",
    "same_human_check",
    "seal_svg",
    "serial_label",
    "sheet_pdf",
    "sticker_pdf",
    "sticker_png",
    "sticker_svg",
    "symbol",
    "symbol_png",
    "symbol_svg",
    "terminal",
]


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
