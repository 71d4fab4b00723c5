"""``stickers export``: a print job from the command line, by the same code as the pages'."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click
from flask import Flask

from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.errors import Conflict, DomainError
from webapp.core.transaction import unit
from webapp.files.stores import store
from webapp.stickers.commands import stickers_group
from webapp.stickers.rules import StickerPlace

from . import drawing, keeping, operations, queries, runner, turns
from .models import PrintJob, PrintState
from .rules import BLEED_MM, LANGUAGES, TEMPLATES, FileForm, Make, Wanted

_ADVICE = {
    "sticker_fonts_missing": "the fonts of the stickers are missing, run `make vendor` or `make run`",
    "sticker_text_too_long": "a text of the settings does not fit the sticker",
    "sticker_would_not_scan_too_large": "the sticker would not scan: the host name is too long",
    "sticker_would_not_scan_contrast": "the sticker would not scan: the symbol's colours are too close (YDYM_BRAND)",
    "sticker_would_not_scan_inverted": "the sticker would not scan: the symbol is light on dark (YDYM_BRAND)",
    "print_escpos": "raster commands are for --template receipt only",
    "too_many_to_print": "too many stickers for one file of this form: narrow them down",
}


@stickers_group.command("export")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The PDF or ZIP to write.")
@click.option("--region", default="", help="GB/T 2260 code of a district or street, without trailing zeros.")
@click.option("--category", default="", help="eat, stay, tour, shop or play.")
@click.option("--chain", default="", help="An operator's credit code, or a part of its name.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only codes issued on or after this day.")
@click.option("--place", type=click.Choice([place.value for place in StickerPlace]), default=None)
@click.option("--only-new", is_flag=True, help="Leave out stickers that were printed before.")
@click.option("--template", type=click.Choice(TEMPLATES), default="door", show_default=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="zh-Hans", show_default=True)
@click.option(
    "--form", type=click.Choice([form.value for form in FileForm]), default="sheets", show_default=True
)
@click.option("--bleed", is_flag=True, help=f"With {BLEED_MM} mm of bleed.")
def export(
    out: Path,
    region: str,
    category: str,
    chain: str,
    since: datetime | None,
    place: str | None,
    template: str,
    language: str,
    form: str,
    *,
    only_new: bool,
    bleed: bool,
) -> None:
    """Write the stickers of shops with an active code to one file, and note that they were printed."""
    wanted = Wanted(region, category, since.date() if since else None, place or "", chain, only_new)
    make = Make(template, language, FileForm(form), BLEED_MM if bleed else 0)
    try:
        job = _export(out, wanted, make)
    except Conflict:
        click.echo("no stickers match; nothing was written")
        return
    except DomainError as error:
        raise click.ClickException(_ADVICE.get(error.code, error.code)) from error
    if job.state is not PrintState.MADE:
        raise click.ClickException(_ADVICE.get(job.failure or "", job.failure or "the job was not made"))
    click.echo(_said(job, out))


def _said(job: PrintJob, out: Path) -> str:
    sheets = -(-job.count // drawing.figures(job.make)["per_sheet"])
    where = f" on {sheets} sheets" if job.form is FileForm.SHEETS else ""
    return f"{job.count} stickers{where}: {out} (print job {job.id}, SHA-256 {job.sha256})"


def _export(out: Path, wanted: Wanted, make: Make) -> PrintJob:
    """Write beside, then rename: a print shop never gets half a file."""
    beside = out.with_name(out.name + ".part")
    with beside.open("wb") as stream:
        try:
            with unit():
                reach = queries.Reach(everywhere=True)
                job = operations.order(
                    wanted, make, reach, drawing.face_facts(make.language), SYSTEM, clock.now()
                )
                attempt = turns.begin(job, clock.now())  # ours: no worker of a server takes it meanwhile
                job_id = job.id
            runner.run(job_id, attempt)
            job = queries.get_job(job_id, fresh=True)
            if job.state is PrintState.MADE:
                for part in keeping.read(store(), job.store_key, job.parts):
                    stream.write(part)
                stream.flush()
                os.fsync(stream.fileno())
                beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
    return job


def register(app: Flask) -> None:
    """Add the command to the stickers' group."""
    if stickers_group.name not in app.cli.commands:
        app.cli.add_command(stickers_group)
