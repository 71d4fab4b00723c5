"""Sending what the outbox holds, after the commit: claimed first, so that two senders do not send one message.

The gateway gets the message's idempotency key: a sender that dies between the gateway's answer and our commit
leaves a claim that grows old, and the message is offered again under the same key.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import SQLAlchemyError

from webapp.core import clock
from webapp.core.db import db, may_write
from webapp.core.transaction import unit

from . import rules
from .approved import Approved
from .gateways import GatewayDown, GatewayRefused, Sms, SmsGateway
from .mail import Mail, MailGateway
from .models import Channel, OutboxMessage

log = logging.getLogger("webapp.notices")
BATCH = 50
_KEY = "ydym.sms_sender"


def _open(now: datetime) -> sa.ColumnElement[bool]:
    """Neither sent nor given up, due, and not in another sender's hands."""
    return sa.and_(
        OutboxMessage.sent_at.is_(None),
        OutboxMessage.given_up_at.is_(None),
        OutboxMessage.send_after <= now,
        sa.or_(OutboxMessage.claimed_at.is_(None), OutboxMessage.claimed_at < now - rules.CLAIM_LIFETIME),
    )


@contextmanager
def _looking() -> Iterator[None]:
    """A transaction that only reads: on SQLite it must not take the writers' turn."""
    token = may_write.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        may_write.reset(token)


def sweep(now: datetime) -> int:
    """Send everything that is due; returns how many were delivered. Needs an application context, no transaction."""
    sent, no_mail = 0, False
    for message_id, channel in _due(now):
        if no_mail and channel is Channel.EMAIL:
            continue  # a server that does not answer must not hold up the one-time codes of the next sweep
        message = _claim(message_id, now)
        if message is not None:
            delivered = _deliver(message, now)
            no_mail = no_mail or (channel is Channel.EMAIL and not delivered)
            sent += delivered
    return sent


def _due(now: datetime) -> list[tuple[int, Channel]]:
    """What to send, SMS first: somebody waits for a code."""
    first = sa.case((OutboxMessage.channel == Channel.SMS, 0), else_=1)
    statement = sa.select(OutboxMessage.id, OutboxMessage.channel).where(_open(now))
    with _looking():
        return list(db.session.execute(statement.order_by(first, OutboxMessage.id).limit(BATCH)).tuples())


def _hand_over(message: OutboxMessage) -> None:
    """Through the gateway of its channel; raises GatewayDown or GatewayRefused."""
    key = message.idempotency_key
    if message.channel is Channel.EMAIL:
        post: MailGateway = current_app.extensions["ydym.mail_gateway"]
        post.send(Mail(message.address, message.subject or "", message.text, key, message.created_at))
        return
    gateway: SmsGateway = current_app.extensions["ydym.sms_gateway"]
    approved: Approved = current_app.extensions["ydym.sms_templates"]
    template = approved.code(message.template, message.language)
    gateway.send(Sms(message.address, message.text, template, key, message.language.value))


def _claim(message_id: int, now: datetime) -> OutboxMessage | None:
    with unit():
        statement = sa.update(OutboxMessage).where(OutboxMessage.id == message_id, _open(now))
        statement = statement.values(claimed_at=now, attempts=OutboxMessage.attempts + 1)
        result = cast("CursorResult[Any]", db.session.execute(statement))
        if result.rowcount != 1:
            return None
        return db.session.get(OutboxMessage, message_id, populate_existing=True)


def _deliver(message: OutboxMessage, now: datetime) -> bool:
    """Hand a claimed message to the gateway, outside any transaction, and write down what came of it."""
    if now > rules.useful_until(message.template, message.created_at):
        return _finish(message.id, given_up_at=now, last_error="too late")
    try:
        _hand_over(message)
    except GatewayRefused as error:
        log.warning("message refused", extra={"kind": str(error), "count": message.attempts})
        return _finish(message.id, given_up_at=now, last_error=str(error)[:200])
    except GatewayDown as error:
        log.warning("message not sent", extra={"kind": str(error), "count": message.attempts})
        pause = rules.pause_after(message.attempts)
        later = {"given_up_at": now} if pause is None else {"claimed_at": None, "send_after": now + pause}
        return _finish(message.id, last_error=str(error)[:200], **later)
    _finish(message.id, sent_at=now, last_error=None)
    return True


def _finish(message_id: int, **values: object) -> bool:
    with unit():
        db.session.execute(sa.update(OutboxMessage).where(OutboxMessage.id == message_id).values(**values))
    return False


def waiting() -> bool:
    """True while some message is neither sent nor given up."""
    statement = sa.select(OutboxMessage.id).where(
        OutboxMessage.sent_at.is_(None), OutboxMessage.given_up_at.is_(None)
    )
    with _looking():
        return db.session.scalar(statement.limit(1)) is not None


class Sender:
    """A thread of one worker that sweeps when it is woken, and again while something waits."""

    def __init__(self, app: Flask, every: float = 10.0) -> None:
        self._app, self._every = app, every
        self._woken, self._stopped = threading.Event(), False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Begin to send soon. The thread starts here and not earlier: a server forks its workers first."""
        self._woken.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="notices-sender", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Finish what is being sent and end the thread."""
        self._stopped = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout=15)

    def _run(self) -> None:
        pause: float | None = None
        while True:
            self._woken.wait(pause)
            self._woken.clear()
            if self._stopped:
                return
            try:
                with self._app.app_context():
                    sweep(clock.now())
                    pause = self._every if waiting() else None
            except SQLAlchemyError as error:
                log.warning("outbox unreadable", extra={"kind": type(error).__name__})
                pause = self._every


def wake() -> None:
    """Wake this worker's sender (tests sweep by themselves)."""
    if not current_app.config["TESTING"]:
        cast("Sender", current_app.extensions[_KEY]).wake()


def register(app: Flask) -> None:
    """Give the application its sender."""
    app.extensions[_KEY] = Sender(app)
