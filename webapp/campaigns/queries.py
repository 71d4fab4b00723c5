"""Reading campaigns."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from flask import url_for

from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.files.models import StoredFile
from webapp.files.queries import Picture, size_asked
from webapp.files.rules import Form, widths_for

from .models import Campaign
from .rules import SHOWN_MOST, CampaignState

#: CSS pixels that the front page keeps for a campaign: its width, and its shape.
FRONT_WIDTH, FRONT_SHAPE = 320, (640, 240)


def get(campaign_id: int) -> Campaign:
    """The campaign; raises NotFound."""
    found = db.session.get(Campaign, campaign_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of(campaign_id: int, **_rest: object) -> Scope:
    """For access rules: the region that it is for."""
    return Scope(get(campaign_id).region_code)


def picture_of(campaign: Campaign) -> StoredFile:
    """Its picture; raises NotFound when it was erased."""
    file = db.session.get(StoredFile, campaign.file_id)
    if file is None or file.erased_at is not None:
        raise NotFound("no_such_thing")
    return file


def front_picture(campaign: Campaign) -> Picture:
    """Its picture's public addresses on the front page, on the campaign's days."""

    def at(width: int, form: Form = Form.WEBP) -> str:
        return url_for("campaigns.picture", campaign_id=campaign.id, **size_asked(width, form))

    copies = ", ".join(f"{at(width)} {width}w" for width in widths_for(FRONT_WIDTH, None))
    whole = url_for("campaigns.picture", campaign_id=campaign.id)
    return Picture(whole, at(640, Form.JPEG), copies, FRONT_WIDTH, *FRONT_SHAPE)


def shown(today: date) -> list[Campaign]:
    """What the front page shows: the city's before a county's, the newest first. One query.

    The same as rules.is_shown, for the database.
    """
    statement = (
        sa.select(Campaign)
        .where(
            Campaign.state == CampaignState.APPROVED, Campaign.starts_on <= today, Campaign.ends_on >= today
        )
        .order_by(sa.func.length(Campaign.region_code), Campaign.starts_on.desc(), Campaign.id.desc())
        .limit(SHOWN_MOST)
    )
    return list(db.session.scalars(statement))


def office_list(posts: tuple[Post, ...], *, state: str = "") -> sa.Select[tuple[Campaign]]:
    """Campaigns within reach for paging: those that wait first, then the latest end."""
    reach = [Campaign.region_code.startswith(post.region_code, autoescape=True) for post in posts]
    statement = sa.select(Campaign).where(sa.or_(*reach) if reach else sa.false())
    if state in set(CampaignState):
        statement = statement.where(Campaign.state == CampaignState(state))
    waits = sa.case((Campaign.state == CampaignState.PROPOSED, 0), else_=1)
    return statement.order_by(waits, Campaign.ends_on.desc(), Campaign.id.desc())


def waiting(posts: tuple[Post, ...], account_id: int) -> int:
    """How many wait for this officer: proposed by somebody else."""
    reach = [Campaign.region_code.startswith(post.region_code, autoescape=True) for post in posts]
    statement = sa.select(sa.func.count(Campaign.id)).where(
        sa.or_(*reach) if reach else sa.false(),
        Campaign.state == CampaignState.PROPOSED,
        Campaign.proposed_by_id != account_id,
    )
    return db.session.scalar(statement) or 0
