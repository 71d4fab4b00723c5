"""What one officer published keeps standing when two are asked for, and going back keeps it too."""

from __future__ import annotations

from datetime import timedelta

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.accounts import make_officer
from tests.factories.merchants import NOW, make_shop
from tests.factories.regions import make_street
from tests.factories.reminders import make_draft, make_reminder
from tests.support import sources
from webapp.core import clock, migrations, policy
from webapp.core.db import db
from webapp.reminders import operations, queries
from webapp.reminders.models import Reminder
from webapp.reminders.rules import ReminderState

pytestmark = pytest.mark.each_database
FOLDER = str(sources.ROOT / "migrations")
[HERE] = (sources.ROOT / "migrations" / "versions").glob("*_publish_reminders_by_two.py")
BEFORE = f"{int(HERE.name[:4]) - 1:04}"
INSERT = sa.text(
    "INSERT INTO reminder (id, kind, title, body, region_code, shop_id, published_by_id, published_at,"
    " withdrawn_at, withdrawn_reason, version) VALUES (:id, 'warning', :title, 'b', '130606', :shop, :by,"
    " '2026-05-01 00:00:00', :gone, :why, 2)"
)


def test_what_one_published_and_back(app: Flask) -> None:
    migrations.install(app)
    with app.app_context():
        policy.sync()
        make_street()
        shop, by = make_shop().id, make_officer().id
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(directory=FOLDER, revision=BEFORE)
        with db.engine.begin() as connection:
            rows = [(7, "还在", shop, None, None), (9, "撤了", None, "2026-05-02 00:00:00", "有误")]
            for number, title, about, gone, why in rows:
                given = {"id": number, "title": title, "shop": about, "by": by, "gone": gone, "why": why}
                connection.execute(INSERT, given)
        flask_migrate.upgrade(directory=FOLDER)
        stands, gone = queries.get(7), queries.get(9)
        assert (stands.state, gone.state) == (ReminderState.PUBLISHED, ReminderState.WITHDRAWN)
        assert (stands.before_two, stands.ground, stands.proposed_by_id) == (True, "earlier", by)
        assert [one.id for one in stands.shops] == [shop]
        assert stands.term_until >= clock.day_of(NOW)
        assert (gone.ended_reason, gone.shops) == ("有误", [])
        second = make_officer().actor()
        assert make_reminder().id > 9
        operations.act(7, "withdraw", "改了", second, NOW, stands.version)
        operations.draft(make_draft(title="草稿", term_until=clock.day_of(NOW) + timedelta(9)), second, NOW)
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(directory=FOLDER, revision=BEFORE)
        with db.engine.begin() as connection:
            kept = connection.execute(
                sa.text("SELECT title, shop_id, withdrawn_reason FROM reminder ORDER BY id")
            )
            assert list(map(tuple, kept)) == [
                ("还在", shop, "改了"),
                ("撤了", None, "有误"),
                ("办卡先看合同", None, None),
            ]
        flask_migrate.upgrade(directory=FOLDER)
        assert db.session.scalar(sa.select(sa.func.count(Reminder.id))) == 3
