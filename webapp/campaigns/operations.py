"""Proposing, deciding and withdrawing campaigns. No commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from webapp import audit, feed
from webapp.core import clock
from webapp.core.actor import Actor, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.steps import permit
from webapp.files import operations as files
from webapp.regions import queries as regions

from . import queries, rules
from .models import Campaign
from .rules import BUREAU, STEPS, CampaignState


@dataclass(frozen=True)
class Draft:
    """What an officer wrote; `file_id` is the staged picture, None while there is none."""

    title: str
    title_en: str
    link: str
    region_code: str
    starts_on: date | None
    ends_on: date | None
    file_id: int | None


def check(draft: Draft, actor: Actor, now: datetime) -> None:
    """Raises Invalid with the field, Forbidden out of reach."""
    rules.check_titles(draft.title, draft.title_en)
    rules.check_link(draft.link.strip())
    _check_page(draft.link.strip())
    if regions.find(draft.region_code) is None:
        raise Invalid("campaign_region", field="region_code")
    permit(actor, frozenset(BUREAU), Scope(draft.region_code), "no_access")
    for field in ("starts_on", "ends_on"):
        if getattr(draft, field) is None:
            raise Invalid("required", field=field)
    if draft.starts_on is not None and draft.ends_on is not None:
        rules.check_days(draft.starts_on, draft.ends_on, clock.day_of(now))
    if draft.file_id is None:
        raise Invalid("campaign_picture", field="picture")


def _check_page(link: str) -> None:
    """A link to a page that is not there is a mistake that is better seen now."""
    path = link.partition("?")[0].partition("#")[0]
    try:
        current_app.url_map.bind("localhost").match(path, method="GET")
    except RequestRedirect:
        return
    except HTTPException as error:
        raise Invalid("campaign_no_page", field="link") from error


def propose(draft: Draft, actor: Actor, now: datetime) -> Campaign:
    """First of two people. Raises Invalid, Forbidden."""
    check(draft, actor, now)
    if actor.account_id is None or draft.file_id is None or not draft.starts_on or not draft.ends_on:
        raise Forbidden("no_access")
    campaign = Campaign(
        state=STEPS.first,
        title=draft.title.strip(),
        title_en=draft.title_en.strip(),
        link=draft.link.strip(),
        region_code=draft.region_code,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        file_id=draft.file_id,
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(campaign)
    db.session.flush()
    files.attach([draft.file_id], "campaign", campaign.id, actor=actor)
    _record(campaign, "propose", actor, now)
    return campaign


def decide(campaign_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Campaign:
    """Second of two people: ``approve`` shows it on its days, ``refuse`` does not. Never who proposed."""
    campaign = _opened(campaign_id, version)
    step = STEPS.check(campaign.state, action, actor, queries.scope_of(campaign_id), reason)
    if actor.account_id is None or actor.account_id == campaign.proposed_by_id:
        raise Forbidden("campaign_two_people")
    _check_reason(reason)
    if action == "approve":
        rules.check_days(campaign.starts_on, campaign.ends_on, clock.day_of(now))
    before, campaign.state, campaign.reason = campaign.state, step.target, reason.strip()
    campaign.decided_by_id, campaign.decided_at = actor.account_id, now
    _flush()
    _record(campaign, action, actor, now, before, reason)
    return campaign


def withdraw(campaign_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Campaign:
    """Take it off the front page, or the proposal back: one officer is enough, and it is at once."""
    campaign = _opened(campaign_id, version)
    step = STEPS.check(campaign.state, "withdraw", actor, queries.scope_of(campaign_id), reason)
    _check_reason(reason)
    before, campaign.state, campaign.reason = campaign.state, step.target, reason.strip()
    _flush()
    _record(campaign, "withdraw", actor, now, before, reason)
    return campaign


def _check_reason(reason: str) -> None:
    length = len(reason.strip())
    if length > rules.REASON_LONGEST:
        raise Invalid("campaign_too_long", field="reason", longest=rules.REASON_LONGEST, length=length)


def _opened(campaign_id: int, version: int) -> Campaign:
    campaign = queries.get(campaign_id)
    if campaign.version != version:
        raise Conflict("changed_meanwhile")
    return campaign


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error


def _record(
    campaign: Campaign,
    action: str,
    actor: Actor,
    now: datetime,
    before: CampaignState | None = None,
    reason: str = "",
) -> None:
    names = ("title", "title_en", "link", "region_code")
    audit.record(
        actor,
        f"campaign.{action}",
        "campaign",
        campaign.id,
        now=now,
        old=None if before is None else {"state": before.value},
        new={name: getattr(campaign, name) for name in names}
        | {
            "starts_on": campaign.starts_on.isoformat(),
            "ends_on": campaign.ends_on.isoformat(),
            "state": campaign.state.value,
        },
        reason=reason.strip() or None,
    )
    if CampaignState.APPROVED in {before, campaign.state}:
        feed.publish(f"campaign.{action}", now=now, shop_id=FRONT_ONLY, campaign_id=campaign.id)


#: The feed's place for what concerns no shop's page: nobody has this number, and the city's pages go all the same.
FRONT_ONLY = 0
