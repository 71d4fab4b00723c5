"""How a message leaves the house: over an SMS gateway's HTTP interface, or not at all (the local outbox)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

#: Seconds to connect and to wait for the answer.
TIMEOUT: Final = (2.0, 5.0)
_RETRY: Final = frozenset({408, 425, 429})


class GatewayDown(Exception):
    """It may work later: no answer, a server error, too many requests."""


class GatewayRefused(Exception):
    """It will not work: the gateway understood and refused (bad number, no permission)."""


@dataclass(frozen=True)
class Sms:
    """A message on its way. `phone` is E.164; `key` stays the same when the message is tried again.

    `template`: what the gateway calls the text (see :mod:`.approved`); `language`: the text's, as a tag (BCP 47).
    """

    phone: str
    text: str
    template: str
    key: str
    language: str = "zh-Hans"


class SmsGateway(Protocol):
    """Anything that can deliver an SMS."""

    def send(self, message: Sms) -> None:
        """Hand the message over; raises GatewayDown or GatewayRefused."""


class LocalOutbox:
    """Delivers nothing: the message stays in the outbox table, where the local outbox page shows it."""

    def send(self, message: Sms) -> None:
        """Nothing leaves the house."""


class HttpSmsGateway:
    """A gateway that takes ``POST`` of JSON with a bearer token.

    Body: ``{"to": "+8613…", "text": "…", "template": "…", "language": "zh-Hans", "idempotency_key": "…"}``; the key
    stands in the header ``Idempotency-Key`` too, so that a message whose answer was lost is not delivered twice. 2xx:
    taken. 408, 425, 429 and 5xx: later. Any other answer: refused for good. No redirect is followed: the token is for
    this address alone.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def send(self, message: Sms) -> None:
        """Deliver by one request; raises GatewayDown or GatewayRefused, neither with anything personal in its words."""
        import requests  # noqa: PLC0415 - only where a gateway is set, and not before its first message

        headers = {"Idempotency-Key": message.key}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = {
            "to": message.phone,
            "text": message.text,
            "template": message.template,
            "language": message.language,
            "idempotency_key": message.key,
        }
        try:
            answer = requests.post(
                self._url, json=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise GatewayDown(type(error).__name__) from error
        if 200 <= answer.status_code < 300:
            return
        if answer.status_code >= 500 or answer.status_code in _RETRY:
            raise GatewayDown(f"status {answer.status_code}")
        raise GatewayRefused(f"status {answer.status_code}")


def from_settings(url: str, token: str) -> SmsGateway:
    """The gateway that the settings name; the local outbox when they name none."""
    return HttpSmsGateway(url, token) if url else LocalOutbox()
