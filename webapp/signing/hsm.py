"""Keys in a hardware security module, by PKCS#11 (mechanism CKM_EDDSA, PKCS#11 3.0; RFC 8032 keys, "edwards25519").

Needs the package ``python-pkcs11`` and the module's own library. Key pairs bear the label ``ydym-sticker-<kid>``; they
are made in the module, sensitive and not extractable. Tried with SoftHSM 2.6.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from qrservice import KeyRefused
from webapp.settings import SettingsError

from .sources import DistantKey, HeldKey, SignerUnavailable

T = TypeVar("T")
LABEL = "ydym-sticker-"
#: DER of the curve's PrintableString "edwards25519" (PKCS#11 3.0, 6.3.5): older and newer modules take it.
EDWARDS25519 = b"\x13\x0cedwards25519"

# A process logs in to a token once: whoever logs in again is refused. So sessions belong to the process.
_sessions: dict[tuple[str, str], Any] = {}
_lock = threading.RLock()


class Pkcs11Source:
    """One token of one module. A session is opened at the first use in each process and again after a failure."""

    name = "pkcs11"
    supplies = False

    def __init__(self, module: str, token: str, pin: str) -> None:
        try:
            import pkcs11  # noqa: PLC0415 - optional: only who has a module needs it
        except ImportError as error:
            raise SettingsError("YDYM_SIGNER is pkcs11: install the package python-pkcs11") from error
        self._api = pkcs11
        self._module, self._token, self._pin = module, token, pin

    def held(self) -> frozenset[int]:
        """By the labels of the private keys."""

        def look(session: Any) -> frozenset[int]:
            wanted = {self._api.Attribute.CLASS: self._api.ObjectClass.PRIVATE_KEY}
            labels = [str(key[self._api.Attribute.LABEL]) for key in session.get_objects(wanted)]
            numbers = (label.removeprefix(LABEL) for label in labels if label.startswith(LABEL))
            return frozenset(int(number) for number in numbers if number.isascii() and number.isdigit())

        return self.ask(look)

    def make(self, kid: int) -> HeldKey:
        """A new key pair in the token."""
        api = self._api

        def generate(session: Any) -> bytes:
            curve = {api.Attribute.EC_PARAMS: EDWARDS25519}
            parameters = session.create_domain_parameters(api.KeyType.EC_EDWARDS, curve, local=True)
            public, _private = parameters.generate_keypair(
                mechanism=api.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=f"{LABEL}{kid}",
                private_template={api.Attribute.SENSITIVE: True, api.Attribute.EXTRACTABLE: False},
            )
            return _raw(public[api.Attribute.EC_POINT])

        return DistantKey(kid, self.ask(generate), self.sign)

    def load(self, kid: int) -> HeldKey:
        """The key pair of that label."""
        api = self._api

        def read(session: Any) -> bytes:
            public = session.get_key(object_class=api.ObjectClass.PUBLIC_KEY, label=f"{LABEL}{kid}")
            return _raw(public[api.Attribute.EC_POINT])

        return DistantKey(kid, self.ask(read), self.sign)

    def sign(self, kid: int, message: bytes) -> bytes:
        """Sign in the token."""
        api = self._api

        def work(session: Any) -> bytes:
            private = session.get_key(object_class=api.ObjectClass.PRIVATE_KEY, label=f"{LABEL}{kid}")
            return bytes(private.sign(message, mechanism=api.Mechanism.EDDSA))

        return self.ask(work)

    def ask(self, work: Callable[[Any], T]) -> T:
        """Do `work` with the session, one at a time: a session has one operation. Raises SignerUnavailable."""
        place = (self._module, self._token)
        with _lock:
            try:
                if place not in _sessions:
                    token = self._api.lib(self._module).get_token(token_label=self._token)
                    _sessions[place] = token.open(rw=True, user_pin=self._pin)
                return work(_sessions[place])
            except (self._api.PKCS11Error, OSError, RuntimeError) as error:
                forget(place)
                raise SignerUnavailable(f"PKCS#11: {type(error).__name__} {error}".strip()) from error


def forget(place: tuple[str, str]) -> None:
    """Close the session of a (module, token), so that the next use opens one."""
    session = _sessions.pop(place, None)
    if session is not None:
        with contextlib.suppress(Exception):  # it is broken already; a new one will be opened
            session.close()


def _raw(point: bytes) -> bytes:
    """The 32 bytes of CKA_EC_POINT: bare (PKCS#11 3.0) or in a DER OCTET STRING (what most modules do)."""
    raw = point[2:] if len(point) == 34 and point[:2] == b"\x04\x20" else point
    if len(raw) != 32:
        raise KeyRefused(f"the module's public key has {len(raw)} bytes instead of 32")
    return raw
