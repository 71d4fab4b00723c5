"""The sticker signing keys of this installation: private PEM files and the public ring, under the keys folder.

``ring.json`` is the public key set (JWKs); ``sticker-<kid>.pem`` the private half, encrypted. Other processes see a
change of the ring at the next look (one `stat`).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask, current_app

from qrservice import KeyRing, KeyState, PemSigner, PublicKey, generate_private_pem
from qrservice.payload import KID_MAX
from webapp.core.errors import Conflict, DomainError
from webapp.core.secrets import derive
from webapp.settings import Settings

RING = "ring.json"


class NoSigningKey(DomainError):
    """There is no active key with its private half here: ``flask --app wsgi keys ensure`` makes one."""

    status = 500

    def __init__(self) -> None:
        super().__init__("no_signing_key")


class KeyStore:
    """The keys folder. Loads lazily, reloads when the ring file changes."""

    def __init__(self, settings: Settings) -> None:
        self._folder: Path = settings.keys_dir
        # Never in clear on disk: without a passphrase of its own, one is derived from the oldest secret.
        own = settings.key_passphrase or derive("sticker-keys", settings.secret_keys[-1]).hex()
        self._passphrase = own.encode()
        self._mark: tuple[int, int] | None = (0, 0)
        self._ring = KeyRing()
        self._signer: PemSigner | None = None

    def ring(self) -> KeyRing:
        """The public keys that codes are checked with (empty before the first key is made)."""
        mark = self.mark()
        if mark not in {None, self._mark}:
            self._ring = KeyRing.from_jwks(json.loads((self._folder / RING).read_text("utf-8")))
            self._mark, self._signer = mark, None
        return self._ring

    def mark(self) -> tuple[int, int] | None:
        """Which writing of the ring file lies there now (one `stat`); None before the first."""
        try:
            status = (self._folder / RING).stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino

    def signer(self) -> PemSigner:
        """The private key that signs new stickers: the active one with the highest number."""
        ring = self.ring()
        if self._signer is None:
            active = [
                key.kid for key in ring if key.state is KeyState.ACTIVE and self._pem(key.kid).is_file()
            ]
            if not active:
                raise NoSigningKey
            kid = max(active)
            self._signer = PemSigner(kid, self._pem(kid).read_bytes(), self._passphrase)
        return self._signer

    def ensure(self, now: datetime) -> bool:
        """Make the first key when there is none; True when one was made. Safe to interrupt and repeat."""
        with self._alone():
            if len(self.ring()):
                return False
            self._make(0, [], now)
        return True

    def rotate(self, now: datetime) -> int:
        """Make the next key the signer and retire the ones before it; returns its number.

        Retired keys go on verifying: stickers on doors outlive the key. Raises Conflict when all numbers are used.
        A number whose private half lies here is used, though an older ring was put back that does not know it.
        """
        with self._alone():
            keys = list(self.ring())
            used = {key.kid for key in keys} | {kid for kid in range(KID_MAX + 1) if self.has_private(kid)}
            kid = max(used, default=-1) + 1
            if kid > KID_MAX:
                raise Conflict("key_numbers_used_up")
            self._make(kid, [_retired(key, now) for key in keys], now)
        return kid

    def has_private(self, kid: int) -> bool:
        """Does the private half of this key lie here?"""
        return self._pem(kid).is_file()

    def _make(self, kid: int, others: list[PublicKey], now: datetime) -> None:
        """The private half first: a ring never names a signer that is not there."""
        pem = generate_private_pem(self._passphrase)
        signer = PemSigner(kid, pem, self._passphrase)
        self._write(self._pem(kid), pem, 0o600)
        ring = KeyRing([*others, signer.public_key(KeyState.ACTIVE, not_before=now)])
        self._write(self._folder / RING, json.dumps(ring.to_jwks(), indent=2).encode(), 0o644)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One maker of keys at a time, whichever process; the lock goes with the process."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _pem(self, kid: int) -> Path:
        return self._folder / f"sticker-{kid}.pem"

    @staticmethod
    def _write(path: Path, content: bytes, mode: int) -> None:
        """Whole or not at all: written beside, flushed to disk, then renamed."""
        beside = path.with_suffix(path.suffix + ".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)


def _retired(key: PublicKey, now: datetime) -> PublicKey:
    """The key without the right to sign. Times are kept in seconds: a period must not be empty."""
    if key.state is not KeyState.ACTIVE:
        return key
    end = now if key.not_before is None else max(now, key.not_before + timedelta(seconds=1))
    return replace(key, state=KeyState.RETIRED, not_after=end)


def store(app: Flask | None = None) -> KeyStore:
    """The key store of the app."""
    found: KeyStore = (app or current_app).extensions["ydym.keys"]
    return found


def register(app: Flask) -> None:
    """Open the key store (reads nothing yet)."""
    app.extensions["ydym.keys"] = KeyStore(app.extensions["ydym.settings"])
