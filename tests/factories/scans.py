"""Scan counts, as a worker writes them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.scans import tally
from webapp.scans.tally import Batch, Slot


def count(counts: Mapping[Slot, int]) -> None:
    """Add counts by (shop, serial, day, hour) in a transaction of its own."""
    with unit():
        written = tally.write_batch(
            db.session.connection(), secrets.token_hex(16), Batch(1, counts), datetime(2026, 5, 6, tzinfo=UTC)
        )
    assert written
