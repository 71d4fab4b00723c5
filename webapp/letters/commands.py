"""For whoever keeps the bureau's forms, fonts and seals: look whether all of it can be used."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.core.errors import DomainError
from webapp.web.errors import message_of

from . import composing, drawing, faces
from .rules import KINDS, Law

letters_cli = AppGroup("letters", help="Official documents: forms, fonts, seals.")


@letters_cli.command("check")
def check() -> None:
    """Read every form for every law, the fonts and the seals; say what is wrong and end with status 1."""
    folder: Path = current_app.extensions["ydym.settings"].letters_dir
    faults = [*_forms(folder / "forms"), *_fonts(folder), *_seals(folder / "seals")]
    for fault in faults:
        click.echo(f"  ! {fault}")
    if faults:
        raise SystemExit(1)


def _forms(folder: Path) -> list[str]:
    faults = []
    for kind in KINDS.values():
        for law in kind.laws:
            try:
                sheet = composing.load(kind, law, folder)
            except composing.FormFault as error:
                faults.append(str(error))
                continue
            unsure = " ?" if "?" in sheet.source else ""
            click.echo(f"  {kind.code:24} {law.value:9} {sheet.mark:4} {sheet.title}{unsure}")
    known = {f"{kind}{law}.txt" for kind in KINDS for law in ("", *(f".{one.value}" for one in Law))} | {
        "laws.txt"
    }
    strange = sorted(path.name for path in folder.glob("*") if path.name not in known)
    return faults + [f"{name}: no kind of document has this form" for name in strange]


def _fonts(folder: Path) -> list[str]:
    try:
        with faces.borrowed(folder) as found:
            lacking = {one for one in "〔〕〇□（）《》" if not found.has(one)}
    except faces.FontsMissing as error:
        return [message_of(error)]
    return [f"fonts: the text face lacks {''.join(sorted(lacking))}"] if lacking else []


def _seals(folder: Path) -> list[str]:
    faults = []
    for path in sorted(folder.glob("*.png")):
        try:
            drawing.seal_picture(path.read_bytes())
        except DomainError as error:
            faults.append(f"{path.name}: {message_of(error)}")
    return faults
