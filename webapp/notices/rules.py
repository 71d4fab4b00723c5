"""Rules of sending: when a failed message is tried again, and when it is no use any more. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

MAX_ATTEMPTS: Final = 8
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(minutes=30)
#: A claim older than this belongs to a sender that died.
CLAIM_LIFETIME: Final = timedelta(minutes=2)
#: A message is no use after this; a one-time code much earlier than other news.
USEFUL_FOR: Final = timedelta(days=1)
#: How long a message stays in the outbox after it has left.
KEPT_FOR: Final = timedelta(days=30)
CODE_TEMPLATE: Final = "accounts.sms.code"
CODE_USEFUL_FOR: Final = timedelta(minutes=5)

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
#: Policy keys of the ceilings, with what holds when the table lacks them (after an upgrade people must be able to sign
#: in). Codes and news are counted apart: neither a flood of codes nor of news may silence the other.
CODES_PER_HOUR: Final = ("sms.codes_per_hour", 1000)
NEWS_PER_HOUR: Final = ("sms.news_per_hour", 3000)
CODES_PER_PHONE_A_DAY: Final = ("sms.codes_per_phone_a_day", 20)
#: The first code that an address asks for in a day: strangers at a few addresses must not use up the owner's day.
FIRST_CODES_PER_PHONE_A_DAY: Final = ("sms.first_codes_per_phone_a_day", 60)
NEWS_PER_PHONE_A_DAY: Final = ("sms.news_per_phone_a_day", 20)
MAILS_PER_HOUR: Final = ("mail.per_hour", 2000)
MAILS_PER_ADDRESS_A_DAY: Final = ("mail.per_address_a_day", 20)

_DIGITS: Final = re.compile(r"\d{4,}")


def useful_until(template: str, created_at: datetime) -> datetime:
    """The instant after which the message is not sent any more."""
    return created_at + (CODE_USEFUL_FOR if is_code(template) else USEFUL_FOR)


def is_code(template: str) -> bool:
    """A one-time code is of use now or never; all other news may wait."""
    return template == CODE_TEMPLATE


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`-th failure (10 s, doubling, at most 30 min); None: give up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return min(FIRST_PAUSE * int(2 ** max(attempts - 1, 0)), LONGEST_PAUSE)


def mask(text: str) -> str:
    """A message as an administrator may see it: numbers of four digits and more are hidden."""
    return _DIGITS.sub("••••", text)


def mask_email(address: str) -> str:
    """An e-mail address as an administrator may see it: l****@example.cn."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}****@{domain}"
