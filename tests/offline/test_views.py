"""What a phone or an old browser asks for unasked. The worker itself is walked in tests/journeys/test_offline.py."""

from __future__ import annotations

import io
import re

from flask.testing import FlaskClient
from PIL import Image


def test_the_icon_is_there_for_who_asks_for_it_unasked(client: FlaskClient) -> None:
    with client.get("/favicon.ico") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/x-icon")
        assert answer.cache_control.max_age == 86_400
        icon = Image.open(io.BytesIO(answer.data))
    assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    middle = icon.convert("RGBA").getpixel((24, 38))
    assert middle[1] > middle[0] + 60, "the seal's green"
    with client.get("/favicon.ico", headers={"If-None-Match": answer.headers["ETag"]}) as again:
        assert again.status_code == 304


def test_the_worker_finds_the_mark_of_a_copy_in_the_offline_page(client: FlaskClient) -> None:
    """By the very expression that it uses: a copy whose mark it cannot find would not be shown at all."""
    worker, page = client.get("/worker.js").text, client.get("/offline").text
    found = re.search(r"words = /(.+)/\.exec\(both\[1\]\)", worker)
    assert found
    mark = re.search(found[1].replace("\\/", "/"), page)
    assert mark
    for part in ("离线副本，截至 {moment}", 'href="{here}"', " hidden"):
        assert part in mark[0]
