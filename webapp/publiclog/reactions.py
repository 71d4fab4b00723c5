"""When a person is erased, nothing leads from the log to them any more; every proof stays valid."""

from __future__ import annotations

from typing import Any

from webapp.core.signals import account_erased

from . import operations


@account_erased.connect
def forget(_sender: None, *, account_id: int, **_news: Any) -> None:
    """Erase what the person's decisions were sealed with."""
    operations.erase_person(account_id)
