"""The life of a task, what is left to do about a paper, and when a shop is reminded."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from webapp.reprints.rules import (
    POLICIES,
    STANDING,
    STEPS,
    Cause,
    PaperState,
    ReprintState,
    asks,
    is_finished,
    merged,
    paper_state,
    prints_name,
    stage,
)

DUE = date(2026, 5, 15)


def test_every_step_leads_where_the_table_says() -> None:
    found = {(step.action, source.value): step.target.value for step in STEPS for source in step.sources}
    assert found == {
        ("ask", "open"): "asked",
        ("insist", "asked"): "open",
        ("waive", "open"): "waived",
        ("waive", "asked"): "waived",
        ("finish", "open"): "done",
        ("finish", "asked"): "done",
        ("lapse", "open"): "lapsed",
        ("lapse", "asked"): "lapsed",
    }
    assert STEPS.ends() == set(ReprintState) - STANDING
    assert {step.action for step in STEPS if step.needs_reason} == {"ask", "insist", "waive"}


@pytest.mark.parametrize(("stands", "successor", "printed"), list(product([True, False], repeat=3)))
def test_a_paper_is_done_when_it_is_gone_and_its_successor_printed(
    *, stands: bool, successor: bool, printed: bool
) -> None:
    expected = (
        PaperState.TO_REPLACE
        if stands
        else PaperState.TO_PRINT
        if successor and not printed
        else PaperState.DONE
    )
    assert paper_state(stands=stands, successor=successor, printed=printed) is expected


def test_a_task_is_finished_with_its_last_paper() -> None:
    assert is_finished([PaperState.DONE, PaperState.DONE])
    for left in (PaperState.TO_PRINT, PaperState.TO_REPLACE):
        assert not is_finished([PaperState.DONE, left])


@pytest.mark.parametrize(
    ("shop", "old", "printed"),
    [
        ("老槐树面馆", "莲池区老槐树面馆", True),
        ("莲池区老槐树面馆总店", "莲池区老槐树面馆", True),
        ("一碗香", "莲池区老槐树面馆", False),
        ("", "莲池区老槐树面馆", False),
    ],
)
def test_a_name_touches_where_the_shop_goes_by_it(shop: str, old: str, *, printed: bool) -> None:
    assert prints_name(shop, old) is printed


def test_a_city_may_ask_for_less() -> None:
    policies = dict.fromkeys(POLICIES, 1) | {"reprint.on_representative": 0}
    assert {cause for cause in Cause if asks(cause, policies)} == set(Cause) - {Cause.REPRESENTATIVE}


def test_of_two_changes_of_one_kind_the_first_old_and_the_last_new_value_stand() -> None:
    first = {"cause": "renamed", "old": "甲", "new": "乙", "on": "2026-05-01"}
    moved = {"cause": "moved", "old": "东路", "new": "西路", "on": "2026-05-01"}
    again = {"cause": "renamed", "old": "乙", "new": "丙", "on": "2026-05-03"}
    assert merged([first], [moved, again]) == [again | {"old": "甲"}, moved]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-4, None), (-3, 0), (-1, 0), (0, 1), (6, 1), (7, 2), (13, 2), (14, 3)],
)
def test_reminders_come_before_on_the_day_and_every_week_after(days: int, expected: int | None) -> None:
    assert stage(DUE + timedelta(days=days), DUE, ahead=3, again=7) == expected
