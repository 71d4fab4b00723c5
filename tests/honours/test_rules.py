"""What an honour must state, who may take which step, which record deserves the red list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.actor import Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, Invalid, StepRefused
from webapp.honours import rules
from webapp.honours.rules import STEPS, HonourKind, HonourState, RedRules, ShopRecord, deserves

SCOPE = Scope("130606003", station_id=7)
BUREAU = Actor(1, "b", Role.BUREAU_OFFICER, (Post(Role.BUREAU_OFFICER, "130606"),))
STATION = Actor(2, "s", Role.STATION_OFFICER, (Post(Role.STATION_OFFICER, "130606", station_id=7),))
SYSTEM = Actor(None, "system", Role.SYSTEM)
H = HonourState
OPEN = {
    (H.PROPOSED, "confirm"): (H.PUBLISHED, {BUREAU}),
    (H.PROPOSED, "refuse"): (H.REFUSED, {BUREAU}),
    (H.PROPOSED, "withdraw"): (H.WITHDRAWN, {BUREAU, STATION}),
    (H.PUBLISHED, "expire"): (H.EXPIRED, {SYSTEM}),
    (H.PUBLISHED, "review"): (H.PUBLISHED, {BUREAU, STATION}),
    (H.PUBLISHED, "end"): (H.ENDED, {BUREAU, SYSTEM}),
}
TODAY = date(2026, 5, 6)
LIMITS = {"term_years": 3, "return_days_least": 7, "return_days_most": 90}
RED = RedRules(min_ratings=10, min_mean_tenths=45, min_days=180, max_unresolved=0)
GOOD = ShopRecord(
    ratings=10,
    mean=4.5,
    days_active=180,
    unresolved=0,
    late=0,
    black_entries=0,
    return_pledged=False,
    returns_broken=0,
)


@pytest.mark.parametrize(
    ("state", "action", "actor"),
    list(product(HonourState, sorted({action for _, action in OPEN}), (BUREAU, STATION, SYSTEM))),
    ids=str,
)
def test_every_state_action_and_role(state: HonourState, action: str, actor: Actor) -> None:
    if (state, action) not in OPEN:
        with pytest.raises(StepRefused):
            STEPS.check(state, action, actor, SCOPE, "because")
        return
    target, who = OPEN[state, action]
    if actor in who:
        assert STEPS.check(state, action, actor, SCOPE, "because").target is target
    else:
        with pytest.raises(Forbidden):
            STEPS.check(state, action, actor, SCOPE, "because")


def check(kind: HonourKind, **changes: Any) -> None:
    given: dict[str, Any] = {
        "sector": "catering",
        "standard": "DB37/T 3698",
        "days": 7,
        "terms": "合格",
        "chain_id": 1,
        "returns": 24,
        "refused": 1,
        "evidence": "退货登记本",
        "term_until": date(2028, 1, 1),
        "today": TODAY,
        "limits": LIMITS,
    }
    rules.check_honour(kind, **(given | changes))


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        ("demonstration", {"sector": None}, "honour_sector"),
        ("demonstration", {"sector": "pirates"}, "honour_sector"),
        ("demonstration", {"standard": " "}, "honour_standard"),
        ("demonstration", {"term_until": None}, "honour_term"),
        ("demonstration", {"term_until": TODAY}, "honour_term"),
        ("demonstration", {"term_until": date(2029, 5, 7)}, "honour_term"),
        ("no_reason_return", {"evidence": " "}, "required"),
        ("no_reason_return", {"returns": None}, "honour_returns"),
        ("no_reason_return", {"returns": -1}, "honour_returns"),
        ("no_reason_return", {"refused": None}, "honour_returns"),
        ("cross_shop_return", {"returns": 3, "refused": 4}, "honour_refused"),
        ("no_reason_return", {"days": None}, "honour_days"),
        ("no_reason_return", {"days": 6}, "honour_days"),
        ("no_reason_return", {"days": 91}, "honour_days"),
        ("no_reason_return", {"terms": " "}, "required"),
        ("no_reason_return", {"terms": "长" * 501}, "honour_too_long"),
        ("cross_shop_return", {"chain_id": None}, "honour_chain"),
    ],
)
def test_what_is_missing_is_said(kind: str, changes: dict[str, Any], code: str) -> None:
    check(HonourKind(kind))
    with pytest.raises(Invalid, match=code):
        check(HonourKind(kind), **changes)


def test_a_return_shop_needs_no_term() -> None:
    check(HonourKind.NO_REASON_RETURN, term_until=None)


@pytest.mark.parametrize(("days", "state"), [(None, ""), (31, ""), (30, "due"), (0, "due"), (-1, "overdue")])
def test_a_review_is_offered_ahead_and_then_overdue(days: int | None, state: str) -> None:
    review_on = None if days is None else date.fromordinal(TODAY.toordinal() + days)
    assert rules.review_state(review_on, TODAY, 30) == state


def test_a_clean_and_well_rated_record_deserves_the_red_list() -> None:
    assert deserves(GOOD, RED) == ("high_ratings", "clean_record")
    assert deserves(replace(GOOD, return_pledged=True), RED)[0] == "return_kept"
    assert deserves(replace(GOOD, return_pledged=True, returns_broken=1), RED)[0] == "high_ratings"


@pytest.mark.parametrize(
    "change",
    [
        {"ratings": 9},
        {"mean": 4.44},
        {"mean": None},
        {"days_active": 179},
        {"unresolved": 1},
        {"late": 1},
        {"black_entries": 1},
    ],
    ids=str,
)
def test_whoever_lacks_one_thing_is_not_named(change: dict[str, Any]) -> None:
    assert deserves(replace(GOOD, **change), RED) == ()


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(-800, 800))
def test_visible_to_the_last_day(today: date, days: int) -> None:
    until = date.fromordinal(today.toordinal() + days)
    for state in HonourState:
        assert rules.visible(state, until, today) is (state is H.PUBLISHED and days >= 0)
