"""Two real worker processes: a change is seen in both within a second, counts are written when they stop."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.factories.shopfront import make_vouched, suspend
from tests.support.live import Live, live_server
from webapp.core.db import db
from webapp.scans.models import ScanCount, ScanDay

LOOKS = 24
GREEN = "印章：放心".encode()


def look(live: Live, path: str) -> list[bytes]:
    """The page by `LOOKS` connections opened one after another: both workers answer some."""
    host = live.url.removeprefix("http://")
    pages = []
    for _ in range(LOOKS):
        connection = http.client.HTTPConnection(host, timeout=20)
        connection.request("GET", path, headers={"Host": live.host})
        pages.append(connection.getresponse().read())
        connection.close()
    return pages


def as_served(live: Live) -> dict[str, object]:
    """Settings by which an application here signs codes that the server takes."""
    secrets = tuple(part.strip() for part in live.environment["YDYM_SECRET_KEYS"].split(","))
    return {"public_host": live.host, "secret_keys": secrets}


def test_a_change_shows_in_every_worker_within_a_second_and_no_scan_is_lost(
    each_database: str, database_url: str, make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    """Redis is set and down all the while. The bound is the promise itself, not a speed."""
    dead = "redis://127.0.0.1:1/0"
    with live_server(tmp_path / "data", database_url=database_url, shops=0, YDYM_REDIS_URL=dead) as live:
        app = make_app(**as_served(live))
        with app.app_context():
            shop = make_vouched()
            pages = look(live, shop.scan)
            assert all(GREEN in page for page in pages)
            suspend(shop.shop_id)
            changed = time.monotonic()
            late = 0.0
            while time.monotonic() - changed < 2:
                began = time.monotonic()
                pages += (seen := look(live, shop.scan))
                if any(GREEN in page for page in seen):
                    late = began - changed
            assert late < 1.0, f"still green {late:.2f} s after the change"
            pages += (seen := look(live, shop.scan))
            assert not any(GREEN in page for page in seen)
            live.stop()
            for table in (ScanCount, ScanDay):
                assert db.session.scalar(sa.select(sa.func.sum(table.count))) == len(pages)


def test_metrics_speak_for_all_workers(tmp_path: Path) -> None:
    with live_server(tmp_path / "data", shops=0) as live:
        look(live, "/nothing-is-here")
        for answer in set(look(live, "/metrics")):  # whichever worker answers
            counted = re.search(rb'ydym_requests_total\{[^}]*route="none",status="404"[^}]*\} (\d+)', answer)
            assert counted is not None
            assert int(counted[1]) == LOOKS
