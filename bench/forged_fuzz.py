"""``make bench ARGS='--only forged-fuzz'``: a million changed codes, and every single bit, against decoder and server.

No comparison of speeds but a promise with a figure: nothing accepted, no alias, no query, no server error. Each path
goes through the decoder and through the whole WSGI application, front cache included, in this process.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from tests.factories.codes import build
from tests.factories.stickers import make_sticker
from tests.support import databases
from tests.support.mutations import Attack, bit_flips, mutations
from webapp import create_app
from webapp.core.db import db
from webapp.merchants.queries import get_shop
from webapp.stickers.keys import store

NAME = "forged-fuzz"
COUNT = 1_000_000
SEED = 20_261_122
TOKENS = 40


def run(count: int = COUNT) -> tuple[str, bool]:
    """Attack; (readable lines, whether the promise is kept)."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'fuzz.sqlite'}"
        databases.migrate(address, Path(folder))
        app = create_app(databases.settings_for(Path(folder), address))
        with app.app_context():
            shop = build().shop
            made = [make_sticker(get_shop(shop)) for _ in range(TOKENS // 2)]
            store().rotate(made[0].issued_at)  # codes of a retired key and of the one that signs now
            made += [make_sticker(get_shop(shop)) for _ in range(TOKENS // 2)]
            tokens = [sticker.token for sticker in made]
            db.session.commit()
            attack = Attack(app, tokens, databases.PUBLIC_HOST, store().ring())
        attack.run(itertools.chain(*map(bit_flips, tokens)))
        figures = attack.run(itertools.islice(mutations(tokens, SEED), count))
        with app.app_context():
            db.engine.dispose()
    kept = figures.clean and figures.tried >= count
    lines = figures.report().splitlines()
    head = f"{'reached' if kept else 'MISSED '}  {NAME}: {lines[0]} (every single bit of {TOKENS} codes among them)"
    return "\n".join([head, *(f"           {line}" for line in [*lines[1:], *figures.faults[:5]])]), kept
