"""Keys derived from the settings' secrets: column encryption, keyed hashes, random receipts.

Personal columns are AES-GCM-SIV (RFC 8452; a repeated nonce does not give the key away) under the newest secret;
older secrets still decrypt. A keyed hash (HMAC-SHA-256) beside a column lets it be looked up by equality.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.engine import Dialect
from sqlalchemy.types import LargeBinary, TypeDecorator

_secrets: tuple[str, ...] = ()
_ciphers: list[AESGCMSIV] = []


def configure(secret_keys: tuple[str, ...]) -> None:
    """Set the process's secrets, newest first. Called once by ``create_app``."""
    global _secrets
    _secrets = secret_keys
    _ciphers[:] = [AESGCMSIV(derive("personal-column", secret)) for secret in secret_keys]


def derive(purpose: str, secret: str | None = None, length: int = 32) -> bytes:
    """`length` key bytes for `purpose` from `secret` (default: the newest), by HKDF-SHA-256 (RFC 5869)."""
    return _derive(purpose, secret or _secrets[0], length)


@lru_cache(maxsize=256)  # every look-up by keyed hash asks for the same few
def _derive(purpose: str, secret: str, length: int) -> bytes:
    source = secret.encode()
    return HKDF(hashes.SHA256(), length, salt=None, info=b"ydym:" + purpose.encode()).derive(source)


def keyed_hash(purpose: str, text: str) -> str:
    """Hex HMAC-SHA-256 of `text`, separate for each `purpose`.

    It hangs on the oldest secret, so that adding a newer one does not hide the rows written before.
    """
    return hmac.new(derive("hash:" + purpose, _secrets[-1]), text.encode(), hashlib.sha256).hexdigest()


def random_code(bits: int = 120) -> str:
    """A random text of at least `bits` bits: base32 in lower case without padding."""
    return base64.b32encode(secrets.token_bytes((bits + 7) // 8)).decode().rstrip("=").lower()


def encrypt(text: str) -> bytes:
    """Nonce (12 bytes) followed by the AES-GCM-SIV ciphertext of `text`."""
    return encrypt_bytes(text.encode())


def decrypt(blob: bytes) -> str:
    """The text of an :func:`encrypt` result; raises ``InvalidTag`` when no secret fits."""
    return decrypt_bytes(blob).decode()


def encrypt_bytes(data: bytes) -> bytes:
    """The same for a file."""
    nonce = os.urandom(12)
    return nonce + _ciphers[0].encrypt(nonce, data, None)


def decrypt_bytes(blob: bytes) -> bytes:
    """The data of an :func:`encrypt_bytes` result; raises ``InvalidTag`` when no secret fits."""
    for cipher in _ciphers:
        try:
            return cipher.decrypt(blob[:12], blob[12:], None)
        except InvalidTag:
            continue
    raise InvalidTag


class EncryptedText(TypeDecorator[str]):
    """A personal text: encrypted at rest, plain in Python. Cannot be searched; keep a keyed hash beside it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else encrypt(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else decrypt(bytes(value))
