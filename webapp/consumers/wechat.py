"""Signing in by WeChat (微信网页授权), when the settings name an official account; without, nobody hears of it.

Only who somebody is is asked for (scope ``snsapi_base``): an openid, no name and no picture, and no question to the
consumer. The provider's manners differ from OAuth 2 (RFC 6749): ``appid`` and ``secret`` travel as parameters of a GET,
the answer is JSON called ``text/plain``, and a refusal is a 200 with ``errcode``.
Source: developers.weixin.qq.com, 网页授权.
"""

from __future__ import annotations

from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, current_app, request

from webapp.core.errors import DomainError, Invalid
from webapp.settings import Settings

#: Where WeChat itself asks people; it answers in WeChat's own browser only.
OWN: Final = "https://open.weixin.qq.com/"
SCOPE: Final = "snsapi_base"
TIMEOUT: Final = 5
_KEY: Final = "ydym.wechat"
#: WeChat's codes for an authorisation code that is wrong, used or too old; everything else is our fault or theirs.
_CODE_REFUSED: Final = frozenset({40029, 40163, 42003, 41008})
#: The order in which WeChat wants them.
_ORDER: Final = ("appid", "redirect_uri", "response_type", "scope", "state")


class WechatDown(DomainError):
    """WeChat does not answer, or not as it should; the other way in still works."""

    status = 503


class Wechat(Protocol):
    """What signing in asks of WeChat."""

    app_id: str
    #: Does it answer in any browser, or in WeChat's own alone?
    anywhere: bool

    def leave(self, back: str) -> tuple[str, str]:
        """The address to send the browser to, and the state that must come back; `back` is ours."""

    def openid(self, code: str) -> str:
        """Who the code vouches for. Raises Invalid ``wechat_failed``, WechatDown."""


class OfficialAccount:
    """The official account that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self.app_id, self._secret = settings.wechat_app_id, settings.wechat_app_secret
        self._authorize, self._token = settings.wechat_authorize_url, settings.wechat_token_url
        self.anywhere = not self._authorize.startswith(OWN)

    def leave(self, back: str) -> tuple[str, str]:
        with self._session(back) as session:
            address, state = session.create_authorization_url(self._authorize, appid=self.app_id)
        asked = parse_qs(urlsplit(address).query)
        query = urlencode([(name, asked[name][0]) for name in _ORDER])
        return f"{self._authorize}?{query}#wechat_redirect", str(state)

    def openid(self, code: str) -> str:
        import requests  # noqa: PLC0415 - a worker that nobody signs in at needs neither
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415

        try:
            with self._session("") as session:
                session.register_compliance_hook("access_token_response", _checked)
                token = session.fetch_token(
                    self._token,
                    method="GET",
                    grant_type="authorization_code",
                    code=code,
                    appid=self.app_id,
                    secret=self._secret,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            raise WechatDown("wechat_down") from error
        except (AuthlibBaseError, ValueError) as error:
            raise WechatDown("wechat_down") from error
        openid = token.get("openid")
        if not isinstance(openid, str) or not 0 < len(openid) <= 128:
            raise WechatDown("wechat_down")
        return openid

    def _session(self, back: str) -> Any:
        from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415

        return OAuth2Session(
            self.app_id,
            scope=SCOPE,
            redirect_uri=back or None,
            token_endpoint_auth_method="none",  # noqa: S106 - the secret is a parameter
            default_timeout=TIMEOUT,
        )


def _checked(answer: Any) -> Any:
    """WeChat's refusals come as 200; say what they mean. No part of them reaches a page or a log."""
    if answer.status_code != 200:
        raise WechatDown("wechat_down")
    said = answer.json()
    wrong = said.get("errcode") if isinstance(said, dict) else None
    if wrong:
        raise Invalid("wechat_failed") if wrong in _CODE_REFUSED else WechatDown("wechat_down")
    if not isinstance(said, dict):
        raise WechatDown("wechat_down")
    return answer


def register(app: Flask) -> None:
    """Prepare the client when the settings name an official account."""
    settings = app.extensions["ydym.settings"]
    if settings.wechat_app_id:
        app.extensions[_KEY] = OfficialAccount(settings)


def provider() -> Wechat | None:
    """The official account, or None when the settings name none."""
    found: Wechat | None = current_app.extensions.get(_KEY)
    return found


def offered() -> bool:
    """Can this browser go there?"""
    found = provider()
    return found is not None and (found.anywhere or "MicroMessenger" in request.user_agent.string)
