"""What can go wrong in the domain. Each error carries a code that the word catalogue turns into plain Chinese."""

from __future__ import annotations


class DomainError(Exception):
    """Base. `code` names a word (``error.<code>``); `details` fill its placeholders; `field` names the input."""

    status = 422

    def __init__(self, code: str, *, field: str | None = None, **details: object) -> None:
        super().__init__(code)
        self.code, self.field, self.details = code, field, details


class Invalid(DomainError):
    """What was given cannot be taken; the person can mend it."""


class NotFound(DomainError):
    """There is no such thing, or not for this person (the two are not told apart)."""

    status = 404


class Forbidden(DomainError):
    """This person may not do this."""

    status = 403


class Conflict(DomainError):
    """Somebody else was first, or the thing has moved on since the page was opened."""

    status = 409


class StepRefused(Conflict):
    """The lifecycle has no such step from the present state."""


class TooMany(DomainError):
    """Too many attempts; `details['retry_after']` is seconds."""

    status = 429
