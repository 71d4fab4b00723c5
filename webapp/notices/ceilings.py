"""How many SMS may leave: for the whole city in an hour, for one phone in a day. Each costs money, and whoever makes
the platform send them need not be anybody that it knows.

Counted over the outbox, without a lock: messages written at the same moment may pass a ceiling by a few.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client import Counter

from webapp.core import clock, policy
from webapp.core.policy import NoPolicy

from . import queries, rules
from .models import Channel, OutboxMessage

log = logging.getLogger("webapp.notices")

#: The ceilings' names, and the last parts of the words ``error.sms_<name>_full``.
CITY: Final = "city"
PHONE: Final = "phone"
HELD = Counter("ydym_sms_held", "SMS that a ceiling held back", ["kind", "ceiling"])


@dataclass(frozen=True)
class Full:
    """The ceiling that is reached (CITY or PHONE), and from when on there is room again."""

    ceiling: str
    until: datetime


def reached(
    phone_hash: str, template: str, now: datetime, *, of_phone: bool = True, first: bool = False
) -> Full | None:
    """The ceiling that a message with `template` to this phone would pass at `now`, or None. Two queries at most.

    Codes and news are counted apart in both: anybody may ask for codes for a known number, and that must not silence
    what the platform has to tell its owner. Without `of_phone` only the city's ceiling is looked at. `first`: the first
    code that somebody asks for, who is measured by a higher ceiling of the phone.
    """
    code = rules.is_code(template)
    same_kind = queries.codes(only=code)
    codes = rules.FIRST_CODES_PER_PHONE_A_DAY if first else rules.CODES_PER_PHONE_A_DAY
    most = _most(codes if code else rules.NEWS_PER_PHONE_A_DAY, now)
    nth = queries.nth_leaving(most, OutboxMessage.phone_hash == phone_hash, same_kind) if of_phone else None
    if nth is not None and nth > now - rules.DAY:
        return _held(Full(PHONE, nth + rules.DAY), template)
    most = _most(rules.CODES_PER_HOUR if code else rules.NEWS_PER_HOUR, now)
    of_city = queries.nth_leaving(most, same_kind)
    if of_city is not None and of_city > now - rules.HOUR:
        return _held(Full(CITY, of_city + rules.HOUR), template)
    return None


def reached_by_mail(address_hash: str, now: datetime) -> Full | None:
    """The ceiling that an e-mail to this address would pass at `now`, or None. Mails and SMS are counted apart."""
    most = _most(rules.MAILS_PER_ADDRESS_A_DAY, now)
    nth = queries.nth_leaving(most, OutboxMessage.phone_hash == address_hash, channel=Channel.EMAIL)
    if nth is not None and nth > now - rules.DAY:
        return _held(Full(PHONE, nth + rules.DAY), "mail")
    of_city = queries.nth_leaving(_most(rules.MAILS_PER_HOUR, now), channel=Channel.EMAIL)
    if of_city is not None and of_city > now - rules.HOUR:
        return _held(Full(CITY, of_city + rules.HOUR), "mail")
    return None


def _held(full: Full, template: str) -> Full:
    kind = "mail" if template == "mail" else "code" if rules.is_code(template) else "news"
    HELD.labels(kind, full.ceiling).inc()
    log.warning("message held back", extra={"kind": kind, "reason": full.ceiling})
    return full


def _most(ceiling: tuple[str, int], now: datetime) -> int:
    """The value in force, at least 1."""
    key, otherwise = ceiling
    try:
        return max(1, policy.get_int(key, clock.day_of(now)))
    except NoPolicy:
        return otherwise
