"""The register's HTTP service (docs/register-service.md), loaded by the first pull.

OAuth 2 client credentials (RFC 6749 section 4.4) by Authlib; a request that failed in passing is repeated with growing
pauses and jitter, or after the pause that the service asks for (RFC 9110 ``Retry-After``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from webapp.settings import Settings, keeps_secrets

from .service import Page, ServiceFailed

#: Seconds to connect and to wait for more of the answer.
TIMEOUT: Final = (5.0, 30.0)
ATTEMPTS: Final = 5
#: Seconds: the first pause, the longest one, and what is added by chance at most.
PAUSE: Final = (0.5, 20.0, 1.0)
#: Operators asked for at once; a page larger than this many bytes is not read to its end.
PAGE_SIZE: Final = 1000
PAGE_BYTES: Final = 32 * 1024 * 1024
LONGEST_CURSOR: Final = 400
LONGEST_MARK: Final = 80
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class _Passing(ServiceFailed):
    """It may work in a moment."""


class HttpRegister:
    """The register service over HTTP. One object serves one pull; `sleep` is for tests."""

    def __init__(self, settings: Settings, sleep: Callable[[float], None] | None = None) -> None:
        self._url, self._token_url = settings.registry_url, settings.registry_token_url
        self._session = OAuth2Session(
            settings.registry_client_id,
            settings.registry_client_secret,
            scope=settings.registry_scope or None,
            token_endpoint=settings.registry_token_url,
            grant_type="client_credentials",
        )
        self._session.trust_env = False  # no netrc, no proxy that the settings do not name
        self._sleep = sleep

    def changes(self, since: str | None, cursor: str | None) -> Page:
        """One page; tried again up to :data:`ATTEMPTS` times when the failure is a passing one.

        Over plain http to another machine nothing is asked, not even for a token: everybody on the way would read it.
        """
        for address in (self._token_url, self._url):
            if not keeps_secrets(address):
                raise ServiceFailed("service_insecure", urlsplit(address).hostname or "")
        return _retrying(self._sleep)(self._page, since, cursor)

    def _page(self, since: str | None, cursor: str | None) -> Page:
        asked: dict[str, str | int] = {"limit": PAGE_SIZE}
        if since:
            asked["since"] = since
        if cursor:
            asked["cursor"] = cursor
        try:
            if not self._session.token:
                self._session.fetch_token(self._token_url, timeout=TIMEOUT, allow_redirects=False)
            answer = self._session.get(
                self._url, params=asked, timeout=TIMEOUT, allow_redirects=False, stream=True
            )
            with answer:
                return self._read(answer)
        except requests.RequestException as error:
            status = getattr(error.response, "status_code", 0)  # the token's address answered with an error
            if status and status not in _PASSING:
                raise ServiceFailed("service_credentials", f"HTTP {status}") from error
            raise _Passing(
                "service_unreachable", f"HTTP {status}" if status else type(error).__name__
            ) from error
        except (AuthlibBaseError, KeyError, ValueError) as error:
            raise ServiceFailed(
                "service_credentials", getattr(error, "error", "") or type(error).__name__
            ) from error

    def _read(self, answer: requests.Response) -> Page:
        status = answer.status_code
        if status == 401:  # a token may end before its time; with a fresh one the next attempt tells
            self._session.token = None
            raise _Passing("service_credentials", "HTTP 401")
        if status in _PASSING:
            raise _Passing(
                "service_unreachable", f"HTTP {status}", _seconds(answer.headers.get("Retry-After"))
            )
        if status == 403:
            raise ServiceFailed("service_credentials", "HTTP 403")
        if status != 200:
            raise ServiceFailed("service_refused", f"HTTP {status}")
        return _page_of(_body(answer))


def _retrying(sleep: Callable[[float], None] | None) -> Retrying:
    first, longest, jitter = PAUSE
    usual = wait_exponential_jitter(multiplier=first, max=longest, jitter=jitter)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ServiceFailed) else None
        return max(usual(state), min(asked or 0.0, longest))

    options: dict[str, Any] = {} if sleep is None else {"sleep": sleep}
    return Retrying(
        retry=retry_if_exception_type(_Passing),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait,
        reraise=True,
        **options,
    )


def _seconds(text: str | None) -> float | None:
    """``Retry-After`` in seconds; its other form, a date, is left to the usual pause."""
    return float(text) if text and text.isascii() and text.isdigit() else None


def _body(answer: requests.Response) -> bytes:
    parts, size = [], 0
    for part in answer.iter_content(1 << 16):
        size += len(part)
        if size > PAGE_BYTES:
            raise ServiceFailed("service_strange", f"> {PAGE_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


def _page_of(body: bytes) -> Page:
    """The page that an answer holds; raises for anything of another shape."""
    try:
        found = json.loads(body)
        items, cursor, until = found["items"], found.get("next"), found["until"]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise ServiceFailed("service_strange", type(error).__name__) from error
    cursor_ok = cursor is None or (isinstance(cursor, str) and 0 < len(cursor) <= LONGEST_CURSOR)
    until_ok = isinstance(until, str) and 0 < len(until) <= LONGEST_MARK
    if not isinstance(items, list) or not cursor_ok or not until_ok:
        raise ServiceFailed("service_strange", "items, next, until")
    return Page(tuple(items), cursor, until)
