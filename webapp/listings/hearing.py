"""Hearing the merchant: what it says before publication, its reply beside the entry, and hiding a reply. No commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from webapp import audit, feed
from webapp.core.actor import Actor, Role
from webapp.core.errors import Conflict, Invalid
from webapp.core.steps import permit
from webapp.files.operations import attach

from . import process, queries
from .models import Listing
from .operations import OWNER_TYPE, flush, opened
from .rules import REASON_LONGEST, Colour, ListingState, check_texts, hearing_open

#: Files that the merchant adds to what it says hang on the entry by this owner.
STATEMENT_OWNER = "listing_statement"
_MERCHANT = frozenset({Role.MERCHANT})
_OFFICER = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})


def speak(listing_id: int, text: str, actor: Actor, now: datetime, file_ids: Sequence[int] = ()) -> Listing:
    """陈述申辩: the merchant's word before anything is public. Said once more within the time, it replaces the first.

    Raises Conflict (``listing_hearing_over``) after the hearing, Invalid for an empty or too long text.
    """
    listing = _black_of(listing_id, actor)
    check_texts(text=(text, process.TEXT_LONGEST))
    if not hearing_open(listing.state, listing.hearing_until, now):
        raise Conflict("listing_hearing_over")
    if listing.statement == text.strip() and not file_ids:
        return listing  # the same form once more
    listing.statement, listing.statement_at, listing.statement_by_id = text.strip(), now, actor.account_id
    flush()
    attach(file_ids, STATEMENT_OWNER, listing.id, actor=actor)
    _note(listing, "listing.speak", actor, now)
    return listing


def reply(listing_id: int, text: str, actor: Actor, now: datetime) -> Listing:
    """The merchant's own words beside the published entry; an empty text takes them away. Public with the commit."""
    listing = _black_of(listing_id, actor)
    if listing.state is not ListingState.PUBLISHED:
        raise Conflict("listing_not_public")
    if len(text) > process.REPLY_LONGEST:
        raise Invalid("listing_text_too_long", field="text", longest=process.REPLY_LONGEST, length=len(text))
    if (listing.reply or "") == text.strip():
        return listing
    listing.reply, listing.reply_at, listing.reply_by_id = text.strip() or None, now, actor.account_id
    listing.reply_hidden_reason = None
    flush()
    _note(listing, "listing.reply", actor, now)
    feed.publish("listing.reply", now=now, shop_id=listing.shop_id, colour=listing.colour.value)
    return listing


def hide_reply(listing_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Listing:
    """An officer takes a reply off the public page (names, insults); the merchant reads why and may rewrite."""
    listing = opened(listing_id, version)
    permit(actor, _OFFICER, listing.shop.scope, "no_access")
    check_texts(reason=(reason, REASON_LONGEST))
    if not listing.public_reply:
        raise Conflict("changed_meanwhile")
    listing.reply_hidden_reason = reason.strip()
    flush()
    _note(listing, "listing.hide_reply", actor, now, reason.strip())
    feed.publish("listing.reply", now=now, shop_id=listing.shop_id, colour=listing.colour.value)
    return listing


def _black_of(listing_id: int, actor: Actor) -> Listing:
    listing = queries.get(listing_id)
    permit(actor, _MERCHANT, listing.shop.scope, "no_access")
    if listing.colour is not Colour.BLACK:
        raise Conflict("listing_not_public")
    return listing


def _note(listing: Listing, action: str, actor: Actor, now: datetime, reason: str | None = None) -> None:
    audit.record(actor, action, OWNER_TYPE, listing.id, now=now, shop_id=listing.shop_id, reason=reason)
