"""Default deny: who passes a rule, where a stranger is sent, what a permission means."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import make_merchant, make_officer, sign_in
from webapp.core.actor import CONSUMER, OFFICER_ROLES, Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, NotFound
from webapp.core.transaction import unit
from webapp.web import access
from webapp.web.access import Audience, Rule
from webapp.web.permissions import PERMISSIONS

SHOP = Scope("130606003", station_id=7, department_code="market", operator_id=3)
OWNER = Actor(1, "店主", Role.MERCHANT, operator_ids=frozenset({3}))


def officer(role: Role, region: str, station: int | None = None, department: str | None = None) -> Actor:
    return Actor(9, "李警官", role, (Post(role, region, station, department),))


def outcome(rule: Rule | None, actor: Actor) -> str:
    try:
        access.decide(rule, actor, {"shop_id": 1})
    except Forbidden:
        return "refused"
    except NotFound:
        return "nothing"
    return "in"


def on(shop_id: int) -> Scope:
    assert shop_id == 1
    return SHOP


@pytest.mark.parametrize(
    ("rule", "actor", "result"),
    [
        (None, OWNER, "refused"),
        (Rule(Audience.PUBLIC), CONSUMER, "in"),
        (Rule(Audience.SIGNED_IN), CONSUMER, "refused"),
        (Rule(Audience.SIGNED_IN), OWNER, "in"),
        (Rule(Audience.MERCHANT), CONSUMER, "refused"),
        (Rule(Audience.MERCHANT), officer(Role.ADMINISTRATOR, "13"), "refused"),
        (Rule(Audience.MERCHANT, on=on), OWNER, "in"),
        (Rule(Audience.MERCHANT, on=on), Actor(2, "别家", Role.MERCHANT, operator_ids=frozenset({4})), "nothing"),
        (Rule(Audience.OFFICER, "shop.read", on), OWNER, "refused"),
        (Rule(Audience.OFFICER, "shop.read", on), Actor(9, "无岗位", Role.CONSUMER), "refused"),
        (Rule(Audience.OFFICER, "shop.read", on), officer(Role.BUREAU_OFFICER, "1306"), "in"),
        (Rule(Audience.OFFICER, "shop.read", on), officer(Role.BUREAU_OFFICER, "130602"), "nothing"),
        (Rule(Audience.OFFICER, "shop.read", on), officer(Role.BUREAU_OFFICER, "130606003001"), "nothing"),
        (Rule(Audience.OFFICER, "shop.read", on), officer(Role.STATION_OFFICER, "130606", 7), "in"),
        (Rule(Audience.OFFICER, "shop.read", on), officer(Role.STATION_OFFICER, "130606", 8), "nothing"),
        (Rule(Audience.OFFICER, "shop.read", on), officer(Role.DEPARTMENT_OFFICER, "130606", None, "market"), "in"),
        (Rule(Audience.OFFICER, "shop.read", on), officer(Role.DEPARTMENT_OFFICER, "130606", None, "x"), "nothing"),
        (Rule(Audience.OFFICER, "code.revoke", on), officer(Role.STATION_OFFICER, "130606", 7), "refused"),
    ],
)  # fmt: skip
def test_a_rule_decides(rule: Rule | None, actor: Actor, result: str) -> None:
    assert outcome(rule, actor) == result


def test_one_post_must_have_both_the_role_and_the_place() -> None:
    """A bureau officer of one county who is a station officer of another is no bureau officer there."""
    posts = (Post(Role.BUREAU_OFFICER, "130602"), Post(Role.STATION_OFFICER, "130606", 7))
    both = Actor(9, "两岗", Role.BUREAU_OFFICER, posts)
    assert outcome(Rule(Audience.OFFICER, "code.revoke", on), both) == "nothing"
    assert outcome(Rule(Audience.OFFICER, "shop.read", on), both) == "in"


def test_a_thing_without_a_region_is_in_no_officers_reach() -> None:
    assert not officer(Role.BUREAU_OFFICER, "13").holds(
        frozenset({Role.BUREAU_OFFICER}), Scope(operator_id=3)
    )


def test_permissions_are_for_officers_and_named_ones_exist() -> None:
    assert all(roles and roles <= OFFICER_ROLES for roles in PERMISSIONS.values())
    with pytest.raises(KeyError):
        access.officer("application.invent")


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/merchant/me", "/merchant/login?next=/merchant/me"),
        ("/office/accounts?q=1&page=2", "/office/login?next=/office/accounts?q%3D1%26page%3D2"),
        ("/account/sessions", "/merchant/login?next=/account/sessions"),
    ],
)
def test_a_stranger_is_sent_to_the_right_door(client: FlaskClient, path: str, door: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, door)


def test_a_strangers_form_is_refused_not_redirected(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/account/sessions/end-all").status_code == 401


def test_the_wrong_side_is_refused_in_words(app: Flask, make_client: Callable[[], FlaskClient]) -> None:
    with app.app_context(), unit():
        merchant, bureau = make_merchant().id, make_officer().id
    for account, path in (
        (merchant, "/office/accounts"),
        (bureau, "/merchant/me"),
        (bureau, "/office/outbox"),
    ):
        browser = make_client()
        sign_in(browser, account)
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "您的账号不能看这一页" in answer.text


def test_programs_get_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/nothing-here", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == 404


def test_reading_never_begins_a_writing_transaction(app: Flask, client: FlaskClient) -> None:
    """On SQLite a signed-in person's GET must not take the writers' turn, the access rule's own query included."""
    import sqlalchemy as sa

    from webapp.core.db import db

    with app.app_context(), unit():
        account = make_merchant().id
    sign_in(client, account)
    begun: list[str] = []
    with app.app_context():
        engine = db.engine

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        begun.append(statement)

    client.post("/logout")  # leaves the thread as a writer; 400 without the token
    begun.clear()
    assert client.get("/merchant/me").status_code == 200
    assert "BEGIN" in begun
    assert "BEGIN IMMEDIATE" not in begun
