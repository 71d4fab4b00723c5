"""Which operators a merchant account acts for. Merchants stand above accounts and fill the provider in at start."""

from __future__ import annotations

from collections.abc import Callable

_provider: Callable[[int], frozenset[int]] | None = None


def provide(provider: Callable[[int], frozenset[int]]) -> None:
    """Set the function that gives the operator ids of an account."""
    global _provider  # noqa: PLW0603 - one answer for the process, filled in once at the start
    _provider = provider


def operator_ids_of(account_id: int) -> frozenset[int]:
    """The operators that the account acts for."""
    if _provider is None:
        raise RuntimeError("merchants have not said who belongs to them")
    return _provider(account_id)
