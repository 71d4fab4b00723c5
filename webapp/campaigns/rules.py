"""The life of a campaign on the front page, and what its texts, days and link may be. Pure."""

from __future__ import annotations

import enum
from datetime import date, timedelta
from typing import Final

from webapp.core.actor import Role
from webapp.core.errors import Invalid
from webapp.core.steps import Steps, step


class CampaignState(enum.StrEnum):
    """Where a campaign stands. Whether an approved one is shown depends on the day only."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


C = CampaignState
BUREAU = {Role.BUREAU_OFFICER}

STEPS: Steps[CampaignState] = Steps(
    "campaign",
    C.PROPOSED,
    [
        step("approve", {C.PROPOSED}, C.APPROVED, BUREAU),  # never by who proposed
        step("refuse", {C.PROPOSED}, C.REFUSED, BUREAU, needs_reason=True),
        step("withdraw", {C.PROPOSED, C.APPROVED}, C.WITHDRAWN, BUREAU, needs_reason=True),
    ],
)

TITLE_LONGEST: Final = 30
TITLE_EN_LONGEST: Final = 60
REASON_LONGEST: Final = 300
LINK_LONGEST: Final = 200
#: A slot that nobody looks after must end by itself.
DAYS_MOST: Final = 92
#: So many are shown at once, the city's before a county's, the newest first.
SHOWN_MOST: Final = 2
#: Sides that a visitor cannot open.
_CLOSED: Final = ("/office", "/merchant", "/files", "/mediation", "/view", "/static", "/demo")


def check_titles(title: str, title_en: str) -> None:
    """Raises Invalid with the field for a title that is empty or too long. English is asked for as well."""
    for field, text, longest in (
        ("title", title, TITLE_LONGEST),
        ("title_en", title_en, TITLE_EN_LONGEST),
    ):
        if not text.strip():
            raise Invalid("required", field=field)
        if len(text.strip()) > longest:
            raise Invalid("campaign_too_long", field=field, longest=longest, length=len(text.strip()))


def check_days(starts_on: date, ends_on: date, today: date) -> None:
    """Raises Invalid with the field: it ends before it starts or in the past, or lasts too long."""
    if ends_on < starts_on:
        raise Invalid("campaign_ends_before", field="ends_on")
    if ends_on < today:
        raise Invalid("campaign_past", field="ends_on")
    if ends_on - starts_on >= timedelta(days=DAYS_MOST):
        raise Invalid("campaign_too_many_days", field="ends_on", days=DAYS_MOST)


def check_link(link: str) -> None:
    """Raises Invalid unless `link` is the path of a public page of this site (RFC 3986, 4.2: no ``//host``)."""
    path = link.partition("?")[0].partition("#")[0]
    fine = link.startswith("/") and "//" not in path and "\\" not in link and " " not in link
    if not fine or not link.isascii() or not link.isprintable() or len(link) > LINK_LONGEST:
        raise Invalid("campaign_link", field="link")
    if any(path == side or path.startswith(f"{side}/") for side in _CLOSED):
        raise Invalid("campaign_link_closed", field="link")


def is_shown(state: CampaignState, starts_on: date, ends_on: date, today: date) -> bool:
    """Is it on the front page today? Both days count in."""
    return state is CampaignState.APPROVED and starts_on <= today <= ends_on
