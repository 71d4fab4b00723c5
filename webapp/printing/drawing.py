"""A job's stickers as one file: the same input gives the same bytes, whoever makes it and when.

Who helps consumers near a shop is no part of the job: a receipt says who does when it is drawn.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO, Final, cast

from flask import current_app

import qrservice
from webapp.merchants.models import Shop
from webapp.settings import Settings
from webapp.stickers import brand, printing
from webapp.stickers.models import Sticker

from .models import PrintJob
from .queries import Drawn
from .rules import DPI, FileForm, Make

PREVIEW_DPI: Final = 110
#: From how many stickers on a symbol table pays for being built.
_TABLE_FROM: Final = 100
#: A ZIP carries times; these never change.
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3


def face_facts(language: str = "zh-Hans") -> dict[str, Any]:
    """What stickers in that language say of the bureau and the site now, to be kept with a job."""
    settings: Settings = current_app.extensions["ydym.settings"]
    return {
        "host": settings.public_host,
        "scheme": settings.public_scheme,
        **brand.facts(brand.current().of(language)),
    }


def _face(
    drawn: Drawn, facts: dict[str, Any], theirs: qrservice.Brand, language: str
) -> qrservice.StickerFace:
    return qrservice.StickerFace(
        shop_name=drawn.shop_name,
        branch=drawn.branch,
        place=drawn.spot,
        token=drawn.token,
        host=facts["host"],
        scheme=facts["scheme"],
        brand=theirs,
        words=qrservice.LANGUAGES[language],
        **drawn.helper,
    )


def preview(sticker: Sticker, shop: Shop, make: Make) -> printing.Proof:
    """The layout of the first sticker as it would be printed. Raises as ``printing.proof``."""
    drawn = Drawn(1, sticker.token, sticker.label, shop.name, shop.branch, sticker.spot)
    drawn = replace(drawn, helper=printing.nearby([shop.id], make.template).get(shop.id, {}))
    theirs = brand.current().of(make.language)
    return printing.proof_of(_face(drawn, face_facts(make.language), theirs, make.language), make.template)


def write(job: PrintJob, stickers: Iterable[Drawn], out: BinaryIO) -> None:
    """Write the file of `job` to `out`, which need not be seekable. Raises as ``printing.proof``."""
    make = job.make
    layouts = _layouts(stickers, job.face, make)
    if job.count >= _TABLE_FROM:
        _build_table(job.face)
    title = f"{job.at:%Y%m%d}-{job.id}"
    if make.form is FileForm.SHEETS:
        draw: Callable[..., int] = qrservice.sheet_pdf
    elif make.form is FileForm.PAGES:
        draw = qrservice.pages_pdf
    else:
        _write_zip(layouts, make, out)
        return
    wrapped = (layout for _, layout in layouts)
    draw(wrapped, out, printing.fonts(), template=make.template, bleed=float(make.bleed), title=title)


def _build_table(facts: dict[str, Any]) -> None:
    """Symbols by the table from here on, in a fraction of the time. A host that is too long is refused when drawn."""
    from qrservice.matrix import table_for  # noqa: PLC0415 - drawing is loaded only to draw

    with suppress(qrservice.SymbolTooLarge):
        table_for(facts["host"], facts["scheme"])


def _layouts(
    stickers: Iterable[Drawn], facts: dict[str, Any], make: Make
) -> Iterator[tuple[Drawn, qrservice.Layout]]:
    theirs = brand.from_facts(facts)
    for drawn in stickers:
        face = _face(drawn, facts, theirs, make.language)
        yield drawn, printing.proof_of(face, make.template).layout


def _write_zip(layouts: Iterable[tuple[Drawn, qrservice.Layout]], make: Make, out: BinaryIO) -> None:
    """One file a sticker, called by its number and place: 000123-04-table.png."""
    fonts = printing.fonts()
    endings = {FileForm.PNG: "png", FileForm.SVG: "svg", FileForm.ESCPOS: "bin"}
    # Pictures are packed already; drawings and rasters of a printer shrink to a tenth.
    packing = zipfile.ZIP_STORED if make.form is FileForm.PNG else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(cast("Any", out), "w", packing) as archive:
        for drawn, layout in layouts:
            if make.form is FileForm.ESCPOS:
                data = qrservice.receipt_escpos(layout, fonts)
            else:
                data = printing.render(layout, endings[make.form], DPI)
            entry = zipfile.ZipInfo(f"{drawn.label}-{make.template}.{endings[make.form]}", _ZIP_EPOCH)
            entry.create_system, entry.external_attr, entry.compress_type = _UNIX, 0o644 << 16, packing
            archive.writestr(entry, data)


def figures(make: Make) -> dict[str, Any]:
    """What a print shop has to know of the paper: sizes in millimetres, how many stand on a sheet, how they are cut."""
    kind: qrservice.Template = qrservice.TEMPLATES[make.template]
    sheet = qrservice.sheet_of(make.template, float(make.bleed))
    return {
        "width": kind.width,
        "height": kind.height,
        "round": kind.round,
        "mono": kind.mono,
        "safe": kind.safe,
        "distance": kind.distance,
        "per_sheet": sheet.per_page,
        "sheet_width": sheet.width,
        "sheet_height": sheet.height,
    }
