"""A mail server for tests: aiosmtpd on a port of its own that does what it is told, and keeps what it took."""

from __future__ import annotations

import contextlib
import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "ydym@mail.example.cn", "p:ss/word"


@dataclass
class Mailbox:
    """`rcpt` and `data`: answers to give before anything else. `tries`: how often somebody named an address."""

    port: int = 0
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    tries: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """As it was at first."""
        for kept in (self.rcpt, self.data, self.taken, self.to):
            kept.clear()
        self.tries = 0


class Handler:
    """Takes messages into the mailbox."""

    def __init__(self, box: Mailbox) -> None:
        self._box = box

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 sign in first"
        self._box.tries += 1
        if self._box.rcpt:
            return self._box.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self._box.data:
            return self._box.data.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self._box.taken.append(email.message_from_bytes(content, policy=email.policy.default))
        self._box.to.extend(envelope.rcpt_tos)
        return "250 OK"


def _check(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=known, handled=False)


class _Server(Controller):
    """Tells the port that the system chose."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextlib.contextmanager
def running() -> Iterator[Mailbox]:
    """Run the server; yield its mailbox."""
    box = Mailbox()
    server = _Server(
        Handler(box),
        hostname="127.0.0.1",
        port=0,
        authenticator=_check,
        auth_require_tls=False,
    )
    server.start()
    box.port = server.port
    try:
        yield box
    finally:
        server.stop()
