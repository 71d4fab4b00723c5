"""Opening hours of bodies as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.errors import Invalid
from webapp.mediation import hours


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", ""),
        ("09:00-18:00", "每天 09:00-18:00"),
        ("每天9：00到18:00", "每天 09:00-18:00"),
        ("工作日 8:30-17:30", "周一至周五 08:30-17:30；周六至周日 休息"),
        ("星期一至五 8:30-12:00、14:00-17:30", "周一至周五 08:30-12:00、14:00-17:30；周六至周日 休息"),
        ("周六日 9:00-12:00", "周一至周五 休息；周六至周日 09:00-12:00"),
        (
            "周一三五：9:00～12:00",
            "周一 09:00-12:00；周二 休息；周三 09:00-12:00；周四 休息；周五 09:00-12:00；周六至周日 休息",
        ),
        ("周五至周一 18:00-02:00", "周一 18:00-02:00；周二至周四 休息；周五至周日 18:00-02:00"),
        ("工作日 9:00-17:00；周末 休息", "周一至周五 09:00-17:00；周六至周日 休息"),
        ("周日 全天", "周一至周六 休息；周日 00:00-24:00"),
    ],
)
def test_what_is_typed_is_shown_in_one_way_and_read_back(typed: str, shown: str) -> None:
    found = hours.read(typed)
    assert hours.text_of(found) == shown
    assert hours.read(shown) == found


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("看情况", "hours_unreadable"),
        ("周一", "hours_unreadable"),
        ("周一 9点", "hours_unreadable"),
        ("周一 9:00-12:00；周一至周三 13:00-14:00", "hours_day_twice"),
        ("每天 09:00-12:00、11:00-13:00", "hours_overlap"),
        ("周一" * 200, "too_long"),
    ],
)
def test_what_cannot_be_read_says_why(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        hours.read(typed)
    assert (refused.value.code, refused.value.field) == (code, "hours")


@given(st.text(alphabet="周一二三四五六日天至、，；-: 0123456789每工作末休息", max_size=40))
def test_reading_never_breaks_and_what_is_shown_is_stable(typed: str) -> None:
    try:
        found = hours.read(typed)
    except Invalid:
        return
    assert hours.read(hours.text_of(found)) == found
