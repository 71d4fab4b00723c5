"""Being heard, replying, appealing, asking for repair: by whom, until when, and what stops with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import make_officer
from tests.factories.listings import People, make_confirmed, make_listing, make_people
from tests.factories.merchants import NOW, make_shop
from tests.factories.registry import make_record
from tests.listings.conftest import Browser
from tests.listings.test_views import send
from webapp.codes import queries as codes
from webapp.codes.operations import issue
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.policy import PolicyValue
from webapp.core.transaction import unit
from webapp.letters import Subject
from webapp.letters import queries as letters
from webapp.listings import cases, hearing, operations, process, queries
from webapp.listings.models import Listing, ListingAppeal
from webapp.listings.process import CaseState
from webapp.listings.rules import ListingState
from webapp.merchants.models import Operator
from webapp.stickers.keys import store

LATER = NOW + timedelta(days=120)


@pytest.fixture
def people(context: Flask) -> People:
    with unit():
        found = make_people()
        make_record(uscc=found.shop.operator.uscc)
        return found


def kinds(listing: Listing) -> list[str]:
    return [letter.kind for letter in letters.of_subject(Subject("listing", listing.id))]


def outsider() -> Actor:
    return make_officer(name="周科长").actor()


# --- the hearing ------------------------------------------------------------------------------------------------------


@pytest.mark.each_database
def test_confirmed_is_not_public_until_the_merchant_was_heard(people: People, context: Flask) -> None:
    with unit():
        listing = make_confirmed(people)
    assert listing.state is ListingState.CONFIRMED
    assert listing.hearing_until is not None
    # NOW is Wednesday 6 May 2026; Saturday 9 May is a make-up day: five working days end with Tuesday 12 May.
    assert clock.day_of(listing.hearing_until - timedelta(seconds=1)).isoformat() == "2026-05-12"
    assert kinds(listing) == ["listing_notice"]
    assert queries.public_of_shop(people.shop.id, NOW.date()) == []
    with pytest.raises(Conflict, match="listing_hearing_open"):
        operations.publish(listing.id, "快", people.second, NOW, listing.version)
    with unit():
        assert operations.publish_heard(listing.hearing_until - timedelta(seconds=1)) == 0
    with unit():
        assert operations.publish_heard(listing.hearing_until) == 1
    assert listing.state is ListingState.PUBLISHED


@pytest.mark.each_database
def test_the_database_publishes_nobody_unheard(people: People, context: Flask) -> None:
    with unit():
        listing = make_confirmed(people)
    early = sa.update(Listing).where(Listing.id == listing.id).values(state="published", published_at=NOW)
    with pytest.raises(sa.exc.IntegrityError, match="heard_first"):
        db.session.execute(early)
    db.session.rollback()


def test_who_spoke_is_answered_by_a_person(people: People) -> None:
    with unit():
        listing = make_confirmed(people)
        hearing.speak(listing.id, "秤刚检定过。", people.owner, NOW)
    assert listing.hearing_until is not None
    with unit():
        assert operations.publish_heard(listing.hearing_until) == 0, (
            "a word that nobody weighed stops the machine"
        )
    with pytest.raises(Forbidden, match="listing_must_be_weighed"):
        operations.publish(listing.id, "hearing_over", SYSTEM, listing.hearing_until, listing.version)
    with unit():
        operations.publish(listing.id, "检定证书是去年的。", people.second, NOW, listing.version)
    assert (listing.heard_by_id, listing.heard_answer) == (people.second.account_id, "检定证书是去年的。")


def test_a_good_word_keeps_it_from_being_published(people: People) -> None:
    with unit():
        listing = make_confirmed(people)
        hearing.speak(listing.id, "秤刚检定过。", people.owner, NOW)
        operations.drop(listing.id, "检定证书属实。", people.second, NOW, listing.version)
    assert listing.state is ListingState.REFUSED
    assert listing.published_at is None
    assert queries.standing(people.shop.id, listing.colour) is None


def test_after_the_hearing_nobody_speaks(people: People) -> None:
    with unit():
        listing = make_confirmed(people)
    assert listing.hearing_until is not None
    with pytest.raises(Conflict, match="listing_hearing_over"):
        hearing.speak(listing.id, "等等", people.owner, listing.hearing_until)
    hearing.speak(listing.id, "等等", people.owner, listing.hearing_until - timedelta(seconds=1))
    with pytest.raises(Forbidden):
        hearing.speak(listing.id, "等等", people.second, NOW)


def test_a_reply_stands_beside_the_entry_until_it_is_hidden(people: People) -> None:
    with unit():
        listing = make_listing(people)
        hearing.reply(listing.id, "我们已经换了新秤。", people.owner, NOW)
    assert listing.public_reply == "我们已经换了新秤。"
    with unit():
        hearing.hide_reply(listing.id, "写了别人的电话", people.station, NOW, listing.version)
    assert listing.public_reply == ""
    with unit():
        hearing.reply(listing.id, "已经改正。", people.owner, NOW)
    assert listing.public_reply == "已经改正。"


# --- appeal -----------------------------------------------------------------------------------------------------------


@pytest.mark.each_database
def test_an_appeal_is_decided_by_who_took_no_part(people: People, context: Flask) -> None:
    with unit():
        store().ensure(NOW)
        issue(people.shop.id, SYSTEM, NOW - timedelta(days=30))
        listing = make_listing(people)
        third = outsider()
    assert codes.standing(people.shop.id) is None
    with unit():
        case = cases.appeal(listing.id, "砝码没有检定。", people.owner, NOW)
    assert listing.under_appeal
    assert queries.under_appeal([people.shop.id]) == {people.shop.id}
    for officer in (people.bureau, people.second):
        with pytest.raises(Forbidden, match="listing_took_part"):
            cases.decide_appeal(
                case.id, grant=True, reason="对", actor=officer, now=NOW, version=case.version
            )
    with unit():
        cases.decide_appeal(
            case.id, grant=True, reason="砝码有误", actor=third, now=NOW, version=case.version
        )
    assert (case.state, listing.state) == (CaseState.GRANTED, ListingState.STRUCK)
    assert not listing.under_appeal
    assert "listing_decision" in kinds(listing)
    back = codes.standing(people.shop.id)
    assert back is not None, "what a wrong decision took is given back with the same commit"


@pytest.mark.each_database
def test_the_database_keeps_who_took_part_from_deciding(people: People, context: Flask) -> None:
    with unit():
        listing = make_listing(people)
        case = cases.appeal(listing.id, "砝码没有检定。", people.owner, NOW)
    for officer in (people.bureau, people.second):
        statement = sa.update(ListingAppeal).where(ListingAppeal.id == case.id)
        with pytest.raises(sa.exc.IntegrityError, match="took_no_part"):
            db.session.execute(statement.values(state="dismissed", decided_by_id=officer.account_id))
        db.session.rollback()


def test_who_weighed_the_hearing_took_part(people: People) -> None:
    with unit():
        third = outsider()
        listing = make_confirmed(people)
        hearing.speak(listing.id, "不对", people.owner, NOW)
        operations.publish(listing.id, "属实", third, NOW, listing.version)
        case = cases.appeal(listing.id, "不对", people.owner, NOW)
    with pytest.raises(Forbidden, match="listing_took_part"):
        cases.decide_appeal(case.id, grant=False, reason="x", actor=third, now=NOW, version=case.version)


def test_an_appeal_is_heard_once_and_in_time(people: People) -> None:
    with unit():
        listing = make_listing(people)
    late = NOW + timedelta(days=policy.get_int("listing.appeal_days", NOW.date()) + 1)
    with pytest.raises(Conflict, match="listing_appeal_late"):
        cases.appeal(listing.id, "太晚", people.owner, late)
    with unit():
        first = cases.appeal(listing.id, "不对", people.owner, NOW)
        assert cases.appeal(listing.id, "不对", people.owner, NOW) is first, (
            "the same form twice is one appeal"
        )
        cases.withdraw(first, people.owner, NOW)
    assert not listing.under_appeal
    with unit():
        again = cases.appeal(listing.id, "还是不对", people.owner, NOW)
        cases.decide_appeal(
            again.id, grant=False, reason="维持", actor=outsider(), now=NOW, version=again.version
        )
    assert listing.state is ListingState.PUBLISHED
    with pytest.raises(Conflict, match="listing_appealed"):
        cases.appeal(listing.id, "再来", people.owner, NOW)


# --- repair -----------------------------------------------------------------------------------------------------------


def ask(listing: Listing, people: People, now: datetime, **more: object) -> object:
    return cases.ask_repair(listing.id, "换了新秤，退赔了顾客。", process.PLEDGES, people.owner, now, **more)  # type: ignore[arg-type]


@pytest.mark.each_database
def test_repair_is_asked_for_after_the_time_and_ends_everything(people: People, context: Flask) -> None:
    with unit():
        listing = make_listing(people)
    assert cases.repair_from(listing).isoformat() == "2026-08-06"  # general: three whole months
    day_before = datetime(2026, 8, 5, 15, 59, tzinfo=NOW.tzinfo)
    with pytest.raises(Conflict, match="repair_not_yet"):
        ask(listing, people, day_before)
    with unit():
        case = cases.ask_repair(
            listing.id, "换了新秤。", process.PLEDGES, people.owner, day_before + timedelta(minutes=1)
        )
    assert len(case.receipt) == 20
    assert "repair_receipt" in kinds(listing)
    with unit():
        cases.decide_repair(
            case.id, grant=True, reason="核实", actor=people.second, now=LATER, version=case.version
        )
    assert listing.state is ListingState.REPAIRED
    assert queries.public_of_shop(people.shop.id, LATER.date()) == []
    assert queries.barred(people.shop.id) is None, "the bar on applying ends with it"


@pytest.mark.parametrize(
    ("severity", "first"), [("minor", "2026-05-06"), ("general", "2026-08-06"), ("serious", "2027-05-06")]
)
def test_the_timer_hangs_on_the_severity(people: People, severity: str, first: str) -> None:
    with unit():
        listing = make_listing(people)
        listing.severity = severity
    assert cases.repair_from(listing).isoformat() == first


def test_the_timer_is_a_policy_value(people: People) -> None:
    with unit():
        listing = make_listing(people)
        row = sa.update(PolicyValue).where(PolicyValue.key == "listing.general_repair_months")
        db.session.execute(row.values(value="1"))
    assert cases.repair_from(listing).isoformat() == "2026-06-06"


def test_what_stands_in_the_way_of_repair_is_said(people: People) -> None:
    with unit():
        listing = make_listing(people)
        other = make_shop(db.session.get_one(Operator, people.shop.operator_id), "老槐树分店")
        cases.appeal(listing.id, "不对", people.owner, NOW)
    failed = {check.code for check in cases.repair_checks(listing, NOW) if check.result.value == "failed"}
    assert failed == {"term_served", "no_appeal"}
    with unit():
        make_confirmed(replace(people, shop=other), LATER, term=LATER.date() + timedelta(days=200))
    failed = {check.code for check in cases.repair_checks(listing, LATER) if check.result.value == "failed"}
    assert failed == {"not_repeated", "no_appeal"}


def test_every_pledge_is_made(people: People) -> None:
    with unit():
        listing = make_listing(people)
    for missing in process.PLEDGES:
        given = [one for one in process.PLEDGES if one != missing]
        with pytest.raises(Invalid, match="listing_pledges"):
            cases.ask_repair(listing.id, "换了", given, people.owner, LATER)


def test_who_listed_repairs(people: People) -> None:
    """谁列入谁修复: the two who listed, or their bureau; not another's, though the city's own covers the shop."""
    with unit():
        listing = make_listing(people)
        case = cases.ask_repair(listing.id, "换了", process.PLEDGES, people.owner, LATER)
        city = make_officer(region_code="1306", name="市局科长").actor()
        colleague = outsider()
    for officer in (city, people.station, people.stranger):
        with pytest.raises(Forbidden):
            cases.decide_repair(
                case.id, grant=True, reason="x", actor=officer, now=LATER, version=case.version
            )
    with unit():
        cases.decide_repair(
            case.id, grant=False, reason="退赔没有办完", actor=colleague, now=LATER, version=case.version
        )
    assert listing.state is ListingState.PUBLISHED
    with unit():
        again = cases.ask_repair(listing.id, "退赔办完了", process.PLEDGES, people.owner, LATER)
    assert again.receipt != case.receipt


def test_an_end_overtakes_what_was_asked(people: People) -> None:
    with unit():
        listing = make_listing(people)
        case = cases.appeal(listing.id, "不对", people.owner, NOW)
        operations.end(listing.id, "strike", "有误", people.second, NOW, listing.version)
    assert case.state is CaseState.OVERTAKEN
    assert queries.due(people.second.posts) == []


# --- on the phone and at the desk -------------------------------------------------------------------------------------


def test_the_merchants_way_on_the_phone(
    app: Flask, client: FlaskClient, city: People, browser: Browser, freeze: Callable[[datetime], datetime]
) -> None:
    with app.app_context(), unit():
        make_record(uscc=db.session.get_one(Operator, city.shop.operator_id).uscc)
        proposal = operations.propose(
            city.shop.id,
            operations.Colour.BLACK,
            "short_measure",
            "复称",
            "短斤少两。",
            NOW.date() + timedelta(days=300),
            city.bureau,
            NOW,
        )
        listing_id = proposal.id
        third = outsider()
    mine, page = browser(city.owner), f"/merchant/listings/{listing_id}"
    assert mine.get(page).status_code == 404, "a proposal that nobody confirmed is the office's own affair"
    with app.app_context(), unit():
        operations.decide(listing_id, "confirm", "属实", city.second, NOW, queries.get(listing_id).version)
    assert "您可以在2026年5月12日 周二结束前说明情况" in mine.get(page).text
    home = mine.get("/merchant/").text
    assert "您可以在期限前说明情况" in home
    assert "5月12日 周二" in home
    assert "拟列入放心消费黑榜告知书" in mine.get(page).text
    assert mine.get(f"{page}/appeal").status_code == 303, "not public yet: nothing to appeal"
    empty = send(mine, f"{page}/speak", text=" ")
    assert empty.status_code == 422
    assert send(mine, f"{page}/speak", text="秤刚检定过。").status_code == 303
    officer, case = browser(city.second), f"/office/listings/{listing_id}"
    assert "待答复陈述申辩" in officer.get("/office/listings").text
    assert "秤刚检定过。" in officer.get(case).text
    with app.app_context():
        version = queries.get(listing_id).version
    assert (
        send(officer, case, f"{case}/publish", version=str(version), reason="检定证书是旧的").status_code
        == 303
    )
    assert send(mine, f"{page}/reply", text="我们换了新秤。").status_code == 303
    assert "我们换了新秤。" in client.get("/lists/black").text
    assert send(mine, f"{page}/appeal", text="砝码没有检定。").status_code == 303
    assert "申诉中" in client.get("/lists/black").text
    shop = client.get(f"/s/{city.shop.id}").text
    assert "印章：申诉中" in shop
    assert "我们换了新秤。" in shop
    assert "您参与过这次列入" in officer.get(case).text
    desk = browser(third)
    with app.app_context():
        appeal = queries.get(listing_id).open_appeal
        assert appeal is not None
        address = f"/office/listings/appeals/{appeal.id}/dismiss"
    assert send(officer, case, address, version="1", reason="x").status_code == 403
    assert send(desk, case, address, version="1", reason=" ").status_code == 422
    assert send(desk, case, address, version="1", reason="维持").status_code == 303
    assert "申诉中" not in client.get("/lists/black").text
    early = send(mine, f"{page}/repair", text="换了新秤", pledges=list(process.PLEDGES))
    assert early.status_code == 409
    assert "换了新秤" in early.text
    assert "2026年8月6日 周四起可以申请" in mine.get(page).text
    freeze(LATER)
    mine = browser(city.owner)
    wrong = send(mine, f"{page}/repair", text="换了新秤", pledges=["corrected"])
    assert wrong.status_code == 422
    assert send(mine, f"{page}/repair", text="换了新秤", pledges=list(process.PLEDGES)).status_code == 303
    assert "信用修复申请已受理" in mine.get(page).text
    assert "信用修复申请回执" in mine.get(page).text
    officer = browser(city.second)
    with app.app_context():
        asked = queries.get(listing_id).open_repair
        assert asked is not None
    done = send(officer, case, f"/office/listings/repairs/{asked.id}/grant", version="1", reason="核实")
    assert done.status_code == 303
    assert "老槐树面馆" not in client.get("/lists/black").text
    assert "黑榜记录已结束" in mine.get(page).text


def test_another_merchant_finds_nothing(app: Flask, city: People, browser: Browser) -> None:
    with app.app_context(), unit():
        listing_id = make_confirmed(city).id
        other = make_people("隔壁面馆").owner
    client = browser(other)
    for path in ("", "/speak", "/reply", "/appeal", "/repair"):
        assert client.get(f"/merchant/listings/{listing_id}{path}").status_code == 404
