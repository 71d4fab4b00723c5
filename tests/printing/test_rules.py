"""A print job's life, what can be made of what, when a link opens."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from tests.factories.merchants import NOW
from webapp.core.actor import SYSTEM, Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, StepRefused
from webapp.printing.rules import (
    STEPS,
    TEMPLATES,
    FileForm,
    Link,
    PrintState,
    Wanted,
    ending,
    link_state,
    takes,
)
from webapp.stickers.rules import StickerPlace

S, R = PrintState, Role
SCOPE = Scope("130606", None, "market_supervision", 7)
PEOPLE = {R.MERCHANT, R.STATION_OFFICER, R.BUREAU_OFFICER, R.SYSTEM}
TABLE = {
    (S.QUEUED, "begin"): (S.RUNNING, {R.SYSTEM}),
    (S.RUNNING, "begin"): (S.RUNNING, {R.SYSTEM}),
    (S.RUNNING, "finish"): (S.MADE, {R.SYSTEM}),
    (S.RUNNING, "fail"): (S.FAILED, {R.SYSTEM}),
    (S.QUEUED, "cancel"): (S.CANCELLED, PEOPLE),
    (S.RUNNING, "cancel"): (S.CANCELLED, PEOPLE),
    (S.FAILED, "make_again"): (S.QUEUED, PEOPLE),
    (S.EXPIRED, "make_again"): (S.QUEUED, PEOPLE),
    (S.MADE, "expire"): (S.EXPIRED, {R.SYSTEM}),
}


def actor_with(role: Role) -> Actor:
    if role is R.SYSTEM:
        return SYSTEM
    if role in {R.MERCHANT, R.CONSUMER}:
        return Actor(5, "x", role, operator_ids=frozenset({7}))
    return Actor(5, "x", role, (Post(role, "1306"),))


@pytest.mark.parametrize(
    ("state", "action", "role"), list(product(S, sorted({action for _, action in TABLE}), R))
)
def test_every_step_for_everybody(state: PrintState, action: str, role: Role) -> None:
    expected = TABLE.get((state, action))
    if expected is None:
        with pytest.raises(StepRefused):
            STEPS.check(state, action, actor_with(role), SCOPE)
    elif role not in expected[1]:
        with pytest.raises(Forbidden):
            STEPS.check(state, action, actor_with(role), SCOPE)
    else:
        assert STEPS.check(state, action, actor_with(role), SCOPE).target is expected[0]


def test_the_table_names_every_step() -> None:
    assert {(source, step.action) for step in STEPS for source in step.sources} == set(TABLE)


def test_every_place_has_its_template() -> None:
    assert set(TEMPLATES) == {place.value for place in StickerPlace}


def test_raster_commands_are_for_receipts() -> None:
    assert [(name, form) for name, form in product(TEMPLATES, FileForm) if not takes(name, form)] == [
        (name, FileForm.ESCPOS) for name in TEMPLATES if name != "receipt"
    ]
    assert {form: ending(form) for form in FileForm} == {
        FileForm.SHEETS: "pdf",
        FileForm.PAGES: "pdf",
        FileForm.PNG: "zip",
        FileForm.SVG: "zip",
        FileForm.ESCPOS: "zip",
    }


def test_how_many_filters_are_set() -> None:
    assert Wanted().active == 0
    assert Wanted("1306", "eat", date(2026, 1, 1), "door", "x", only_new=False, shop_id=3).active == 7


@pytest.mark.parametrize(
    ("used", "left", "revoked", "state"),
    [
        (0, 1, False, Link.OPEN),
        (0, 0, False, Link.EXPIRED),
        (1, 1, False, Link.OPEN),
        (2, 1, False, Link.USED_UP),
        (2, -1, False, Link.USED_UP),
        (0, 1, True, Link.REVOKED),
        (2, -1, True, Link.REVOKED),
    ],
)
def test_links(used: int, left: int, revoked: bool, state: Link) -> None:  # noqa: FBT001
    expires = NOW + timedelta(seconds=left)
    assert link_state(used, 2, expires, NOW if revoked else None, NOW) is state
