"""What an account is to operators. Merchants stand above accounts and fill the providers in at start."""

from __future__ import annotations

from collections.abc import Callable

Provider = Callable[[int], frozenset[int]]
_provider: Provider | None = None
_aside: Provider | None = None
_bodies: list[Provider] = []


def provide(provider: Provider, aside: Provider) -> None:
    """Set the functions that give, for an account, the operators it acts for and those it must stand aside from."""
    global _provider, _aside  # one answer for the process, filled in once at the start
    _provider, _aside = provider, aside


def operator_ids_of(account_id: int) -> frozenset[int]:
    """The operators that the account acts for."""
    if _provider is None:
        raise RuntimeError("merchants have not said who belongs to them")
    return _provider(account_id)


def aside_from(account_id: int) -> frozenset[int]:
    """The operators on which the officer must not decide (回避): their own, and those declared."""
    if _aside is None:
        raise RuntimeError("merchants have not said who stands aside")
    return _aside(account_id)


def provide_bodies(provider: Provider) -> None:
    """Set the function that gives, for an account, the mediating bodies it acts for."""
    _bodies[:] = [provider]


def body_ids_of(account_id: int) -> frozenset[int]:
    """The mediating bodies that the account acts for; none in a product without mediation."""
    return frozenset(one for provider in _bodies for one in provider(account_id))
