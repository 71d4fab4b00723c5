"""What a campaign may be, and who moves it where."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from webapp.campaigns import rules
from webapp.campaigns.rules import STEPS, CampaignState
from webapp.core.actor import Role
from webapp.core.errors import Invalid

TODAY = date(2026, 11, 28)
C = CampaignState


def test_the_lifecycle_is_what_the_table_says() -> None:
    assert {(step.action, source.value, step.target.value) for step in STEPS for source in step.sources} == {
        ("approve", "proposed", "approved"),
        ("refuse", "proposed", "refused"),
        ("withdraw", "proposed", "withdrawn"),
        ("withdraw", "approved", "withdrawn"),
    }
    assert all(step.roles == {Role.BUREAU_OFFICER} for step in STEPS)
    assert {step.action for step in STEPS if step.needs_reason} == {"refuse", "withdraw"}
    assert STEPS.ends() == {C.REFUSED, C.WITHDRAWN}


@pytest.mark.parametrize(
    "link", ["/", "/shops", "/shops?category=eat&q=a//b", "/reminders/3#top", "/s/1024", "/officers"]
)
def test_paths_of_this_site_may_be_linked(link: str) -> None:
    rules.check_link(link)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("", "campaign_link"),
        ("shops", "campaign_link"),
        ("//evil.example", "campaign_link"),
        ("/a//b", "campaign_link"),
        ("https://evil.example/", "campaign_link"),
        ("/\\evil.example", "campaign_link"),
        ("/shops?q=年货", "campaign_link"),
        ("/a b", "campaign_link"),
        ("/\t/evil.example", "campaign_link"),
        ("/" + "a" * 200, "campaign_link"),
        ("/office/shops", "campaign_link_closed"),
        ("/merchant", "campaign_link_closed"),
        ("/view?next=/", "campaign_link_closed"),
    ],
)
def test_everything_else_may_not(link: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_link(link)
    assert (refusal.value.code, refusal.value.field) == (code, "link")


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (0, 0, None),
        (-5, 0, None),
        (0, rules.DAYS_MOST - 1, None),
        (0, rules.DAYS_MOST, "campaign_too_many_days"),
        (1, 0, "campaign_ends_before"),
        (-5, -1, "campaign_past"),
    ],
)
def test_days(starts: int, ends: int, code: str | None) -> None:
    days = (TODAY + timedelta(days=starts), TODAY + timedelta(days=ends), TODAY)
    if code is None:
        rules.check_days(*days)
    else:
        with pytest.raises(Invalid, match=code):
            rules.check_days(*days)


@pytest.mark.parametrize(
    ("title", "english", "field"),
    [
        (" ", "a", "title"),
        ("a", "", "title_en"),
        ("一" * 31, "a", "title"),
        ("a", "a" * 61, "title_en"),
    ],
)
def test_both_titles_are_asked_for(title: str, english: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_titles(title, english)
    assert refusal.value.field == field
    rules.check_titles("一" * 30, "a" * 60)


@pytest.mark.parametrize("state", list(C))
@pytest.mark.parametrize(("day", "within"), [(-1, False), (0, True), (2, True), (3, False)])
def test_only_an_approved_one_is_shown_on_its_days(state: CampaignState, day: int, *, within: bool) -> None:
    shown = rules.is_shown(state, TODAY, TODAY + timedelta(days=2), TODAY + timedelta(days=day))
    assert shown is (within and state is C.APPROVED)
