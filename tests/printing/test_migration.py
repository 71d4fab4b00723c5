"""What earlier releases printed stays known, and going back keeps it too: with data, on each database."""

from __future__ import annotations

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.codes import build
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from tests.support import sources
from webapp.core import migrations
from webapp.core.db import db
from webapp.merchants.queries import get_shop
from webapp.printing import drawing, operations, runner
from webapp.printing.models import PrintJob, PrintState
from webapp.stickers import operations as stickers
from webapp.stickers import queries

pytestmark = pytest.mark.each_database
FOLDER = str(sources.ROOT / "migrations")


def test_runs_become_jobs_and_back(app: Flask) -> None:
    migrations.install(app)
    with app.app_context():
        town = build()
        for _ in range(3):
            make_sticker(get_shop(town.shop))
        stickers.suspend(town.shop, 3, "under_check", town.actor(town.bureau), NOW)
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(directory=FOLDER, revision="0018")
        with db.engine.begin() as connection:
            states = connection.execute(sa.text("SELECT state FROM sticker ORDER BY serial")).scalars().all()
            assert states == ["valid", "valid", "destroyed"]
            connection.execute(
                sa.text(
                    "INSERT INTO print_run (id, at, by_id, by_name, filters, count)"
                    " VALUES (7, '2026-06-01 00:00:00', :by, 'x', '{}', 2)"
                ),
                {"by": town.bureau},
            )
            connection.execute(
                sa.text("INSERT INTO printed_sticker SELECT 7, id FROM sticker WHERE serial < 3")
            )
        flask_migrate.upgrade(directory=FOLDER)
        job = db.session.get_one(PrintJob, 7)
        assert (job.state, job.count, job.region_code) == (PrintState.EXPIRED, 2, "1306")
        assert len(queries.printed_at([one.id for one in queries.of_shop(town.shop)])) == 2
        operations.make_again(7, drawing.face_facts(), town.actor(town.bureau), NOW)
        db.session.commit()
        assert runner.run_all() == 1
        wanted, reach = operations.Wanted(only_new=False), operations.Reach(everywhere=True)
        made = operations.order(wanted, job.make, reach, drawing.face_facts(), town.actor(town.bureau), NOW)
        assert made.id == 8
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(directory=FOLDER, revision="0018")
        with db.engine.begin() as connection:
            printed = connection.execute(
                sa.text("SELECT run_id, COUNT(*) FROM printed_sticker GROUP BY run_id")
            )
            assert sorted(map(tuple, printed)) == [(7, 2), (8, 2)]
        flask_migrate.upgrade(directory=FOLDER)
