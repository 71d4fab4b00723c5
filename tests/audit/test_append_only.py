"""The database itself keeps the audit trail: nothing in it is changed, taken away or written over."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from webapp import audit
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit

pytestmark = pytest.mark.each_database
WAYS = {
    "sqlite": [
        "UPDATE audit_event SET action = 'other'",
        "DELETE FROM audit_event",
        "REPLACE INTO audit_event SELECT * FROM audit_event",
    ],
    "postgresql": [
        "UPDATE audit_event SET action = 'other'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE audit_event CASCADE",
        "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (id) DO UPDATE SET action = 'other'",
    ],
}


def test_nothing_is_changed_or_taken_away(context: Flask, each_database: str) -> None:
    with unit():
        for number in range(3):
            audit.record(SYSTEM, "test.deed", "shop", number, now=clock.now())
    for way in WAYS[each_database]:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text(way))
        db.session.rollback()
    kept = db.session.execute(sa.text("SELECT action, count(*) FROM audit_event GROUP BY action")).all()
    assert kept == [("test.deed", 3)]
