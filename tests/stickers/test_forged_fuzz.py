"""Bad codes by the ten thousand: refused without a query, without a server error, whatever the bytes."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qrservice import CodeRefused, KeyRing, decode
from qrservice.examination import Outcome, examine
from tests.factories.codes import Town
from tests.factories.stickers import make_sticker
from tests.support.databases import PUBLIC_HOST
from tests.support.mutations import KINDS, Attack, bit_flips, mutations
from webapp.core.db import db
from webapp.merchants.queries import get_shop
from webapp.stickers.keys import store

SHARE = 20_000


@pytest.fixture
def tokens(app: Flask, town: Town) -> list[str]:
    with app.app_context():
        made = [make_sticker(get_shop(town.shop)).token for _ in range(4)]
        store().rotate(make_sticker(get_shop(town.shop)).issued_at)
        made.append(make_sticker(get_shop(town.shop)).token)
        db.session.commit()
    return made


@pytest.fixture
def attack(app: Flask, tokens: list[str]) -> Attack:
    with app.app_context():
        return Attack(app, tokens, PUBLIC_HOST, store().ring())


@pytest.mark.timeout(400)
def test_mutations(attack: Attack, tokens: list[str]) -> None:
    figures = attack.run(itertools.islice(mutations(tokens, 1), SHARE))
    assert figures.clean, (figures.report(), sorted({fault[:40] for fault in figures.faults})[:40])
    assert figures.tried > SHARE * 0.97
    assert {"form", "canonical", "version", "key", "signature"} <= set(figures.stages)


def test_every_single_bit(attack: Attack, tokens: list[str]) -> None:
    figures = attack.run(itertools.chain(*map(bit_flips, (tokens[0], tokens[-1]))))
    assert figures.clean, (figures.report(), sorted({fault[:40] for fault in figures.faults})[:40])
    assert figures.tried == 2 * 8 * (71 + 114)


def test_the_attack_sees_what_it_looks_for(app: Flask, attack: Attack, tokens: list[str]) -> None:
    """A genuine address counts as accepted, and as one that cost queries: the counters are not blind."""
    attack._genuine.clear()
    figures = attack.run(iter([f"/c/{tokens[0]}".encode()]))
    assert figures.accepted >= 2
    assert figures.aliases >= 1
    assert figures.queries >= 1
    assert not figures.clean


def test_each_kind_of_mutation_mutates(tokens: list[str]) -> None:
    import random

    for kind in KINDS:
        source = random.Random(7)
        made = {kind(source, tokens[0], tokens[1]) for _ in range(50)}
        assert made - {f"/c/{token}".encode() for token in tokens}, kind.__name__


# --- properties -------------------------------------------------------------------------------------------------------

ANY_TEXT = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abc=", min_size=110, max_size=118),
    st.binary(max_size=300).map(lambda data: data.decode("latin-1")),
)


@given(ANY_TEXT)
@example("\ud800" * 114)
@example("ſ" * 114)
@example("A" * 114)
def test_the_decoder_refuses_any_text(ring_of_one: KeyRing, text: str) -> None:
    with pytest.raises(CodeRefused):
        decode(text, PUBLIC_HOST, ring_of_one)
    with pytest.raises(CodeRefused):
        decode(text.encode("utf-8", "surrogatepass"), PUBLIC_HOST, ring_of_one)


@given(ANY_TEXT, st.lists(st.text(max_size=80), max_size=3), st.integers())
def test_the_examination_never_raises_and_never_says_genuine(
    ring_of_one: KeyRing, text: str, lists: list[str], now: int
) -> None:
    assert examine(text, PUBLIC_HOST, ring_of_one, lists, now).outcome is Outcome.FORGED
    assert examine(f"http://{PUBLIC_HOST}/c/{text}", PUBLIC_HOST, ring_of_one, lists, now).stage


@pytest.fixture(scope="module")
def ring_of_one() -> KeyRing:
    from tests.support.vector_parts import ring

    return ring()


@given(text=ANY_TEXT)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=60,
)
def test_the_check_page_takes_any_text(app: Flask, town: Town, text: str) -> None:
    """Forms and upload: an orderly answer whatever was typed or sent."""
    client = app.test_client()
    safe = text.encode("utf-8", "replace").decode()
    assert client.get("/verify", query_string={"code": safe}).status_code in {200, 422}
    assert client.get("/verify", query_string={"number": safe, "check": safe}).status_code in {200, 422}


def test_pictures_that_are_none(app: Flask, town: Town) -> None:
    import io

    client = app.test_client()
    jpeg = b"\xff\xd8\xff\xe0" + bytes(200)
    bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x02\x00\x00\x00" + bytes(
        50
    )
    for data in (
        b"",
        b"x",
        jpeg,
        bomb,
        b"%PDF-1.7",
        b"RIFF\0\0\0\0WEBP" + bytes(30),
        Path(__file__).read_bytes(),
    ):
        sent = {"picture": (io.BytesIO(data), "photo.jpg")}
        answer = client.post("/verify", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 422
    assert client.post("/verify", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 422
    assert (
        client.post("/verify", data={"picture": "text"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 422
    )
