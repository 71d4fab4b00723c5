"""Rules of accounts: passwords, one-time codes, time-based passwords, growing delays. Pure.

Sources: NIST SP 800-63B §5.1.1 (memorised secrets: length counts, common ones refused), RFC 6238 (TOTP),
OWASP "Device cookies" (a guesser elsewhere must not keep the owner out).
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pyotp

PASSWORD_MIN: Final = 8
PASSWORD_MAX: Final = 128  # argon2 takes any length; a megabyte of password is an attack on our time
CODE_DIGITS: Final = 6
CODE_LIFETIME: Final = timedelta(minutes=5)
CODE_ATTEMPTS: Final = 5
CODE_PAUSE: Final = timedelta(seconds=60)
#: Codes to one phone asked for from one address in a day; a stranger's share of the phone's ceiling.
CODES_PER_DAY: Final = 5
#: The same for a browser that the phone's owner has signed in with.
CODES_PER_DAY_KNOWN: Final = 10
#: Policy key of the codes that one address may ask for in a day over all phones, and what holds without a row.
CODES_PER_VISITOR: Final = ("account.codes_per_visitor_a_day", 100)
TOTP_SECONDS: Final = 30
SECOND: Final = timedelta(seconds=1)

#: After this many wrong tries the next ones wait.
FREE_TRIES: Final = 5
#: The same for an account alone, counted over everybody who tries: many, because strangers count too.
FREE_TRIES_OF_ALL: Final = 30
FIRST_DELAY: Final = timedelta(minutes=1)
LONGEST_DELAY: Final = timedelta(hours=1)
#: A guesser at many addresses costs the owner at a new device at most this.
LONGEST_DELAY_OF_ALL: Final = timedelta(minutes=2)
FORGET_AFTER: Final = timedelta(hours=24)
SESSIONS_KEPT: Final = timedelta(days=30)

#: What everybody tries first, in lower case. Short on purpose: the delays do the rest.
COMMON: Final = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="ascii").split()
)

_CLASSES: Final = (re.compile("[0-9]"), re.compile("[A-Za-z]"), re.compile(r"[^0-9A-Za-z]"))
_USERNAME: Final = re.compile(r"[a-z][a-z0-9._-]{2,39}\Z")


def password_fault(password: str, known: Iterable[str] = ()) -> str | None:
    """The code of what is wrong with a new password, or None. `known` are the person's own name, phone, username."""
    if len(password) < PASSWORD_MIN:
        return "password_short"
    if len(password) > PASSWORD_MAX:
        return "password_long"
    if sum(1 for kind in _CLASSES if kind.search(password)) < 2:
        return "password_one_kind"
    plain = password.lower()
    if plain in COMMON or any(len(word) > 3 and word.lower() in plain for word in known):
        return "password_easy"
    return None


def username_is_good(username: str) -> bool:
    """3 to 40 of a-z 0-9 . _ - beginning with a letter."""
    return _USERNAME.match(username) is not None


def tidy_username(typed: str) -> str:
    """The username as it is stored: without blanks around it, in lower case."""
    return typed.strip().lower()


def delay(tries: int, *, everybody: bool = False) -> timedelta | None:
    """How long the next try waits after `tries` wrong ones; None while they are free.

    `everybody` counts the tries of all visitors for one account: later and shorter.
    """
    free, longest = (FREE_TRIES_OF_ALL, LONGEST_DELAY_OF_ALL) if everybody else (FREE_TRIES, LONGEST_DELAY)
    if tries < free:
        return None
    doublings = min(tries - free, 10)
    return min(FIRST_DELAY * int(2**doublings), longest)


def totp_step(secret: str, typed: str, now: datetime, last_step: int | None) -> int | None:
    """The time step that `typed` belongs to (the present one, one before or one after), or None when it is wrong.

    A step not after `last_step` was used already and is refused (RFC 6238 §5.2).
    """
    code = "".join(typed.split())
    present = int(now.timestamp()) // TOTP_SECONDS
    totp = pyotp.TOTP(secret)
    found = None
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    if found is None or (last_step is not None and found <= last_step):
        return None
    return found


def codes_a_day(*, known: bool) -> int:
    """How many codes one asker may have sent to one phone in a day; `known`: a browser of the phone's owner."""
    return CODES_PER_DAY_KNOWN if known else CODES_PER_DAY


def may_send_code(sent_at: list[datetime], now: datetime, *, known: bool = False) -> timedelta | None:
    """None when another one-time code may go to a phone for an asker, else how long to wait.

    `sent_at`: those of the last day for this phone and asker. `known`: see `codes_a_day`.
    """
    most = codes_a_day(known=known)
    today = sorted(at for at in sent_at if at > now - timedelta(days=1))
    if today and now - today[-1] < CODE_PAUSE:
        return today[-1] + CODE_PAUSE - now
    if len(today) >= most:
        return today[-most] + timedelta(days=1) - now
    return None


def minutes(wait: timedelta) -> int:
    """Whole minutes to tell a person, rounded up, at least 1."""
    return max(1, -(-int(wait.total_seconds()) // 60))


_BROWSERS: Final = (
    ("micromessenger", "wechat"),
    ("alipayclient", "alipay"),
    ("edg", "edge"),
    ("firefox", "firefox"),
    ("chrome", "chrome"),
    ("safari", "safari"),
)
_SYSTEMS: Final = (
    ("harmony", "harmony"),
    ("android", "android"),
    ("iphone", "iphone"),
    ("ipad", "ipad"),
    ("windows", "windows"),
    ("mac os", "mac"),
    ("linux", "linux"),
)


def device_of(user_agent: str) -> str:
    """Browser and system of a user agent as two codes ("wechat android"): enough to know one's own devices by."""
    plain = user_agent.lower()
    browser = next((code for mark, code in _BROWSERS if mark in plain), "other")
    system = next((code for mark, code in _SYSTEMS if mark in plain), "other")
    return f"{browser} {system}"


def common_region(codes: Iterable[str]) -> str:
    """The smallest GB/T 2260 region that holds all of `codes` (2, 4, 6 or 9 digits), "" when there is none."""
    held = list(codes)
    for length in (9, 6, 4, 2):
        starts = {code[:length] for code in held}
        if len(starts) == 1 and all(len(code) >= length for code in held):
            return starts.pop()
    return ""


_EMAIL = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


def tidy_email(typed: str) -> str | None:
    """An e-mail address as kept (blanks around it gone, domain in small letters); "" for none; None for a wrong one.

    Plain ASCII addresses only (RFC 5321 without quoted names): the bureau's own servers take no others.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        return ""
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        return None
    name, _, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"
