"""Officers' single sign-on by an OpenID provider, when the settings name one.

The provider vouches for who somebody is, never for what they may do: posts are ours, and no account is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flask import Flask, current_app
from flask.typing import ResponseReturnValue

from webapp.core.errors import DomainError

_KEY = "ydym.sso"


class SsoDown(DomainError):
    """The provider does not answer; other ways in still work."""

    status = 503


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for; `username` is its ``preferred_username``, when it says one."""

    issuer: str
    subject: str
    username: str | None


class Provider(Protocol):
    """What sign-in asks of the provider."""

    def leave(self, redirect_uri: str) -> ResponseReturnValue:
        """Send the browser to the provider. Raises SsoDown, Invalid."""

    def come_back(self) -> Vouched:
        """Read the answer with which it came back. Raises SsoDown, Invalid."""


def register(app: Flask) -> None:
    """Prepare the client when the settings name a provider."""
    settings = app.extensions["ydym.settings"]
    if settings.oidc_issuer:
        # Imported here: the client and what it needs are a sixth of a worker's memory.
        from .oidc import OidcProvider  # noqa: PLC0415 - see above

        app.extensions[_KEY] = OidcProvider(app, settings)


def provider() -> Provider | None:
    """The provider, or None when the settings name none."""
    found: Provider | None = current_app.extensions.get(_KEY)
    return found
