"""Commands: ``codes verify|sample``, ``stickers proof``; printing adds to the group ``stickers``."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

import qrservice
from qrservice import LANGUAGES, Payload, PemSigner, decode, generate_private_pem, issue
from qrservice.examination import find_token
from webapp.core import clock
from webapp.core.errors import DomainError

from . import brand, checking, printing, queries, statuslists
from .keys import store
from .rules import Verdict

codes_group = AppGroup("codes", help="Check codes and draw samples of them.")
stickers_group = AppGroup("stickers", help="Stickers for the print shop.")


@codes_group.command("verify")
@click.argument("url")
@click.option("--offline", is_flag=True, help="Say what a verifier with the published lists says, no books.")
def verify(url: str, *, offline: bool) -> None:
    """Check a sticker's address, a text with one, or the bare code, as the check page does.

    Exit code 0 when it is genuine and valid now, 1 when it is forged, 2 when it is genuine and not valid or that cannot
    be said.
    """
    finding = checking.check_text(url)
    if finding.stage is not None:
        click.echo(f"FORGED: refused at stage {finding.stage!r}")
        raise SystemExit(1)
    settings = current_app.extensions["ydym.settings"]
    payload = decode(find_token(url, settings.public_host), settings.public_host, store().ring())
    click.echo(f"genuine: shop {payload.shop_number}, serial {payload.serial}, key {payload.kid}")
    click.echo(f"check group: {finding.human_check}")
    if offline:
        said = statuslists.examine(url, clock.now())
        verdict = " ".join(
            filter(None, (said.outcome.value.replace("_", " "), said.reason and f"({said.reason})"))
        )
    else:
        verdict = str(finding.verdict)
        click.echo(
            f"sticker: {finding.sticker.state.value if finding.sticker else 'unknown to this database'}"
        )
        click.echo(f"trust code: {queries.code_of(payload.shop_number).state or 'none'}")
    click.echo(f"verdict: {verdict}")
    if verdict != Verdict.GENUINE.value:
        raise SystemExit(2)


@codes_group.command("sample")
@click.option("--count", default=1000, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def sample(count: int, out: Path) -> None:
    """Write tokens of valid stickers, one a line."""
    tokens = queries.sample(count)
    out.write_text("".join(token + "\n" for token in tokens), "ascii")
    click.echo(f"{len(tokens)} tokens")


@stickers_group.command("proof")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="老槐树驴肉火烧", show_default=True, help="The made-up shop's name.")
def proof(folder: Path, name: str) -> None:
    """Draw every template in every language with this installation's brand, for looking at before anything is printed.

    The codes are signed by a key made for this and thrown away: nothing vouches for them. Exit code 1 when one is
    refused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    host = current_app.extensions["ydym.settings"].public_host
    token = issue(Payload(0, 123, 4), host, PemSigner(0, generate_private_pem()))
    refused = False
    for template in qrservice.TEMPLATES:
        for language in LANGUAGES:
            path = folder / f"{template}-{language}.png"
            try:
                layout = printing.proof_of(_made_up(name, token, language), template).layout
                path.write_bytes(printing.render(layout, "png"))
                click.echo(str(path))
            except DomainError as error:
                refused = True
                click.echo(f"{path.stem}: refused, {error.code} {error.details or ''}", err=True)
    if refused:
        raise SystemExit(1)


def _made_up(name: str, token: str, language: str) -> qrservice.StickerFace:
    settings = current_app.extensions["ydym.settings"]
    return qrservice.StickerFace(
        shop_name=name,
        token=token,
        host=settings.public_host,
        scheme=settings.public_scheme,
        brand=brand.current().of(language),
        words=LANGUAGES[language],
    )


def register(app: Flask) -> None:
    """Add the command groups."""
    for group in (codes_group, stickers_group):
        app.cli.add_command(group)
