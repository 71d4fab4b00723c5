"""Officers' single sign-on: OpenID Connect, code flow with PKCE (RFC 7636, S256), state and nonce, by Authlib.

The provider vouches for who somebody is, never for what they may do: posts are ours, and no account is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from webapp.core.errors import DomainError, Invalid

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


def register(app: Flask) -> None:
    """Prepare the client when the settings name a provider. Its metadata are read at the first use."""
    settings = app.extensions["ydym.settings"]
    if not settings.oidc_issuer:
        return
    oauth = OAuth(app)
    app.extensions[_KEY] = oauth.register(
        "office",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "default_timeout": 5},
    )


def is_configured() -> bool:
    """True when the settings name a provider."""
    return _KEY in current_app.extensions


def leave_for_provider(redirect_uri: str) -> ResponseReturnValue:
    """A redirect to the provider; state, nonce and verifier wait in the session. Raises SsoDown, Invalid."""
    try:
        return current_app.extensions[_KEY].authorize_redirect(redirect_uri)  # type: ignore[no-any-return]
    except requests.RequestException as error:
        raise SsoDown("sso_down") from error
    except (AuthlibBaseError, RuntimeError, ValueError) as error:
        raise Invalid("sso_failed") from error


def come_back() -> Vouched:
    """Read the provider's answer in the present request: state, code, signature, issuer, audience, nonce, times.

    Raises Invalid ``sso_failed`` when anything is wrong with it, SsoDown when the provider does not answer.
    """
    client = current_app.extensions[_KEY]
    try:
        token = client.authorize_access_token()
        claims: dict[str, Any] | None = token.get("userinfo")
        if not claims or not claims.get("sub") or _issuer(claims.get("iss")) != _issuer(_configured()):
            raise Invalid("sso_failed")
        username = claims.get("preferred_username") or _username_from_userinfo(client, token, claims["sub"])
    except requests.RequestException as error:
        raise SsoDown("sso_down") from error
    except (AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError) as error:
        raise Invalid("sso_failed") from error
    return Vouched(_issuer(claims["iss"]), str(claims["sub"]), str(username) if username else None)


def _username_from_userinfo(client: Any, token: Any, subject: str) -> str | None:
    """Some providers say the name at the userinfo endpoint only; it must be about the same subject."""
    if not client.load_server_metadata().get("userinfo_endpoint"):
        return None
    facts = client.userinfo(token=token)
    return facts.get("preferred_username") if facts.get("sub") == subject else None


def _configured() -> str:
    return str(current_app.extensions["ydym.settings"].oidc_issuer)


def _issuer(text: object) -> str:
    return str(text or "").rstrip("/")
