"""The picture of a campaign on the front page."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.core import clock
from webapp.core.errors import NotFound
from webapp.files import views as files
from webapp.web import access

from . import queries, rules

bp = Blueprint("campaigns", __name__)
FRESH = 300


@bp.get("/campaigns/<int:campaign_id>/picture")
@access.public
def picture(campaign_id: int) -> Response:
    """The picture in the width asked for (``?w=``), on the campaign's days only."""
    try:
        campaign = queries.get(campaign_id)
        file = queries.picture_of(campaign)
    except NotFound:
        raise NoSuchPage from None
    if not rules.is_shown(campaign.state, campaign.starts_on, campaign.ends_on, clock.today()):
        raise NoSuchPage
    response = files.answer(file)
    response.headers["Cache-Control"] = f"public, max-age={FRESH}, must-revalidate"
    return response
