"""Signed QR stickers: a library that knows no web framework, no database, no environment and no clock.

    errors      everything raised on purpose; a refused code carries a machine-readable `.stage`
    payload     the seven signed bytes, and the one spelling of a code in base32
    curve       refuses unsafe Ed25519 public keys
    keys        numbered public keys with states, as JWKs; private keys behind the small `Signer` protocol
    signing     sign and verify a payload for one host
    links       issue, decode and parse sticker addresses; the check group for people
    matrix      QR symbols as immutable matrices, one by one or by table; a terminal picture
    shapes      outlines and how to draw them           seal      the status seals as SVG (glyphs: seal_glyphs)
    words       what is printed, one file a language   fonts     widths and outlines of TrueType fonts
    brand       bureau, logo, colours                   sticker   what one sticker says
    reflectance how light a colour is                   typeset   fitting and breaking lines
    drawing     items of a layout                       templates door, till, table, vehicle, receipt
    layout      a template filled and checked           scannability  why a sticker would not be read
    render_svg  render_png  render_pdf  render_receipt  one layout, four forms
    imposition  how stickers stand on an A4 sheet       pdf_writer  pdf_fonts  pdf_items  pdf_canvas

The usual way: `token = issue(Payload(kid, shop, serial), host, signer)`, put it into a `StickerFace`,
`compose` a layout with `Fonts`, render it; and on the other side `decode(token, host, ring)`:

    Brand(bureau_name=, city_name="", hotline="12315", mark="诚信", logo=None, colours=Colours())
    Logo.svg(svg_bytes)   Logo.picture(png_bytes)   Logo.vector(width, height, ((svg_path_data, "#rrggbb"), …))
    StickerFace(shop_name=, token=, host=, brand=, branch="", place="", nearby="", nearby_phone="",
                scheme="https", words=LANGUAGES["zh-Hans" | "zh-Hant" | "en"])
    TEMPLATES: {"door" | "till" | "table" | "vehicle" | "receipt": Template(width, height, distance, …)}
    compose(face, fonts, matrix=None, *, template="door", strict=True) -> Layout
    sticker_png(layout, fonts, dpi=300, *, strict=True) -> bytes      sticker_svg(layout, fonts) -> str
    sticker_pdf(layout, fonts, out, *, bleed=0.0)
    sheet_pdf(faces, out, fonts, *, template="door", bleed=0.0, strict=True, title="") -> int
    sheets_pdf(((template, faces), …), out, fonts, …)   pages_pdf(faces, out, fonts, *, template="door", …)
    sheet_of(template, bleed=0.0) -> Sheet(per_page, …)
    receipt_png(layout, fonts) -> bytes                    receipt_escpos(layout, fonts, *, cut=True) -> bytes
    figures(layout, fonts, dpi=None) -> Figures            raises WouldNotScan(reason, figure, limit, unit)

Submodules that draw are imported on first use, so that checking codes does not load fonts and image
libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qrservice.errors import (
    BadSignature,
    BrandRefused,
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
    WouldNotScan,
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
    from qrservice.brand import Brand, Colours, Logo
    from qrservice.drawing import Layout
    from qrservice.examination import Examination, Outcome, examine
    from qrservice.fonts import Fonts
    from qrservice.imposition import sheet_of
    from qrservice.layout import compose
    from qrservice.matrix import Matrix, SymbolTable, ready_table, symbol, terminal
    from qrservice.poster import POSTER_DPI, PosterFace, address_symbol, compose_poster
    from qrservice.render_pdf import pages_pdf, sheet_pdf, sheets_pdf, sticker_pdf
    from qrservice.render_png import sticker_png, symbol_png
    from qrservice.render_receipt import receipt_escpos, receipt_image, receipt_png
    from qrservice.render_svg import sticker_svg, symbol_svg
    from qrservice.scannability import Figures, Reason, figures
    from qrservice.seal import Status, seal_svg
    from qrservice.statements import is_current, read_statement, sign_statement
    from qrservice.statuslist import (
        LIST_KIND,
        StatusList,
        StickerStatus,
        list_address,
        list_number,
        pack_statuses,
    )
    from qrservice.sticker import StickerFace
    from qrservice.templates import TEMPLATES, Template
    from qrservice.words import LANGUAGES
    from qrservice.words.catalogue import Words

_LAZY = {
    "Brand": "brand",
    "Colours": "brand",
    "Examination": "examination",
    "Figures": "scannability",
    "Fonts": "fonts",
    "LANGUAGES": "words",
    "LIST_KIND": "statuslist",
    "Layout": "drawing",
    "Logo": "brand",
    "Matrix": "matrix",
    "Outcome": "examination",
    "POSTER_DPI": "poster",
    "PosterFace": "poster",
    "Reason": "scannability",
    "Status": "seal",
    "StatusList": "statuslist",
    "StickerFace": "sticker",
    "StickerStatus": "statuslist",
    "SymbolTable": "matrix",
    "TEMPLATES": "templates",
    "Template": "templates",
    "Words": "words.catalogue",
    "address_symbol": "poster",
    "compose": "layout",
    "compose_poster": "poster",
    "examine": "examination",
    "figures": "scannability",
    "is_current": "statements",
    "list_address": "statuslist",
    "list_number": "statuslist",
    "pack_statuses": "statuslist",
    "read_statement": "statements",
    "receipt_escpos": "render_receipt",
    "receipt_image": "render_receipt",
    "receipt_png": "render_receipt",
    "seal_svg": "seal",
    "sheet_of": "imposition",
    "sign_statement": "statements",
    "sheet_pdf": "render_pdf",
    "sheets_pdf": "render_pdf",
    "sticker_pdf": "render_pdf",
    "sticker_png": "render_png",
    "sticker_svg": "render_svg",
    "pages_pdf": "render_pdf",
    "ready_table": "matrix",
    "symbol": "matrix",
    "symbol_png": "render_png",
    "symbol_svg": "render_svg",
    "terminal": "matrix",
}

__all__ = [
    "LANGUAGES",
    "LIST_KIND",
    "POSTER_DPI",
    "TEMPLATES",
    "BadSignature",
    "Brand",
    "BrandRefused",
    "CodeRefused",
    "Colours",
    "Examination",
    "Figures",
    "FontRefused",
    "Fonts",
    "InvalidHost",
    "InvalidPayload",
    "KeyRefused",
    "KeyRing",
    "KeyState",
    "Layout",
    "Logo",
    "Malformed",
    "Matrix",
    "MissingGlyphs",
    "NotCanonical",
    "NotOurLink",
    "Outcome",
    "Payload",
    "PemSigner",
    "PosterFace",
    "PublicKey",
    "QrServiceError",
    "Reason",
    "Signer",
    "Status",
    "StatusList",
    "StickerFace",
    "StickerStatus",
    "SymbolTable",
    "SymbolTooLarge",
    "Template",
    "TextTooLong",
    "UnknownKey",
    "UnknownVersion",
    "Words",
    "WouldNotScan",
    "address_symbol",
    "build_url",
    "compose",
    "compose_poster",
    "decode",
    "examine",
    "figures",
    "generate_private_pem",
    "human_check",
    "is_current",
    "issue",
    "list_address",
    "list_number",
    "pack_statuses",
    "pages_pdf",
    "parse_token",
    "read_statement",
    "ready_table",
    "receipt_escpos",
    "receipt_image",
    "receipt_png",
    "same_human_check",
    "seal_svg",
    "serial_label",
    "sheet_of",
    "sheet_pdf",
    "sheets_pdf",
    "sign_statement",
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
