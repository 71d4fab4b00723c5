"""What follows from a register record, for every record there can be."""

from __future__ import annotations

import itertools

import pytest

from webapp.registry import rules
from webapp.registry.rules import Consequence, RegistryStatus

N, S, R = Consequence.NONE, Consequence.SUSPEND, Consequence.REVOKE


@pytest.mark.parametrize(
    ("status", "abnormal", "expected"),
    [
        (RegistryStatus.ACTIVE, False, (N, "")),
        (RegistryStatus.ACTIVE, True, (S, "abnormal_list")),
        (RegistryStatus.MOVED_OUT, False, (S, "operator_moved_out")),
        (RegistryStatus.MOVED_OUT, True, (S, "abnormal_list")),
        (RegistryStatus.CLOSED, False, (S, "operator_closed")),
        (RegistryStatus.CLOSED, True, (S, "abnormal_list")),
        (RegistryStatus.LICENCE_REVOKED, False, (R, "business_licence_revoked")),
        (RegistryStatus.LICENCE_REVOKED, True, (R, "business_licence_revoked")),
        (RegistryStatus.DEREGISTERED, False, (R, "operator_deregistered")),
        (RegistryStatus.DEREGISTERED, True, (R, "operator_deregistered")),
    ],
)
def test_every_record_has_its_consequence(
    status: RegistryStatus, *, abnormal: bool, expected: tuple[str, str]
) -> None:
    assert rules.consequence(status, abnormal=abnormal) == expected


def test_the_table_is_complete() -> None:
    assert len(list(itertools.product(RegistryStatus, (False, True)))) == 10


@pytest.mark.parametrize("before", [None, N, S, R])
@pytest.mark.parametrize("after", [N, S, R])
def test_only_a_step_up_takes_down_and_only_a_lifted_suspension_restores(
    before: Consequence | None, after: Consequence
) -> None:
    order = [N, S, R]
    assert rules.takes_down(before, after) == (order.index(after) > order.index(before or N))
    assert rules.restores(before, after) == ((before, after) == (S, N))


@pytest.mark.parametrize(
    ("taken_down", "live", "too_much"),
    [
        (0, 0, False),
        (1, 1, False),
        (5, 100, False),
        (6, 100, True),
        (2, 39, True),
        (2, 40, False),
        (500, 10_000, False),
        (501, 10_000, True),
    ],
)
def test_more_than_a_share_of_the_live_shops_is_too_much(
    taken_down: int, live: int, *, too_much: bool
) -> None:
    assert rules.is_too_much(taken_down, live, 5) is too_much
