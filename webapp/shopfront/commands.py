"""Commands: ``pages store`` renders trust pages ahead, so that the first visitor of each does not wait."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import AppGroup

from webapp.core import clock
from webapp.core.db import db, may_write
from webapp.core.transaction import rollback, unit
from webapp.feed import stored
from webapp.feed.stored import Rendering
from webapp.stickers.models import Sticker, StickerState
from webapp.stickers.reading import Paper

from . import composition, rendering
from .rules import StickerFact, Verdict
from .storage import PLAIN, SCANNED, Shelf

pages = AppGroup("pages", help="Stored renderings of the trust pages.")
BATCH = 100


@pages.command("store")
@click.option("--limit", type=int, help="At most so many shops, the lowest numbers first.")
@click.option("--kind", type=click.Choice(["both", SCANNED, PLAIN]), default="both", show_default=True)
def store(limit: int | None, kind: str) -> None:
    """Render and store the pages of all shops with a valid sticker, as after a release or an import."""
    shelf: Shelf = current_app.extensions["ydym.shelf"]
    made = 0
    may_write.set(False)  # reading must not take the writers' turn; unit() below says when it writes
    with current_app.test_request_context("/"):
        renderings = _renderings(shelf, (SCANNED, PLAIN) if kind == "both" else (kind,), limit)
        while batch := list(islice(renderings, BATCH)):
            with unit():
                stored.write_pages(db.session.connection(), batch, clock.now())
            made += len(batch)
            db.session.expunge_all()
    click.echo(f"{made} pages stored")


def _renderings(shelf: Shelf, kinds: tuple[str, ...], limit: int | None) -> Iterator[Rendering]:
    for shop_id, paper in _first_stickers(limit):
        for kind in kinds:
            page = composition.compose(shop_id, paper if kind == SCANNED else None, clock.now())
            if page is None or page.shop is Verdict.NOT_VOUCHED:
                continue
            if page.sticker_fact not in {StickerFact.VALID, StickerFact.NOT_SCANNED}:
                continue
            html = rendering.trust_page(page, kind, "", shelf.gaps)
            made = shelf.make(
                html,
                shop_id=shop_id,
                kind=kind,
                view="",
                seq=page.rows.seq,
                expires_at=page.expires_at,
            )
            rollback()  # the next page begins with a look of its own at the feed
            yield made


def _first_stickers(limit: int | None) -> list[tuple[int, Paper]]:
    valid = sa.select(sa.func.min(Sticker.id)).where(Sticker.state == StickerState.VALID)
    statement = (
        sa.select(Sticker.shop_id, Sticker.serial, Sticker.token)
        .where(Sticker.id.in_(valid.group_by(Sticker.shop_id)))
        .order_by(Sticker.shop_id)
        .limit(limit)
    )
    return [
        (shop_id, Paper(serial, token)) for shop_id, serial, token in db.session.execute(statement).tuples()
    ]


def register(app: Flask) -> None:
    """Add the command group."""
    app.cli.add_command(pages)
