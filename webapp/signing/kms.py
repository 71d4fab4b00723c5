"""Keys in a key management service: the transit interface of HashiCorp Vault (and OpenBao), by HTTP.

One transit key of type ``ed25519`` a number, ``ydym-sticker-<kid>``, and always its version 1: rotating is done by us,
with a new number, because the number stands in every code. The policy of the token needs, for the mount ``transit``::

    path "transit/keys" { capabilities = ["list"] }
    path "transit/keys/ydym-sticker-*" { capabilities = ["read", "create", "update"] }
    path "transit/sign/ydym-sticker-*" { capabilities = ["update"] }
"""

from __future__ import annotations

import base64
import binascii
import threading
from typing import Any, Final

import requests

from qrservice import KeyRefused

from .sources import DistantKey, HeldKey, SignerUnavailable

NAME: Final = "ydym-sticker-"
#: Seconds to connect and to wait for the answer.
TIMEOUT: Final = (2.0, 5.0)


class VaultSource:
    """The service at `url` (``https://vault.example:8200``), asked with `token`; keys below `mount`."""

    name = "vault"
    supplies = False

    def __init__(self, url: str, token: str, mount: str = "transit") -> None:
        self._base = f"{url.rstrip('/')}/v1/{mount.strip('/')}"
        self._token = token
        self._local = threading.local()

    def held(self) -> frozenset[int]:
        """By the names of the keys; 404 is an empty list there."""
        answer = self._ask("LIST", "/keys", missing={"keys": []})
        numbers = [str(name).removeprefix(NAME) for name in answer["keys"] if str(name).startswith(NAME)]
        return frozenset(int(number) for number in numbers if number.isascii() and number.isdigit())

    def make(self, kid: int) -> HeldKey:
        """A new key in the service, which can neither be read nor backed up in clear there."""
        body = {"type": "ed25519", "exportable": False, "allow_plaintext_backup": False}
        self._ask("POST", f"/keys/{NAME}{kid}", body)
        return self.load(kid)

    def load(self, kid: int) -> HeldKey:
        """The key with its public half. Raises KeyRefused when it is not an Ed25519 key."""
        found = self._ask("GET", f"/keys/{NAME}{kid}")
        try:
            if found["type"] != "ed25519" or found.get("derived"):
                raise KeyRefused(f"the service's key {NAME}{kid} is not a plain ed25519 key")
            return DistantKey(
                kid, base64.b64decode(found["keys"]["1"]["public_key"], validate=True), self.sign
            )
        except (KeyError, TypeError, binascii.Error) as error:
            raise SignerUnavailable("the key service's answer has no public key") from error

    def sign(self, kid: int, message: bytes) -> bytes:
        """Sign in the service."""
        body = {"input": base64.b64encode(message).decode("ascii"), "key_version": 1}
        text = str(self._ask("POST", f"/sign/{NAME}{kid}", body).get("signature", ""))
        try:
            if not text.startswith("vault:v1:"):
                raise SignerUnavailable("the key service's answer is no signature by version 1")
            return base64.b64decode(text.removeprefix("vault:v1:"), validate=True)
        except binascii.Error as error:
            raise SignerUnavailable("the key service's signature is not base64") from error

    def _ask(self, method: str, path: str, body: Any = None, missing: Any = None) -> dict[str, Any]:
        """The `data` of the answer; `missing` for 404. No redirect: the token is for this address alone."""
        try:
            answer = self._session().request(
                method, self._base + path, json=body, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise SignerUnavailable(f"the key service does not answer: {type(error).__name__}") from error
        if answer.status_code == 404 and missing is not None:
            return dict(missing)
        if not 200 <= answer.status_code < 300:
            raise SignerUnavailable(f"the key service answered {answer.status_code} to {method} {path}")
        if answer.status_code == 204:
            return {}
        try:
            data = answer.json().get("data")
        except (ValueError, AttributeError) as error:
            raise SignerUnavailable("the key service's answer is not JSON") from error
        return data if isinstance(data, dict) else {}

    def _session(self) -> requests.Session:
        """One a thread: its connection is kept, and threads do not share a session."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.headers["X-Vault-Token"] = self._token
            session.headers["X-Vault-Request"] = "true"
        return session
