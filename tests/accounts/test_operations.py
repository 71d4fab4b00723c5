"""Making and changing accounts, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.factories.accounts import PASSWORD, make_administrator, make_merchant, make_officer, make_session
from tests.factories.regions import make_street
from webapp.accounts import onetime, operations, passwords, queries, sessions, sign_in, throttle
from webapp.accounts.models import AccountKind
from webapp.accounts.throttle import Visitor
from webapp.audit.queries import history
from webapp.core.actor import Post, Role
from webapp.core.db import db
from webapp.core.errors import Forbidden, Invalid, NotFound

pytestmark = pytest.mark.each_database
NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)


def actions(account_id: int) -> list[str]:
    db.session.flush()
    return [event.action for event in history("account", account_id)]


def test_a_merchant_is_found_by_phone_and_nothing_personal_is_in_the_audit(context: Flask) -> None:
    account = operations.create_merchant(" 张  小面 ", "138 0013-8000", PASSWORD, NOW)
    db.session.commit()
    assert queries.find_merchant("+8613800138000") is account
    assert account.name == "张 小面"
    assert passwords.matches(account.password_hash, PASSWORD)
    [event] = history("account", account.id)
    assert "138" not in str(event.new)


@pytest.mark.parametrize(
    ("phone", "password", "field", "code"),
    [
        ("0312-5901234", PASSWORD, "phone", "phone_bad"),
        ("1380013", PASSWORD, "phone", "phone_bad"),
        ("13900139000", "short1", "password", "password_short"),
        ("13900139000", "a13900139000", "password", "password_easy"),
        ("13800138000", PASSWORD, "phone", "phone_taken"),
    ],
)
def test_a_bad_merchant_is_refused_at_the_field(
    context: Flask, phone: str, password: str, field: str, code: str
) -> None:
    make_merchant(phone="+8613800138000")
    with pytest.raises(Invalid) as caught:
        operations.create_merchant("张小面", phone, password, NOW)
    assert (caught.value.field, caught.value.code) == (field, code)


def test_an_officer_gets_posts_inside_the_administrators_region(context: Flask) -> None:
    street = make_street()
    administrator = make_administrator("130606").actor()
    post = Post(Role.STATION_OFFICER, "130606", street.station_id)
    account = operations.create_officer("李警官", " Li.Wei ", PASSWORD, [post], NOW, actor=administrator)
    assert account.kind is AccountKind.OFFICER
    assert account.username == "li.wei"
    assert account.actor().posts == (post,)
    with pytest.raises(Forbidden):
        operations.create_officer(
            "孙", "sun1", PASSWORD, [Post(Role.BUREAU_OFFICER, "1306")], NOW, actor=administrator
        )
    with pytest.raises(Invalid) as caught:
        operations.create_officer("李", "LI.WEI", PASSWORD, [post], NOW)
    assert caught.value.code == "username_taken"


@pytest.mark.parametrize(
    ("post", "code"),
    [
        (Post(Role.STATION_OFFICER, "130606"), "station_missing"),
        (Post(Role.DEPARTMENT_OFFICER, "130606"), "department_missing"),
        (Post(Role.DEPARTMENT_OFFICER, "130606", None, "nowhere"), "department_missing"),
        (Post(Role.BUREAU_OFFICER, "110101"), "region_missing"),
        (Post(Role.MERCHANT, "130606"), "post_missing"),
    ],
)
def test_an_impossible_post_is_refused(context: Flask, post: Post, code: str) -> None:
    make_street()
    with pytest.raises(Invalid) as caught:
        operations.create_officer("李", "li.wei", PASSWORD, [post], NOW)
    assert caught.value.code == code


def test_a_station_of_another_county_is_refused(context: Flask) -> None:
    street, _other = make_street(), make_street("130602001", "竞秀区南市市场监管所")
    for post in (
        Post(Role.STATION_OFFICER, "130602", street.station_id),
        Post(Role.ADMINISTRATOR, "130606", street.station_id),
    ):
        with pytest.raises(Invalid) as caught:
            operations.create_officer("李", "li.wei", PASSWORD, [post], NOW)
        assert caught.value.code in {"station_elsewhere", "administrator_whole"}


def test_posts_come_and_go(context: Flask) -> None:
    administrator, officer = make_administrator().actor(), make_officer(Role.BUREAU_OFFICER, "130606")
    operations.add_post(officer.id, Post(Role.BUREAU_OFFICER, "1306"), administrator, NOW)
    with pytest.raises(Invalid):
        operations.add_post(officer.id, Post(Role.BUREAU_OFFICER, "1306"), administrator, NOW)
    operations.remove_post(officer.id, officer.posts[0].id, administrator, NOW)
    db.session.commit()
    db.session.expire_all()
    assert [post.region_code for post in queries.get_account(officer.id).posts] == ["1306"]
    assert actions(officer.id) == ["account.post_removed", "account.post_added"]
    with pytest.raises(Invalid):
        operations.remove_post(officer.id, 999, administrator, NOW)


def test_disabling_ends_sessions_at_once_and_enabling_brings_none_back(context: Flask) -> None:
    administrator, merchant = make_administrator().actor(), make_merchant()
    _, token = make_session(merchant.id, now=NOW)
    assert sessions.find(token, NOW)
    operations.disable(merchant.id, " 转让 ", administrator, NOW)
    assert sessions.find(token, NOW) is None
    operations.disable(merchant.id, "again", administrator, NOW)  # nothing more happens
    operations.enable(merchant.id, administrator, NOW)
    assert merchant.disabled_at is None
    assert sessions.find(token, NOW) is None
    assert actions(merchant.id) == ["account.enabled", "account.disabled"]


def test_disabling_needs_a_reason_and_another_person(context: Flask) -> None:
    account = make_administrator()
    with pytest.raises(Invalid):
        operations.disable(make_merchant().id, "  ", account.actor(), NOW)
    with pytest.raises(Forbidden):
        operations.disable(account.id, "reason", account.actor(), NOW)


def test_a_disabled_account_is_out_even_with_an_open_session(context: Flask) -> None:
    merchant = make_merchant()
    _, token = make_session(merchant.id, now=NOW)
    merchant.disabled_at = NOW
    db.session.flush()
    assert sessions.find(token, NOW) is None


def test_resetting_gives_a_password_to_be_changed_and_ends_sessions(context: Flask) -> None:
    administrator, officer = make_administrator().actor(), make_officer()
    _, token = make_session(officer.id, now=NOW)
    password = operations.reset_password(officer.id, administrator, NOW)
    assert passwords.matches(officer.password_hash, password)
    assert officer.password_temporary
    assert sessions.find(token, NOW) is None
    sign_in.change_password(officer.id, "my-own-words-9", officer.actor(), NOW)
    assert not officer.password_temporary
    operations.reset_totp(officer.id, administrator, NOW)
    assert officer.totp_secret is None
    with pytest.raises(Invalid):
        operations.reset_password(make_merchant().id, administrator, NOW)


def test_sessions_end_by_time_one_by_one_and_all_but_one(context: Flask) -> None:
    merchant, other = make_merchant(), make_merchant()
    (first, token), (second, _), (third, _) = (make_session(merchant.id, now=NOW) for _ in range(3))
    assert sessions.find(token, NOW + timedelta(hours=8)) is None
    with pytest.raises(NotFound):
        sessions.end(first.id, other.id, NOW)
    sessions.end(second.id, merchant.id, NOW)
    assert {login.id for login in queries.sessions_of(merchant.id, NOW)} == {first.id, third.id}
    sessions.end_all(merchant.id, NOW, but=first.id)
    db.session.expire_all()
    assert [login.id for login in queries.sessions_of(merchant.id, NOW)] == [first.id]


def test_changing_ones_password_keeps_this_session_only(context: Flask) -> None:
    merchant = make_merchant(password=PASSWORD)
    (here, token), (_, elsewhere) = make_session(merchant.id, now=NOW), make_session(merchant.id, now=NOW)
    with pytest.raises(Invalid) as caught:
        sign_in.change_password(merchant.id, PASSWORD, merchant.actor(), NOW, keep=here.id)
    assert caught.value.code == "password_same"
    sign_in.change_password(merchant.id, "another-word-5", merchant.actor(), NOW, keep=here.id)
    db.session.expire_all()
    assert sessions.find(token, NOW)
    assert sessions.find(elsewhere, NOW) is None


def test_a_county_administrator_sees_only_the_county(context: Flask) -> None:
    county, city = make_administrator("130606", username="county"), make_administrator(username="city")
    inside = make_officer(Role.BUREAU_OFFICER, "130606")
    outside = make_officer(Role.BUREAU_OFFICER, "130602")
    merchant = make_merchant()

    def seen(account: object, kind: AccountKind, text: str = "") -> set[int]:
        return {found.id for found in db.session.scalars(queries.accounts(kind, text, account.actor()))}  # type: ignore[attr-defined]

    assert seen(county, AccountKind.OFFICER) == {county.id, inside.id}
    assert {inside.id, outside.id, city.id} <= seen(city, AccountKind.OFFICER)
    assert seen(county, AccountKind.MERCHANT) == set()
    assert seen(city, AccountKind.MERCHANT, merchant.phone or "") == {merchant.id}
    assert seen(city, AccountKind.MERCHANT, "13000000000") == set()
    assert seen(city, AccountKind.OFFICER, "%") == set()
    assert queries.scope_of_account(inside.id).region_code == "130606"
    assert queries.scope_of_account(merchant.id).region_code == "1306"
    assert [code for code, _ in queries.region_choices(county.actor())] == ["130606"]
    assert [county for county, _ in queries.station_choices(county.actor())] == ["莲池区"]


def test_what_nobody_needs_is_deleted_and_the_rest_stays(context: Flask) -> None:
    merchant = make_merchant()
    for ago in (timedelta(days=40), timedelta(hours=1)):
        then = NOW - ago
        make_session(merchant.id, now=then)
        onetime.send_code("+8613800138000", "login", Visitor("home"), then)
        throttle.count_try(throttle.counters("merchant:x", f"visitor {ago}", "device"), then)
    _, token = make_session(merchant.id, now=NOW - timedelta(days=40), hours=24 * 90)
    assert operations.forget_old(NOW) == 1 + 1 + 1  # a code, the counter of codes sent, a session
    assert operations.forget_old(NOW) == 0
    assert sessions.find(token, NOW)
    assert len(queries.sessions_of(merchant.id, NOW)) == 2
