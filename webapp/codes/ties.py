"""What a trust code means for changing the shop: slots ``shop.reviewed``, ``shop.bound``, ``shop.tied``."""

from __future__ import annotations

from webapp.merchants.models import Shop

from . import queries


def reviewed(shop: Shop) -> bool | None:
    """While a code stands, suspended or not, the facts that it vouches for change by an officer's approval."""
    return True if queries.standing(shop.id) is not None else None


def bound(shop: Shop) -> bool | None:
    """A shop that ever had a code stays with the officers who know it."""
    return True if queries.latest(shop.id) is not None else None


def tied(shop: Shop) -> str | None:
    """A proposal to revoke waits for its second officer, who would lose the shop."""
    code = queries.standing(shop.id)
    waits = code is not None and queries.open_revocation(code.id) is not None
    return "tied_by_revocation" if waits else None
