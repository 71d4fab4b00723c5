"""The key that signs checkpoints: a PKCS #8 PEM under the passphrase of the sticker keys, in their folder."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from webapp.core.errors import DomainError

from .folder import flush_names
from .notes import LOG, Verifier


class LogKeyMissing(DomainError):
    """The private half of the log's key is not here, or the passphrase does not open it."""

    status = 500

    def __init__(self, why: str) -> None:
        super().__init__("log_key_missing", why=why)


class Signer:
    """A private key with its name. Signs messages; tells its verifier key."""

    def __init__(self, name: str, private: Ed25519PrivateKey, kind: int = LOG) -> None:
        self._private = private
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.verifier = Verifier(name, public, kind)

    @property
    def sign(self) -> Callable[[bytes], bytes]:
        """The signature of a message, 64 bytes."""
        return self._private.sign


def load(path: Path, passphrase: bytes, name: str, kind: int = LOG) -> Signer:
    """The key in that file; LogKeyMissing."""
    try:
        found = load_pem_private_key(path.read_bytes(), passphrase)
    except (OSError, ValueError, TypeError) as error:
        raise LogKeyMissing(str(error)) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise LogKeyMissing("not an Ed25519 key")
    return Signer(name, found, kind)


def ensure(path: Path, passphrase: bytes, name: str, kind: int = LOG) -> Signer:
    """The key in that file, made when there is none. Never overwrites one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
        )
        descriptor, beside = tempfile.mkstemp(
            prefix=f".{path.name}.", dir=path.parent
        )  # its own, readable by us alone
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(pem)
                stream.flush()
                os.fsync(stream.fileno())
            with contextlib.suppress(FileExistsError):  # somebody else was first: then theirs is the key
                os.link(beside, path)
        finally:
            Path(beside).unlink(missing_ok=True)
        flush_names(path.parent)  # before the database names its public half for ever
    return load(path, passphrase, name, kind)
