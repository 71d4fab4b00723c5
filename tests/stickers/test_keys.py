"""The signing keys on disk: made, rotated, read again by others, never half written."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from qrservice import KeyState
from tests.factories import merchants
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from webapp.core.errors import Conflict
from webapp.settings import Settings
from webapp.stickers import reading
from webapp.stickers.keys import KeyStore, NoSigningKey, store


@pytest.fixture
def keys(settings: Settings) -> KeyStore:
    """A store whose folder is empty."""
    return KeyStore(settings)


def states(keys: KeyStore) -> list[tuple[int, KeyState]]:
    return [(key.kid, key.state) for key in keys.ring()]


def test_the_first_key_is_made_once(keys: KeyStore, settings: Settings) -> None:
    with pytest.raises(NoSigningKey):
        keys.signer()
    assert keys.ensure(NOW)
    assert not keys.ensure(NOW)
    assert states(keys) == [(0, KeyState.ACTIVE)]
    assert keys.signer().kid == 0
    pem = settings.keys_dir / "sticker-0.pem"
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in pem.read_bytes()


def test_rotation_retires_what_signed(keys: KeyStore) -> None:
    keys.ensure(NOW)
    assert keys.rotate(NOW + timedelta(days=1)) == 1
    assert states(keys) == [(0, KeyState.RETIRED), (1, KeyState.ACTIVE)]
    assert keys.signer().kid == 1
    old = keys.ring().find(0)
    assert old is not None
    assert old.not_after == NOW + timedelta(days=1)


def test_rotation_in_the_same_second_leaves_a_readable_ring(keys: KeyStore, settings: Settings) -> None:
    keys.ensure(NOW)
    keys.rotate(NOW)
    assert states(KeyStore(settings)) == [(0, KeyState.RETIRED), (1, KeyState.ACTIVE)]


def test_a_first_key_by_rotation(keys: KeyStore) -> None:
    assert keys.rotate(NOW) == 0
    assert keys.signer().kid == 0


def test_numbers_end(keys: KeyStore) -> None:
    for number in range(32):
        assert keys.rotate(NOW + timedelta(days=number)) == number
    with pytest.raises(Conflict):
        keys.rotate(NOW + timedelta(days=40))
    assert len(keys.ring()) == 32


def test_other_processes_see_a_new_ring(keys: KeyStore, settings: Settings) -> None:
    other = KeyStore(settings)
    keys.ensure(NOW)
    assert other.signer().kid == 0
    keys.rotate(NOW + timedelta(days=1))
    assert other.signer().kid == 1
    assert states(other) == states(keys)


def test_the_ring_is_read_once_while_it_stays(keys: KeyStore) -> None:
    keys.ensure(NOW)
    assert keys.ring() is keys.ring()


def test_rotations_at_once_make_two_keys(keys: KeyStore, settings: Settings) -> None:
    keys.ensure(NOW)
    made: list[int] = []
    threads = [
        threading.Thread(target=lambda: made.append(KeyStore(settings).rotate(NOW + timedelta(days=1))))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(made) == [1, 2]
    assert [state for _, state in states(keys)] == [KeyState.RETIRED, KeyState.RETIRED, KeyState.ACTIVE]


def test_an_interrupted_rotation_leaves_the_old_key_signing(
    keys: KeyStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.ensure(NOW)
    write = KeyStore._write

    def fail_on_ring(path: Path, content: bytes, mode: int) -> None:
        if path.name == "ring.json":
            raise OSError("no space left")
        write(path, content, mode)

    monkeypatch.setattr(KeyStore, "_write", staticmethod(fail_on_ring))
    with pytest.raises(OSError, match="no space"):
        keys.rotate(NOW)
    monkeypatch.undo()
    assert KeyStore(settings).signer().kid == 0
    left_over = (settings.keys_dir / "sticker-1.pem").read_bytes()
    assert keys.rotate(NOW + timedelta(days=1)) == 2, "a private half that lies here is never written over"
    assert (settings.keys_dir / "sticker-1.pem").read_bytes() == left_over


def test_stickers_outlive_their_key(context: Flask) -> None:
    shop = merchants.make_shop()
    old = make_sticker(shop)
    store().rotate(NOW + timedelta(days=1))
    new = make_sticker(shop)
    assert (old.kid, new.kid) == (0, 1)
    assert reading.read(old.token).serial == 1
    assert reading.read(new.token).serial == 2


def test_reading_names_the_stage(context: Flask, make_app: Callable[..., Flask]) -> None:
    token = make_sticker(merchants.make_shop()).token
    other = "B" if token[60] != "B" else "C"
    forged = {
        "": "form",
        token.lower(): "canonical",
        token + "A": "form",
        token[:-1] + "\u0661": "form",
        token[:60] + other + token[61:]: "signature",
        "I" + token[1:]: "version",
        "EI" + token[2:]: "key",
    }
    for text, stage in forged.items():
        with pytest.raises(reading.ForgedCode) as caught:
            reading.read(text)
        assert caught.value.stage == stage, text
    elsewhere = make_app(public_host="other.test")
    with elsewhere.app_context(), pytest.raises(reading.ForgedCode) as moved:
        reading.read(token)
    assert moved.value.stage == "signature", "a code cannot be moved to another site"
