"""What is a hot spot."""

from __future__ import annotations

import pytest

from webapp.oversight.heat import COMPLAINT, TIP, Limits, Spot, Tally, spots

LIMITS = Limits(least=5, growth=50, high=200)


def one(now: int, before: int) -> Spot:
    [found] = spots(
        [
            Tally(COMPLAINT, "130606", "eat", "price", now, now=True),
            Tally(COMPLAINT, "130606", "eat", "quality", before, now=False),
        ],
        LIMITS,
    )
    return found


@pytest.mark.parametrize(
    ("now", "before", "growth", "hot", "grave"),
    [
        (4, 0, None, False, False),
        (5, 0, None, True, True),
        (5, 5, 0, False, False),
        (7, 5, 40, False, False),
        (15, 10, 50, True, False),
        (14, 10, 40, False, False),
        (30, 10, 200, True, True),
        (29, 10, 190, True, False),
        (5, 20, -75, False, False),
    ],
)
def test_when_it_is_hot(now: int, before: int, growth: int | None, hot: bool, grave: bool) -> None:  # noqa: FBT001
    spot = one(now, before)
    assert (spot.growth, spot.hot, spot.grave, spot.more) == (growth, hot, grave, now - before)


def test_complaints_and_tips_count_together_by_place_and_trade() -> None:
    found = spots(
        [
            Tally(COMPLAINT, "130606", "eat", "price", 3, now=True),
            Tally(TIP, "130606", "eat", "quality", 4, now=True),
            Tally(COMPLAINT, "130606", "eat", "quality", 1, now=True),
            Tally(TIP, "130606", "eat", "price", 2, now=False),
            Tally(COMPLAINT, "130602", "eat", "price", 90, now=True),
            Tally(COMPLAINT, "130602", "eat", "price", 90, now=False),
            Tally(COMPLAINT, "130606", "stay", "price", 2, now=True),
            Tally(COMPLAINT, "130606", "play", "price", 9, now=False),
        ],
        LIMITS,
    )
    assert [(spot.region_code, spot.category, spot.count) for spot in found] == [
        ("130606", "eat", 8),
        ("130602", "eat", 90),
        ("130606", "stay", 2),
    ]
    assert (found[0].complaints, found[0].tips, found[0].before) == (4, 4, 2)
    assert found[0].topics == (("quality", 5), ("price", 3))
