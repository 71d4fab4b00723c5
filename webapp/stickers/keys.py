"""The sticker signing keys of this installation: private PEM files and the public ring, under the keys folder.

``ring.json`` is the public key set (JWKs); ``sticker-<kid>.pem`` the private half, encrypted. Other processes see a change of the ring at the next look (one `stat`).
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app

from qrservice import KeyRing, KeyState, PemSigner, generate_private_pem
from webapp.core.secrets import derive
from webapp.settings import Settings

RING = "ring.json"


class NoSigningKey(RuntimeError):
    """There is no active key with its private half here: ``flask --app wsgi keys ensure`` makes one."""


class KeyStore:
    """The keys folder. Loads lazily, reloads when the ring file changes."""

    def __init__(self, settings: Settings) -> None:
        self._folder: Path = settings.keys_dir
        # Never in clear on disk: without a passphrase of its own, one is derived from the oldest secret.
        own = settings.key_passphrase or derive("sticker-keys", settings.secret_keys[-1]).hex()
        self._passphrase = own.encode()
        self._mark: tuple[int, int] = (0, 0)
        self._ring = KeyRing()
        self._signer: PemSigner | None = None

    def ring(self) -> KeyRing:
        """The public keys that codes are checked with (empty before the first key is made)."""
        try:
            status = (self._folder / RING).stat()
        except FileNotFoundError:
            return self._ring
        mark = (status.st_mtime_ns, status.st_ino)
        if mark != self._mark:
            self._ring = KeyRing.from_jwks(json.loads((self._folder / RING).read_text("utf-8")))
            self._mark, self._signer = mark, None
        return self._ring

    def signer(self) -> PemSigner:
        """The private key that signs new stickers: the active one with the highest number."""
        ring = self.ring()
        if self._signer is None:
            active = [
                key.kid for key in ring if key.state is KeyState.ACTIVE and self._pem(key.kid).is_file()
            ]
            if not active:
                raise NoSigningKey("no active signing key: run flask --app wsgi keys ensure")
            kid = max(active)
            self._signer = PemSigner(kid, self._pem(kid).read_bytes(), self._passphrase)
        return self._signer

    def ensure(self, now: datetime) -> bool:
        """Make the first key when there is none; True when one was made. Safe to interrupt and repeat."""
        if len(self.ring()):
            return False
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = generate_private_pem(self._passphrase)
        signer = PemSigner(0, pem, self._passphrase)
        self._write(self._pem(0), pem, 0o600)
        ring = KeyRing([signer.public_key(KeyState.ACTIVE, not_before=now)])
        self._write(self._folder / RING, json.dumps(ring.to_jwks(), indent=2).encode(), 0o644)
        return True

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


def store(app: Flask | None = None) -> KeyStore:
    """The key store of the app."""
    found: KeyStore = (app or current_app).extensions["ydym.keys"]
    return found


def register(app: Flask) -> None:
    """Open the key store (reads nothing yet)."""
    app.extensions["ydym.keys"] = KeyStore(app.extensions["ydym.settings"])
