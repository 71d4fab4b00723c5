"""What the machine compares of a statement and the register."""

from __future__ import annotations

import pytest

from webapp.applications.checks import same_place

REGISTERED = "河北省保定市竞秀区东风西路18号"


@pytest.mark.parametrize(
    ("stated", "registered", "same"),
    [
        ("东风西路18号", REGISTERED, True),
        ("东风西路１８号", REGISTERED, True),
        ("东风西路18号底商", REGISTERED, True),
        ("东风西路18号底商（一层）", REGISTERED, True),
        ("河北省保定市竞秀区东风西路18号底商", REGISTERED, True),
        ("东风西路8号", REGISTERED, False),
        ("东风西路118号", REGISTERED, False),
        ("七一中路18号", REGISTERED, False),
        ("", REGISTERED, False),
        ("东风西路18号", "", False),
        ("阳光小区3栋底商", "保定市阳光小区3栋", True),
        ("别处3栋", "保定市竞秀区阳光小区3栋", False),
    ],
)
def test_one_address_may_say_more_than_the_other(stated: str, registered: str, *, same: bool) -> None:
    assert same_place(stated, registered) is same
