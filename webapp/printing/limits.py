"""How much may be printed and handed over: policy values of the day."""

from __future__ import annotations

from datetime import datetime

from webapp.core import clock, policy

from .rules import LINK_DAYS, MOST_KEYS, FileForm


def stickers_most(form: FileForm, now: datetime) -> int:
    """Stickers in one job of this form."""
    return policy.get_int(MOST_KEYS[form], clock.day_of(now))


def file_days(now: datetime) -> int:
    """Days after which a file is erased; it can be made again."""
    return policy.get_int("print.file_days", clock.day_of(now))


def links_most(now: datetime) -> int:
    """Links of one job that open at a time."""
    return policy.get_int("print.links_max", clock.day_of(now))


def downloads_most(now: datetime) -> int:
    """Downloads that one link may allow."""
    return policy.get_int("print.link_downloads_max", clock.day_of(now))


def link_days(now: datetime) -> tuple[int, ...]:
    """The terms that a link may have, days."""
    most = policy.get_int("print.link_days_max", clock.day_of(now))
    return tuple(days for days in LINK_DAYS if days <= most) or (most,)
