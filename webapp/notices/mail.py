"""How an e-mail leaves the house: over SMTP (RFC 5321), or not at all (the local outbox)."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from .gateways import GatewayDown, GatewayRefused

#: Seconds to wait for any answer of the server.
TIMEOUT: Final = 10.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    """A message on its way. `key` and `at` stay the same when it is tried again."""

    address: str
    subject: str
    text: str
    key: str
    at: datetime


class MailGateway(Protocol):
    """Anything that can deliver an e-mail."""

    def send(self, mail: Mail) -> None:
        """Hand it over; raises GatewayDown or GatewayRefused."""


class LocalMail:
    """Delivers nothing: the message stays in the outbox table, where the local outbox page shows it."""

    def send(self, mail: Mail) -> None:
        """Nothing leaves the house."""


class SmtpGateway:
    """A mail server named by a URL: ``smtp://user:password@host:587`` (STARTTLS where offered) or ``smtps://`` (TLS).

    Name and password may be %-encoded. They go over TLS only, except to this machine. A message has the same
    Message-ID whenever it is tried, so that a mailbox can tell a second copy whose first answer was lost. 4xx answers
    and everything that the server says before it hears the address: later. 5xx for the address or the text: for good.
    """

    def __init__(self, url: str, sender: str) -> None:
        self._at: SplitResult = urlsplit(url)
        self._from = sender

    def send(self, mail: Mail) -> None:
        """Deliver by one connection; raises GatewayDown or GatewayRefused, neither with a person in its words."""
        try:
            with self._connect() as server:
                self._prove(server)
                self._hand_over(server, mail)
        except smtplib.SMTPResponseException as error:
            raise GatewayDown(f"status {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise GatewayDown(type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        host, port = self._at.hostname or "", self._at.port or _PORTS[self._at.scheme]
        if self._at.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=TIMEOUT)

    def _prove(self, server: smtplib.SMTP) -> None:
        """Go over to TLS where the server offers it, and sign in where the URL says as whom."""
        server.ehlo()
        safe = self._at.scheme == "smtps" or self._at.hostname in _LOOPBACK
        if self._at.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            safe = True
        if self._at.username:
            if not safe:
                raise GatewayDown("no TLS for the password")
            server.login(unquote(self._at.username), unquote(self._at.password or ""))

    def _hand_over(self, server: smtplib.SMTP, mail: Mail) -> None:
        try:
            server.send_message(self._letter(mail), self._from, [mail.address])
        except smtplib.SMTPRecipientsRefused as error:
            [(code, _said)] = error.recipients.values()
            _sort(code, error)
        except smtplib.SMTPDataError as error:
            _sort(error.smtp_code, error)

    def _letter(self, mail: Mail) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._from, mail.address, mail.subject
        letter["Date"] = format_datetime(mail.at)
        digest = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
        letter["Message-ID"] = f"<{digest}@{self._from.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot answers it
        letter.set_content(mail.text, cte="base64")
        return letter


def _sort(code: int, error: Exception) -> None:
    """A 4xx answer may change, a 5xx one not."""
    if code >= 500:
        raise GatewayRefused(f"status {code}") from error
    raise GatewayDown(f"status {code}") from error


def from_settings(url: str, sender: str) -> MailGateway:
    """The server that the settings name; the local outbox when they name none."""
    return SmtpGateway(url, sender) if url else LocalMail()
