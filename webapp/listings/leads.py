"""What the register proposes for the black list (列入严重违法失信名单), and the rule table of talks and orders.

The proposer is the register's feed or that table, which is nobody: a lead becomes an entry only when an officer makes
it a proposal of their own, and that is public only after a second, different officer has confirmed it.
"""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import audit
from webapp.core.actor import SYSTEM, Actor, Post, Role, Scope
from webapp.core.db import Base, Code, Id, Instant, choice, db, fk
from webapp.core.errors import Conflict, NotFound
from webapp.core.steps import Steps, step
from webapp.merchants.models import Shop
from webapp.merchants.queries import within

from .models import Listing
from .rules import Colour, check_texts

REGISTER, GROUND, REASON_LONGEST = "register", "serious_violation", 500
_OPEN = sa.text("state = 'open'")


class LeadState(enum.StrEnum):
    """Where a lead stands."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"


L = LeadState
LEAD_STEPS: Steps[LeadState] = Steps(
    "listing_lead",
    L.OPEN,
    [
        # By proposing the entry, which a second officer confirms or refuses.
        step("take", {L.OPEN}, L.TAKEN, {Role.STATION_OFFICER, Role.BUREAU_OFFICER}),
        step("decline", {L.OPEN}, L.DECLINED, {Role.BUREAU_OFFICER}, needs_reason=True),
        # The register took the operator off its list again.
        step("lapse", {L.OPEN}, L.LAPSED, {Role.SYSTEM}),
    ],
)


class ListingLead(Base):
    """A shop that somebody who is no officer (`proposer`) names for the black list, with what they say."""

    __tablename__ = "listing_lead"
    __table_args__ = (
        sa.CheckConstraint(
            "state <> 'taken' OR (listing_id IS NOT NULL AND decided_by_id IS NOT NULL)",
            name="taken_by_somebody",
        ),
        sa.Index("uq_listing_lead_open", "shop_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    state: Mapped[LeadState] = mapped_column(choice(LeadState, "state"))
    proposer: Mapped[Code]
    ground: Mapped[Code]
    evidence: Mapped[str]
    found_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    listing_id: Mapped[int | None] = fk("listing.id")
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


def get(lead_id: int) -> ListingLead:
    """One lead; raises NotFound."""
    lead = db.session.get(ListingLead, lead_id)
    if lead is None:
        raise NotFound("no_such_thing")
    return lead


def scope_of_lead(lead_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop."""
    return get(lead_id).shop.scope


def find_open(shop_id: int) -> ListingLead | None:
    """The lead of a shop that waits, or None."""
    return db.session.scalar(
        sa.select(ListingLead).where(ListingLead.shop_id == shop_id, ListingLead.state == LeadState.OPEN)
    )


def open_within(posts: tuple[Post, ...], limit: int = 200) -> list[ListingLead]:
    """Leads within reach that wait, the oldest first."""
    statement = (
        sa.select(ListingLead)
        .join(Shop, Shop.id == ListingLead.shop_id)
        .where(ListingLead.state == LeadState.OPEN, within(posts))
        .order_by(ListingLead.id)
    )
    return list(db.session.scalars(statement.limit(limit)))


def found(
    shop_id: int, evidence: str, now: datetime, proposer: str = REGISTER, ground: str = GROUND
) -> ListingLead | None:
    """The register (or `proposer`) names a shop; nothing new when a lead or a black entry of it stands already."""
    stands = sa.select(Listing.id).where(
        Listing.shop_id == shop_id,
        Listing.colour == Colour.BLACK,
        Listing.state.in_(("proposed", "confirmed", "published")),
    )
    if find_open(shop_id) is not None or db.session.scalar(stands) is not None:
        return None
    lead = ListingLead(
        shop_id=shop_id,
        state=LEAD_STEPS.first,
        proposer=proposer,
        ground=ground,
        evidence=evidence,
        found_at=now,
    )
    db.session.add(lead)
    db.session.flush()
    _record(lead, "found", SYSTEM, now)
    return lead


def lapse(shop_id: int, now: datetime, proposer: str = REGISTER) -> None:
    """The register (or `proposer`) no longer says so: its lead that waits is over. An entry goes its own way."""
    lead = find_open(shop_id)
    if lead is not None and lead.proposer == proposer:
        lead.state, lead.decided_at = (
            LEAD_STEPS.check(lead.state, "lapse", SYSTEM, lead.shop.scope).target,
            now,
        )
        _record(lead, "lapse", SYSTEM, now)


def taken(listing: Listing, actor: Actor, now: datetime) -> None:
    """An officer proposed a black entry for the shop: the lead that waited is answered by it."""
    lead = find_open(listing.shop_id)
    if lead is None or listing.colour is not Colour.BLACK:
        return
    lead.state = LEAD_STEPS.check(lead.state, "take", actor, lead.shop.scope).target
    lead.decided_by_id, lead.decided_at, lead.listing_id = actor.account_id, now, listing.id
    _record(lead, "take", actor, now)


def decline(lead_id: int, reason: str, version: int, actor: Actor, now: datetime) -> ListingLead:
    """Not to be listed, with a reason. Raises Conflict, Forbidden, Invalid (``reason``)."""
    lead = get(lead_id)
    if lead.state is not LeadState.OPEN:
        raise Conflict("already_decided")
    if lead.version != version:
        raise Conflict("changed_meanwhile")
    step_found = LEAD_STEPS.check(lead.state, "decline", actor, lead.shop.scope, reason)
    check_texts(reason=(reason, REASON_LONGEST))
    lead.state, lead.reason = step_found.target, reason.strip()
    lead.decided_by_id, lead.decided_at = actor.account_id, now
    _record(lead, "decline", actor, now)
    return lead


def _record(lead: ListingLead, action: str, actor: Actor, now: datetime) -> None:
    db.session.flush()
    audit.record(
        actor,
        f"listing_lead.{action}",
        "listing_lead",
        lead.id,
        now=now,
        shop_id=lead.shop_id,
        new={"state": lead.state.value},
        reason_code=lead.ground,
        reason=lead.reason,
    )
