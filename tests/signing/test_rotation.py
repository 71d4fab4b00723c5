"""Keys change while two real workers serve: no scan fails, and every worker knows each change within a second."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Self

from flask import Flask

from tests.factories.shopfront import Vouched, make_vouched
from tests.support.live import Live, live_server
from webapp import feed
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.signing import operations
from webapp.signing.models import Action
from webapp.stickers.models import Sticker, StickerPlace
from webapp.stickers.operations import issue

GREEN = "印章：放心".encode()
ROUNDS = 6
#: Connections opened one after another, so that both workers answer some.
LOOKS = 16
WITHIN = 1.0


def ask(live: Live, path: str) -> tuple[int, bytes]:
    """One answer by a connection of its own."""
    connection = http.client.HTTPConnection(live.url.removeprefix("http://"), timeout=20)
    try:
        connection.request("GET", path, headers={"Host": live.host})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Scanners:
    """Threads that scan without a pause whatever `paths` holds, and keep every answer that is not green."""

    def __init__(self, live: Live, paths: list[str], count: int = 3) -> None:
        self.paths, self.failures, self.done = paths, [], 0
        self._live, self._stop = live, threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(count)]

    def _run(self, number: int) -> None:
        turn = number
        while not self._stop.is_set():
            path = self.paths[turn % len(self.paths)]
            turn += 1
            try:
                status, body = ask(self._live, path)
            except OSError as error:
                status, body = 0, repr(error).encode()
            if status != 200 or GREEN not in body:
                self.failures.append((path, status, body[:200]))
            self.done += 1

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)


def until_everywhere(live: Live, path: str, good: Callable[[int, bytes], bool]) -> float:
    """After how many seconds the last wrong answer was asked for, before `LOOKS` good ones in a row."""
    began = time.monotonic()
    last, after = 0.0, 0
    while after < LOOKS:
        asked = time.monotonic() - began
        assert asked < 60, "it never became as it should be"
        if good(*ask(live, path)):
            after += 1
        else:
            last, after = asked, 0
    return last


def new_sticker(shop: Vouched) -> Sticker:
    with unit():
        sticker = issue(shop.shop_id, StickerPlace.TILL, SYSTEM, clock.now())
        feed.publish("sticker.request", now=clock.now(), shop_id=shop.shop_id)
    db.session.expunge_all()
    return sticker


def test_no_scan_fails_while_keys_change(
    each_database: str, database_url: str, make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    """Rotated by the command, as an operator does it; at last the newest key is declared compromised."""
    with live_server(tmp_path / "data", database_url=database_url, shops=0) as live:
        secrets = tuple(part.strip() for part in live.environment["YDYM_SECRET_KEYS"].split(","))
        app = make_app(public_host=live.host, secret_keys=secrets)
        with app.app_context():
            shop = make_vouched()
            paths = [f"/c/{token}" for token in shop.tokens.values()]
            late = []
            with Scanners(live, paths) as scanners:
                for number in range(1, ROUNDS + 1):
                    with unit():
                        made = operations.carry_out(
                            Action.ROTATE, None, None, "rotation", SYSTEM, clock.now()
                        )
                    sticker = new_sticker(shop)
                    assert sticker.kid == made == number
                    path = f"/c/{sticker.token}"
                    late.append(
                        until_everywhere(live, path, lambda status, body: status == 200 and GREEN in body)
                    )
                    paths.append(path)
                assert "key 7 signs" in live.flask("keys", "rotate", "--yes")
            assert scanners.failures == []
            assert scanners.done > len(paths) * 3
            assert max(late) < WITHIN, f"a new key was unknown to a worker for {max(late):.2f} s"

            # Compromised since before the last papers, which go; those of the other keys stay.
            newest = f"/c/{new_sticker(shop).token}"
            assert until_everywhere(live, newest, lambda _status, body: GREEN in body) < WITHIN
            with unit():
                since = clock.now() - timedelta(minutes=5)
                operations.carry_out(Action.COMPROMISE, 7, since, "stolen", SYSTEM, clock.now())
            gone = until_everywhere(live, newest, lambda status, body: status == 200 and GREEN not in body)
            assert gone < WITHIN, f"still green {gone:.2f} s after the declaration"
            with Scanners(live, paths) as scanners:
                assert until_everywhere(live, paths[0], lambda _status, body: GREEN in body) < WITHIN
            assert scanners.failures == []
