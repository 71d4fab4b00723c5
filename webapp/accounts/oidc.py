"""The OpenID Connect client: code flow with PKCE (RFC 7636, S256), state and nonce, by Authlib."""

from __future__ import annotations

from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from webapp.core.errors import Invalid
from webapp.settings import Settings

from .sso import SsoDown, Vouched


class OidcProvider:
    """The provider that the settings name. Its metadata are read at the first use."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.issuer = _plain(settings.oidc_issuer)
        self.client: Any = OAuth(app).register(
            "office",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=self.issuer + "/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "default_timeout": 5},
        )

    def leave(self, redirect_uri: str) -> ResponseReturnValue:
        """A redirect to the provider; state, nonce and verifier wait in the session. Raises SsoDown, Invalid."""
        try:
            return self.client.authorize_redirect(redirect_uri)  # type: ignore[no-any-return]
        except requests.RequestException as error:
            raise SsoDown("sso_down") from error
        except (AuthlibBaseError, RuntimeError, ValueError) as error:
            raise Invalid("sso_failed") from error

    def come_back(self) -> Vouched:
        """Read the provider's answer in the present request: state, code, signature, issuer, audience, nonce, times.

        Raises Invalid ``sso_failed`` when anything is wrong with it, SsoDown when the provider does not answer.
        """
        try:
            token = self.client.authorize_access_token()
            claims: dict[str, Any] | None = token.get("userinfo")
            if not claims or not claims.get("sub") or _plain(claims.get("iss")) != self.issuer:
                raise Invalid("sso_failed")
            username = claims.get("preferred_username") or self._username_from_userinfo(token, claims["sub"])
        except requests.RequestException as error:
            raise SsoDown("sso_down") from error
        except (AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError) as error:
            raise Invalid("sso_failed") from error
        return Vouched(self.issuer, str(claims["sub"]), str(username) if username else None)

    def _username_from_userinfo(self, token: Any, subject: str) -> str | None:
        """Some providers say the name at the userinfo endpoint only; it must be about the same subject."""
        if not self.client.load_server_metadata().get("userinfo_endpoint"):
            return None
        facts = self.client.userinfo(token=token)
        return facts.get("preferred_username") if facts.get("sub") == subject else None


def _plain(issuer: object) -> str:
    return str(issuer or "").rstrip("/")
