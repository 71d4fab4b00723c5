"""Static files leave packed for who takes them, and as they are for who does not."""

from __future__ import annotations

import gzip

from flask.testing import FlaskClient

from webapp.settings import ROOT

BASE = "/static/css/base.css"
PLAIN = (ROOT / "static/css/base.css").read_bytes()


def test_a_style_sheet_is_packed_for_who_takes_it(client: FlaskClient) -> None:
    packed = client.get(BASE, buffered=True, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.mimetype == "text/css"
    assert gzip.decompress(packed.data) == PLAIN
    assert len(packed.data) < len(PLAIN) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    again = client.get(
        BASE, buffered=True, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_everybody_else_gets_it_plain(client: FlaskClient) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "gzip", "Range": "bytes=0-9"}):
        plain = client.get(BASE, headers=headers, buffered=True)
        assert "Content-Encoding" not in plain.headers
        assert PLAIN.startswith(plain.data)
        assert "Accept-Encoding" in plain.headers["Vary"]
    assert (
        client.get("/static/css/no.css", buffered=True, headers={"Accept-Encoding": "gzip"}).status_code
        == 404
    )
    assert client.get("/static/../wsgi.py", headers={"Accept-Encoding": "gzip"}).status_code == 404


def test_the_address_with_a_mark_is_kept_for_a_year_packed_or_not(client: FlaskClient) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        answer = client.get(f"{BASE}?v=1", headers=headers, buffered=True)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


GZIP = {"Accept-Encoding": "gzip"}


def test_a_public_page_is_packed_as_it_is_made(client: FlaskClient) -> None:
    packed, plain = client.get("/shops", headers=GZIP), client.get("/shops")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data)
    assert "Content-Encoding" not in plain.headers
    for answer in (packed, plain):
        assert {"Accept-Encoding", "Cookie"} <= {part.strip() for part in answer.headers["Vary"].split(",")}


def test_a_page_that_may_hold_a_secret_stays_plain(client: FlaskClient) -> None:
    """Who sees only lengths must not be able to guess at a form's token (BREACH)."""
    form = client.get("/merchant/login", headers=GZIP)
    assert b"csrf_token" in form.data
    assert "Content-Encoding" not in form.headers
    with client.session_transaction() as session:
        session["token"] = "somebody"
    assert "Content-Encoding" not in client.get("/shops", headers=GZIP).headers


def test_a_kept_page_is_packed_once(client: FlaskClient) -> None:
    page = client.get("/", headers=GZIP)
    assert b"<html" in (gzip.decompress(page.data) if "Content-Encoding" in page.headers else page.data)
