"""What the register's service is to the rest: pages of changed operators, or a reason why there are none.

The service itself is in `http_register.py` (docs/register-service.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from webapp.settings import Settings


class ServiceFailed(Exception):
    """The service gave no usable answer. `reason` ends a word key (``registry.stopped.<reason>``)."""

    def __init__(self, reason: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.detail, self.retry_after = reason, detail[:200], retry_after


@dataclass(frozen=True)
class Page:
    """Some changed operators as the service words them; the cursor of the next page, None after the last.

    `until`: what the next pull asks for, as the service words it.
    """

    items: tuple[Any, ...]
    next_cursor: str | None
    until: str


class RegisterService(Protocol):
    """Anything that tells which operators have changed."""

    def changes(self, since: str | None, cursor: str | None) -> Page:
        """One page of what changed after `since` (None: everything there is). Raises :class:`ServiceFailed`."""


def from_settings(settings: Settings) -> RegisterService | None:
    """The service that the settings name; None when they name none: the product is offline by default."""
    if not settings.registry_url:
        return None
    # Imported here: the client and what it needs take megabytes of every worker, and one worker at a time pulls.
    from .http_register import HttpRegister  # noqa: PLC0415 - see above

    return HttpRegister(settings)
