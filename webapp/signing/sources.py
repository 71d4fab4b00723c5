"""Where private halves live: one small interface, and the two sources that need no other machine.

A source holds numbered Ed25519 keys. ``hsm.py`` (PKCS#11) and ``kms.py`` (HashiCorp Vault's transit interface) have the
others; ``YDYM_SIGNER`` chooses. Whatever the source, no private half ever leaves it except as a signature.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from qrservice import KeyRefused, KeyState, PemSigner, PublicKey, Signer, generate_private_pem
from webapp.core.errors import Conflict, DomainError
from webapp.settings import Settings


class SignerUnavailable(DomainError):
    """The hardware module or key service does not answer, or refuses. It may work later; `why` is for the log."""

    status = 503

    def __init__(self, why: str) -> None:
        super().__init__("signer_unavailable", why=why)


class HeldKey(Signer, Protocol):
    """A private half that can sign, and its public half."""

    def public_key(
        self,
        state: KeyState = KeyState.ACTIVE,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> PublicKey: ...


class KeySource(Protocol):
    """A place of private halves. All of it may raise :class:`SignerUnavailable`."""

    @property
    def name(self) -> str:
        """As in ``YDYM_SIGNER``."""
        ...

    @property
    def supplies(self) -> bool:
        """True: keys are put there by people, and `make` only takes up what lies ready."""
        ...

    def held(self) -> frozenset[int]:
        """The numbers of the keys that it holds."""
        ...

    def make(self, kid: int) -> HeldKey:
        """Make the key of that number, which it does not hold yet."""
        ...

    def load(self, kid: int) -> HeldKey:
        """The key of that number, which it holds. Raises KeyRefused when it cannot be read."""
        ...


_PEM = re.compile(r"sticker-([0-9]|[12][0-9]|3[01])\.pem")


class FileSource:
    """PKCS #8 PEM files ``sticker-<kid>.pem``, each encrypted under the passphrase, in one folder."""

    name = "file"
    supplies = False

    def __init__(self, folder: Path, passphrase: bytes) -> None:
        self._folder, self._passphrase = folder, passphrase

    def held(self) -> frozenset[int]:
        """By the files' names."""
        if not self._folder.is_dir():
            return frozenset()
        found = (_PEM.fullmatch(path.name) for path in self._folder.iterdir() if path.is_file())
        return frozenset(int(match[1]) for match in found if match)

    def make(self, kid: int) -> HeldKey:
        """A new key in a new file."""
        pem = generate_private_pem(self._passphrase)
        signer = PemSigner(kid, pem, self._passphrase)
        write_whole(self._path(kid), pem, 0o600)
        return signer

    def load(self, kid: int) -> HeldKey:
        """Decrypt the file."""
        return PemSigner(kid, self._path(kid).read_bytes(), self._passphrase)

    def _path(self, kid: int) -> Path:
        return self._folder / f"sticker-{kid}.pem"


class EnvironmentSource:
    """Encrypted PEMs handed over in ``YDYM_SIGNING_KEYS``, as ``flask keys pem`` prints them: ``3:BASE64,4:BASE64``."""

    name = "environment"
    supplies = True

    def __init__(self, entries: tuple[str, ...], passphrase: bytes) -> None:
        self._passphrase = passphrase
        self._pems: dict[int, bytes] = {}
        for entry in entries:
            number, _, text = entry.partition(":")
            try:
                pem = base64.b64decode(text, validate=True)
            except binascii.Error as error:
                raise KeyRefused("YDYM_SIGNING_KEYS: not base64 after the number") from error
            if not (number.isascii() and number.isdigit()) or b"ENCRYPTED PRIVATE KEY" not in pem:
                raise KeyRefused("YDYM_SIGNING_KEYS: each entry is a number, a colon and an encrypted PEM")
            self._pems[int(number)] = pem

    def held(self) -> frozenset[int]:
        """The numbers that the setting names."""
        return frozenset(self._pems)

    def make(self, kid: int) -> HeldKey:
        """Take up the key that was supplied. Raises Conflict when none was."""
        if kid not in self._pems:
            raise Conflict("key_not_supplied")
        return self.load(kid)

    def load(self, kid: int) -> HeldKey:
        """Decrypt the entry."""
        return PemSigner(kid, self._pems[kid], self._passphrase)


class DistantKey:
    """A key whose private half stays in a module or service: `sign` (number, message) asks for each signature."""

    def __init__(self, kid: int, raw: bytes, sign: Callable[[int, bytes], bytes]) -> None:
        self._kid, self._raw, self._sign = kid, raw, sign
        self.public_key()  # refuses an unsafe key before anything is signed by it

    @property
    def kid(self) -> int:
        return self._kid

    def sign(self, message: bytes) -> bytes:
        """Signed over there. Raises SignerUnavailable."""
        return self._sign(self._kid, message)

    def public_key(
        self,
        state: KeyState = KeyState.ACTIVE,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> PublicKey:
        """The public half, for the ring."""
        return PublicKey(self._kid, self._raw, state, not_before, not_after)


def sources_of(settings: Settings, passphrase: bytes) -> tuple[KeySource, ...]:
    """The source that the settings choose, for new keys; after it the folder, for keys made before the choice."""
    folder = FileSource(settings.keys_dir, passphrase)
    if settings.signer == "environment":
        return EnvironmentSource(settings.signing_keys, passphrase), folder
    if settings.signer == "pkcs11":
        from .hsm import Pkcs11Source  # noqa: PLC0415 - needs an optional package

        chosen = Pkcs11Source(settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin)
        return chosen, folder
    if settings.signer == "vault":
        from .kms import VaultSource  # noqa: PLC0415 - not loaded where it is not used

        return VaultSource(settings.vault_url, settings.vault_token, settings.vault_mount), folder
    return (folder,)


class CheckedSigner:
    """A signer of which every signature is checked: a fault, or another's key, must never get onto paper."""

    def __init__(self, inner: Signer, public: PublicKey) -> None:
        self._inner, self._public = inner, public

    @property
    def kid(self) -> int:
        return self._public.kid

    def sign(self, message: bytes) -> bytes:
        """As the inner signer. Raises SignerUnavailable when its signature does not hold."""
        signature = self._inner.sign(message)
        if not self._public.verify(signature, message):
            raise SignerUnavailable(f"a signature by key {self.kid} does not hold under the published key")
        return signature


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all: written beside, flushed to disk, then renamed."""
    beside = path.with_suffix(path.suffix + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
