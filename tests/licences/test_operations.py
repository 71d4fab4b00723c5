"""Stating, verifying, refusing, sweeping licences; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.factories import accounts as people
from tests.factories import licences as make
from tests.factories import merchants
from tests.factories.files import make_file
from tests.factories.regions import make_street, sync_reference
from webapp.audit.models import AuditEvent
from webapp.core import policy
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Forbidden, Invalid, NotFound, StepRefused
from webapp.core.signals import application_approved, licence_changed
from webapp.files.models import FilePurpose
from webapp.licences import operations, queries, reminders
from webapp.licences.models import Licence, LicenceKind, LicenceRequirement
from webapp.licences.rules import LicenceState, Validity
from webapp.merchants.models import Shop
from webapp.notices.models import Notice, OutboxMessage
from webapp.regions.models import Industry

NOW = make.NOW
TODAY = date(2026, 5, 6)


@pytest.fixture
def shop(context: Flask) -> Shop:
    policy.sync()
    shop = merchants.make_shop()
    make.make_kind()
    make.make_kind("business_licence", "营业执照", per_shop=False)
    make.require()
    return shop


@pytest.fixture
def merchant(shop: Shop) -> Actor:
    account = merchants.make_account()
    merchants.make_member(shop.operator, account)
    return account.actor()


@pytest.fixture
def officer(shop: Shop) -> Actor:
    return people.make_officer(Role.STATION_OFFICER, shop.region_code[:6], station_id=shop.station_id).actor()


@pytest.fixture
def news() -> Iterator[list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []

    def hear(_sender: None, **told: Any) -> None:
        heard.append(told)

    licence_changed.connect(hear)
    yield heard
    licence_changed.disconnect(hear)


def state(shop: Shop, actor: Actor, kind: str = "food_catering", **more: Any) -> Licence:
    facts: dict[str, Any] = {
        "number": make.FOOD_NUMBER,
        "valid_from": date(2024, 1, 1),
        "valid_until": date(2028, 1, 1),
    }
    if "file_id" not in more:
        facts["file_id"] = make_file(FilePurpose.LICENCE, actor).id
    return operations.state(shop.id, kind, actor=actor, now=NOW, **(facts | more))


@pytest.mark.each_database
def test_the_reference_files_fill_the_tables_once(context: Flask) -> None:
    sync_reference()
    assert operations.sync() > 0
    assert operations.sync() == 0
    industries = set(db.session.scalars(sa.select(Industry.code)))
    for code in industries:
        assert "business_licence" in {kind.code for kind in queries.required_kinds(code)}, code
    assert [kind.code for kind in queries.required_kinds("6220")] == ["business_licence", "food_catering"]


def test_a_requirement_that_the_file_drops_goes_away(context: Flask) -> None:
    sync_reference()
    operations.sync()
    db.session.add(LicenceRequirement(industry_code="6220", kind_code="drug", required=True, source="?"))
    db.session.flush()
    assert operations.sync() == 1
    assert db.session.get(LicenceRequirement, ("6220", "drug")) is None


def test_every_requirement_names_a_kind_and_an_industry(context: Flask) -> None:
    sync_reference()
    operations.sync()
    kinds = set(db.session.scalars(sa.select(LicenceKind.code)))
    industries = set(db.session.scalars(sa.select(Industry.code)))
    rows = operations._rows(operations.REQUIREMENTS)
    assert {row["kind"] for row in rows} <= kinds
    assert {row["industry"] for row in rows} <= industries | {"*"}


@pytest.mark.each_database
def test_state_and_correct(shop: Shop, merchant: Actor) -> None:
    first = state(shop, merchant, number=" jy2130606 0000016 ")
    assert first.number == "JY21306060000016"
    assert first.checks[0]["result"] == "passed"
    again = state(shop, merchant, number="JY2", file_id=None)
    assert again.id == first.id
    assert again.file_id is not None  # the image stays
    assert [check["result"] for check in again.checks] == ["needs_person", "passed", "passed"]
    actions = list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))
    assert actions.count("licence.state") == 2


def test_brackets_of_a_number_stay(shop: Shop, merchant: Actor) -> None:
    make.make_kind("public_health", "卫生许可证")
    licence = state(shop, merchant, "public_health", number="冀卫公证字〔2024〕第130602-000123号")
    assert licence.number == "冀卫公证字〔2024〕第130602-000123号"


def test_an_operator_wide_licence_serves_every_shop(shop: Shop, merchant: Actor) -> None:
    other = merchants.make_shop(shop.operator, name="分店")
    state(shop, merchant, "business_licence", number=shop.operator.uscc, valid_until=None)
    assert [licence.kind_code for licence in queries.of_shop(other.id)] == ["business_licence"]


def test_a_food_licence_serves_one_shop(shop: Shop, merchant: Actor) -> None:
    other = merchants.make_shop(shop.operator, name="分店")
    state(shop, merchant)
    assert queries.of_shop(other.id) == []


def test_what_cannot_be_stated(shop: Shop, merchant: Actor) -> None:
    with pytest.raises(Invalid) as period:
        state(shop, merchant, valid_until=date(2023, 12, 31))
    assert (period.value.code, period.value.field) == ("licence_period", "valid_until")
    with pytest.raises(Invalid, match="licence_number_too_long"):
        state(shop, merchant, number="A" * 61)
    with pytest.raises(NotFound):
        state(shop, merchant, "no_such_kind")
    assert db.session.query(Licence).count() == 0


def test_only_the_operators_people_state(shop: Shop, officer: Actor) -> None:
    stranger = merchants.make_account("赵六").actor()
    for actor in (stranger, officer):
        with pytest.raises(Forbidden):
            state(shop, actor, file_id=None)


def test_a_strangers_upload_is_not_taken(shop: Shop, merchant: Actor) -> None:
    stranger = merchants.make_account("赵六").actor()
    with pytest.raises(NotFound):
        state(shop, merchant, file_id=make_file(FilePurpose.LICENCE, stranger).id)


@pytest.mark.each_database
def test_verifying_replaces_the_older_one_and_tells(
    shop: Shop, merchant: Actor, officer: Actor, news: list[dict[str, Any]]
) -> None:
    old = make.make_licence(shop, valid_until=date(2026, 5, 1))
    renewal = state(shop, merchant)
    assert renewal.id != old.id
    assert [licence.id for licence in queries.of_shop(shop.id)] == [old.id, renewal.id]
    assert queries.lacking_of([shop.id], TODAY) == {shop.id: ["food_catering"]}  # stated is not verified
    assert news == []
    operations.verify(renewal.id, officer, NOW)
    assert (renewal.state, renewal.verified_by_id) == (LicenceState.VERIFIED, officer.account_id)
    assert old.replaced_at == NOW
    assert [told["missing_or_expired"] for told in news] == [{shop.id: []}]
    assert news[0]["shop_ids"] == [shop.id]
    operations.verify(renewal.id, officer, NOW)
    assert len(news) == 1


def test_a_renewal_does_not_end_what_is_verified(shop: Shop, merchant: Actor) -> None:
    make.make_licence(shop)
    state(shop, merchant)
    assert queries.lacking_of([shop.id], TODAY) == {shop.id: []}
    assert [licence.number for licence in queries.public_licences(shop.id, TODAY)] == [make.FOOD_NUMBER]


def test_only_officers_of_the_place_verify(shop: Shop, merchant: Actor) -> None:
    licence = state(shop, merchant)
    elsewhere = people.make_officer(Role.BUREAU_OFFICER, "130602").actor()
    for actor in (merchant, elsewhere):
        with pytest.raises(Forbidden):
            operations.verify(licence.id, actor, NOW)
        with pytest.raises(Forbidden):
            operations.refuse(licence.id, "看不清", actor, NOW)


def test_without_image_or_number_nothing_is_verified(shop: Shop, merchant: Actor, officer: Actor) -> None:
    licence = state(shop, merchant, file_id=None)
    with pytest.raises(Invalid, match="licence_incomplete"):
        operations.verify(licence.id, officer, NOW)


def test_refused_with_a_reason_and_stated_again(shop: Shop, merchant: Actor, officer: Actor) -> None:
    licence = state(shop, merchant)
    with pytest.raises(Invalid, match="reason_required"):
        operations.refuse(licence.id, "  ", officer, NOW)
    operations.refuse(licence.id, "照片看不清", officer, NOW)
    assert (licence.state, licence.refused_reason) == (LicenceState.REFUSED, "照片看不清")
    failed = [check.code for check in queries.checks_of_shop(shop, TODAY) if check.result.value == "failed"]
    assert failed == ["licence.refused"]
    with pytest.raises(StepRefused):
        operations.verify(licence.id, officer, NOW)
    again = state(shop, merchant)
    assert (again.id, again.state, again.refused_reason) == (licence.id, LicenceState.STATED, None)


def test_an_approved_application_verifies_what_was_reviewed(shop: Shop, merchant: Actor) -> None:
    good, empty = state(shop, merchant), state(shop, merchant, "business_licence", number="", file_id=None)
    bureau = people.make_officer(Role.BUREAU_OFFICER).actor()
    operations.verify_with_application(shop.id, bureau, NOW)
    assert (good.state, good.verified_how) == (LicenceState.VERIFIED, "application")
    assert empty.state is LicenceState.STATED


def test_the_approval_is_heard(shop: Shop, merchant: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(operations, "verify_with_application", lambda shop_id, *_: told.append(shop_id))
    from webapp.licences import reactions

    reactions.verify_reviewed(None, shop_id=shop.id, actor=SYSTEM, now=NOW)
    assert told == [shop.id]
    assert any(receiver is reactions.verify_reviewed for receiver in application_approved.receivers_for(None))


@pytest.mark.each_database
def test_the_sweep_tells_of_what_ended_and_of_what_began(shop: Shop, news: list[dict[str, Any]]) -> None:
    make.make_licence(shop, valid_until=date(2026, 5, 5))
    later = merchants.make_shop(name="别家")
    make.make_licence(later, valid_from=date(2026, 5, 6), valid_until=None)
    fine = merchants.make_shop(name="好店")
    make.make_licence(fine)
    assert operations.sweep_expiry(NOW) == 2
    told = {shop_id: kinds for piece in news for shop_id, kinds in piece["missing_or_expired"].items()}
    assert told == {shop.id: ["food_catering"], later.id: []}


def test_the_last_day_is_still_good(shop: Shop, news: list[dict[str, Any]]) -> None:
    make.make_licence(shop, valid_until=TODAY)
    assert operations.sweep_expiry(NOW) == 0
    assert operations.sweep_expiry(NOW + timedelta(days=1)) == 1
    assert news[0]["missing_or_expired"] == {shop.id: ["food_catering"]}


def test_members_are_reminded_once_a_stage(shop: Shop, merchant: Actor) -> None:
    make.make_licence(shop, valid_until=TODAY + timedelta(days=61))
    sent = {day for day in range(64) if reminders.remind_expiring(NOW + timedelta(days=day))}
    assert sent == {1, 31, 54, 60}  # 60, 30, 7 days and one day left; nothing after the end
    assert db.session.query(OutboxMessage).count() == 4
    notice = db.session.query(Notice).first()
    assert notice is not None
    assert notice.details == {"kind": "食品经营许可证（餐饮服务）", "days": 60}


def test_what_the_public_sees(shop: Shop, merchant: Actor) -> None:
    make.make_licence(shop, valid_until=TODAY + timedelta(days=3))
    state(shop, merchant, "business_licence", number=shop.operator.uscc, valid_until=None)
    (shown,) = queries.public_licences(shop.id, TODAY)
    assert (shown.kind_code, shown.validity, shown.how) == ("food_catering", Validity.ENDING, "officer")


def test_withdrawing_what_was_given_by_mistake(shop: Shop, merchant: Actor) -> None:
    licence = state(shop, merchant)
    operations.withdraw(licence.id, merchant, NOW)
    assert queries.of_shop(shop.id) == []
    verified = make.make_licence(shop)
    with pytest.raises(NotFound):
        operations.withdraw(verified.id, merchant, NOW)


@pytest.mark.each_database
def test_the_database_keeps_one_of_a_kind(shop: Shop) -> None:
    make.make_licence(shop)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        make.make_licence(shop)
    make.make_licence(shop, verified=False)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        make.make_licence(shop, verified=False)


def test_renewals_wait_only_beside_something_verified(shop: Shop, merchant: Actor) -> None:
    mine = sa.select(Shop.id)
    state(shop, merchant)
    assert queries.renewals(mine) == []
    make.make_licence(shop)
    assert [(licence.kind_code, found.id) for licence, found in queries.renewals(mine)] == [
        ("food_catering", shop.id)
    ]
    assert queries.renewals(sa.select(Shop.id).where(sa.false())) == []


def test_a_second_shops_first_licences_are_no_renewals(shop: Shop, merchant: Actor, officer: Actor) -> None:
    """They come with that shop's application, although the operator's own licence is verified already."""
    business = state(shop, merchant, "business_licence", number=shop.operator.uscc, valid_until=None)
    operations.verify(business.id, officer, NOW)
    state(merchants.make_shop(shop.operator, name="分店"), merchant)
    assert queries.renewals(sa.select(Shop.id)) == []
    state(shop, merchant, "business_licence", number=shop.operator.uscc, valid_until=None)
    assert [licence.kind_code for licence, _ in queries.renewals(sa.select(Shop.id))] == ["business_licence"]


def test_an_operator_wide_licence_is_of_every_place_of_its_shops(shop: Shop, merchant: Actor) -> None:
    """Whichever shop is the operator's first, the officers of each shop's place see and answer it; others do not."""
    make_street("130602001", station="竞秀区东关市场监管所")
    away = merchants.make_shop(shop.operator, name="竞秀店", region_code="130602001")
    make.make_licence(shop, "business_licence", number=shop.operator.uscc)
    stated = state(shop, merchant, "business_licence", number=shop.operator.uscc, valid_until=None)
    scope = queries.scope_of_licence(stated.id)
    role = frozenset({Role.BUREAU_OFFICER})
    here, there, nowhere = (
        people.make_officer(Role.BUREAU_OFFICER, code).actor() for code in ("130606", "130602", "130607")
    )
    assert [actor.holds(role, scope) for actor in (here, there, nowhere)] == [True, True, False]
    for place, found in (("130606", shop), ("130602", away)):
        mine = sa.select(Shop.id).where(Shop.region_code.startswith(place))
        assert [(row.id, beside.id) for row, beside in queries.renewals(mine)] == [(stated.id, found.id)]
    with pytest.raises(Forbidden):
        operations.verify(stated.id, nowhere, NOW)
    assert operations.verify(stated.id, there, NOW).state is LicenceState.VERIFIED


def test_a_licence_of_one_shop_is_of_its_place_alone(shop: Shop, merchant: Actor) -> None:
    make_street("130602001", station="竞秀区东关市场监管所")
    merchants.make_shop(shop.operator, name="竞秀店", region_code="130602001")
    assert queries.scope_of_licence(state(shop, merchant).id) == shop.scope


def test_who_stands_aside_answers_no_licence(shop: Shop, merchant: Actor, officer: Actor) -> None:
    stated = state(shop, merchant)
    tied = replace(officer, aside_from=frozenset({shop.operator_id}))
    for work in (
        lambda: operations.verify(stated.id, tied, NOW),
        lambda: operations.refuse(stated.id, "反光", tied, NOW),
    ):
        with pytest.raises(Forbidden) as caught:
            work()
        assert caught.value.code == "must_stand_aside"
