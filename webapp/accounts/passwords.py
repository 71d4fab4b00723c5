"""Password hashes: argon2id. Verify outside a transaction: it takes tens of milliseconds on purpose."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: RFC 9106's second choice scaled to two cores: 19 MiB, two passes (OWASP's minimum).
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def make_hash(password: str) -> str:
    """An argon2id hash with a salt of its own."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    return make_hash("no such account: this hash only takes time")


def matches(password_hash: str | None, password: str) -> bool:
    """True when `password` is right. Without a hash the same work is done and the answer is False."""
    try:
        _hasher.verify(password_hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """True when the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
