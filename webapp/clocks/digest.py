"""The officers' deadlines in one e-mail a morning, instead of one for each."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from flask import current_app

from webapp.accounts.models import Account
from webapp.core import clock, policy
from webapp.notices import operations as notices
from webapp.web.spoken import said_to

from . import queries
from .reminding import Due, Stage, all_due

#: Lines in one e-mail: whoever has more works from the queue.
LINES: Final = 50
#: What comes first.
_ORDER: Final = (Stage.ESCALATED, Stage.LATE, Stage.TODAY, Stage.SOON)


def sweep(now: datetime) -> int:
    """On the morning of a working day write to every officer with an e-mail address who has something due.

    The key is the officer and the day, so the first sweep of the morning writes it. Returns how many it looked at.
    """
    today, hour = clock.day_of(now), now.astimezone(clock.SHANGHAI).hour
    if not queries.calendar().is_working_day(today):
        return 0
    if not policy.get_int("remind.digest_hour", today) <= hour < policy.get_int("remind.digest_until", today):
        return 0
    found = _by_officer(now)
    for account, dues in found:
        lines = [said_to(account.language, due.word, **due.details()) for due in dues[:LINES]]
        if len(dues) > LINES:
            lines.append(said_to(account.language, "clock.mail.digest.more", count=len(dues) - LINES))
        settings = current_app.extensions["ydym.settings"]
        details = {
            "name": account.name,
            "count": len(dues),
            "lines": "\n".join(lines),
            "url": f"{settings.public_scheme}://{settings.public_host}/office",
            "platform": settings.platform_name,
        }
        assert account.email  # _by_officer takes no others
        key = f"digest-{today:%Y%m%d}-{account.id}"
        notices.send_mail(account.email, "clock.mail.digest", details, key, now, language=account.language)
    return len(found)


def _by_officer(now: datetime) -> list[tuple[Account, list[Due]]]:
    found: dict[int, tuple[Account, list[Due]]] = {}
    for due in all_due(now):
        for account in due.accounts:
            if account.email:
                found.setdefault(account.id, (account, []))[1].append(due)
    for _account, dues in found.values():
        dues.sort(key=lambda due: (_ORDER.index(due.stage), due.due_on, due.row.id))
    return list(found.values())
