"""Two people, one of whom wins; what publishing and ending set off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import files
from tests.factories.listings import People, make_listing, make_people, make_proposal
from tests.factories.merchants import NOW
from webapp.applications import operations as applications
from webapp.applications.onboarding import editable
from webapp.audit.models import AuditEvent
from webapp.codes import queries as codes
from webapp.codes.operations import issue, revoke_now
from webapp.codes.rules import CodeState
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.signals import listing_ended, listing_published
from webapp.core.transaction import unit
from webapp.feed.models import Change
from webapp.files.access import may_read
from webapp.files.models import FilePurpose, StoredFile
from webapp.listings import operations, queries
from webapp.listings.models import Listing
from webapp.listings.rules import Colour, ListingState
from webapp.notices.models import Notice, OutboxMessage
from webapp.stickers.keys import store


@pytest.fixture
def people(context: Flask) -> People:
    with unit():
        return make_people()


def words_of(model: type[Notice | OutboxMessage]) -> list[str]:
    column = Notice.word if model is Notice else OutboxMessage.template
    return list(db.session.scalars(sa.select(column).order_by(model.id)))


@pytest.mark.each_database
def test_two_people_put_a_shop_on_the_black_list(people: People, context: Flask) -> None:
    with unit():
        store().ensure(NOW)
        issue(people.shop.id, SYSTEM, NOW)
    heard: list[dict[str, object]] = []

    def hear(_sender: None, **news: object) -> None:
        heard.append(news)

    with listing_published.connected_to(hear), unit():
        listing = make_listing(people)
    assert listing.state is ListingState.PUBLISHED
    assert (listing.proposed_by_id, listing.decided_by_id) == (
        people.bureau.account_id,
        people.second.account_id,
    )
    assert listing.published_at == NOW
    assert [(news["colour"], news["shop_id"]) for news in heard] == [("black", people.shop.id)]
    assert codes.standing(people.shop.id) is None
    latest = codes.latest(people.shop.id)
    assert latest is not None
    assert (latest.state, latest.revoked_ground) == (CodeState.REVOKED, "black_listed")
    changes = db.session.scalars(sa.select(Change.kind).where(Change.shop_id == people.shop.id))
    assert "listing.published" in set(changes)
    assert "notice.listing.black.confirm" in words_of(Notice)
    assert "sms.listing.black.confirm" in words_of(OutboxMessage)


@pytest.mark.each_database
def test_the_one_who_proposed_cannot_decide(people: People, context: Flask) -> None:
    with unit():
        proposal = make_proposal(people)
    for action in ("confirm", "refuse"):
        with pytest.raises(Forbidden, match="listing_two_people"):
            operations.decide(proposal.id, action, "属实", people.bureau, NOW, proposal.version)
    assert proposal.state is ListingState.PROPOSED


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"decided_by_id": Listing.proposed_by_id}, "two_people"),
        ({"state": "published"}, "published_by_two"),
        ({"term_until": None}, "black_has_term"),
    ],
)
def test_the_database_refuses_it_too(
    people: People, context: Flask, values: dict[str, object], rule: str
) -> None:
    with unit():
        proposal = make_proposal(people)
    statement = sa.update(Listing).where(Listing.id == proposal.id).values(**values)
    with pytest.raises(sa.exc.IntegrityError, match=rule):
        db.session.execute(statement)
    db.session.rollback()


@pytest.mark.each_database
def test_of_two_officers_at_once_one_wins(app: Flask) -> None:
    """The second has read the same version; what it writes must not overwrite the first's decision."""
    with app.app_context(), unit():
        people = make_people()
        third = make_people("隔壁面馆").second
        proposal_id, shop_id = make_proposal(people).id, people.shop.id
    with app.app_context():
        seen = queries.get(proposal_id)
        version = seen.version
        db.session.commit()  # the page is open; nothing is locked
        with app.app_context(), unit():
            operations.decide(proposal_id, "refuse", "证据不足", people.second, NOW, version)
        with pytest.raises(Conflict, match="changed_meanwhile"):
            operations.decide(proposal_id, "confirm", "属实", third, NOW, version)
        db.session.rollback()
    with app.app_context():
        listing = queries.get(proposal_id)
        assert (listing.state, listing.decision_reason) == (ListingState.REFUSED, "证据不足")
        assert queries.standing(shop_id, Colour.BLACK) is None


@pytest.mark.each_database
def test_the_same_entry_is_not_proposed_twice(people: People, context: Flask) -> None:
    with unit():
        make_proposal(people)
    with pytest.raises(Conflict, match="listing_stands"):
        make_proposal(people)


@pytest.mark.each_database
def test_the_database_stops_a_second_proposal_that_nobody_saw(
    people: People, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit():
        make_proposal(people)
    monkeypatch.setattr(queries, "standing", lambda *_: None)
    with pytest.raises(Conflict, match="listing_stands"):
        make_proposal(people)
    db.session.rollback()


def test_refusing_ends_it_and_it_can_be_proposed_again(people: People) -> None:
    with unit():
        proposal = make_proposal(people)
        operations.decide(proposal.id, "refuse", "证据不足", people.second, NOW, proposal.version)
    assert queries.public_of_shop(people.shop.id, NOW.date()) == []
    assert words_of(Notice) == ["notice.listing.black.refuse"]
    assert words_of(OutboxMessage) == []
    make_proposal(people)


def test_nobody_is_told_of_a_refused_red_proposal(people: People) -> None:
    with unit():
        proposal = make_proposal(people, Colour.RED)
        operations.decide(proposal.id, "refuse", "还不够", people.second, NOW, proposal.version)
    assert words_of(Notice) == []


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_who_may_not_propose(people: People, who: str) -> None:
    with pytest.raises(Forbidden):
        make_proposal(replace(people, bureau=getattr(people, who)))


def test_a_station_officer_proposes_but_does_not_decide(people: People) -> None:
    proposal = make_proposal(replace(people, bureau=people.station))
    assert proposal.proposed_by_id == people.station.account_id
    with pytest.raises(Forbidden):
        operations.decide(proposal.id, "confirm", "属实", replace(people.station, account_id=999), NOW, 1)
    with pytest.raises(Forbidden):
        operations.decide(proposal.id, "confirm", "属实", people.stranger, NOW, proposal.version)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"ground": "clean_record"}, "listing_ground", "ground"),
        ({"evidence": "  "}, "required", "evidence"),
        ({"public_summary": ""}, "required", "public_summary"),
        ({"public_summary": "长" * 301}, "listing_text_too_long", "public_summary"),
        ({"term_until": None}, "listing_term", "term_until"),
        ({"term_until": date(2026, 5, 6)}, "listing_term", "term_until"),
        ({"term_until": date(2029, 5, 7)}, "listing_term", "term_until"),
    ],
)
def test_what_a_proposal_must_have(people: People, changes: dict[str, object], code: str, field: str) -> None:
    given: dict[str, object] = {
        "colour": Colour.BLACK,
        "ground": "fake_goods",
        "evidence": "查获",
        "public_summary": "卖假货",
        "term_until": date(2029, 5, 6),
        "actor": people.bureau,
        "now": NOW,
    }
    with pytest.raises(Invalid, match=code) as error:
        operations.propose(people.shop.id, **(given | changes))  # type: ignore[arg-type]
    assert error.value.field == field
    operations.propose(people.shop.id, **given)  # type: ignore[arg-type]


def test_evidence_is_for_officers_within_reach(people: People) -> None:
    with unit():
        mine = files.make_file(FilePurpose.EVIDENCE, people.bureau)
        listing = operations.propose(
            people.shop.id,
            Colour.BLACK,
            "fake_goods",
            "查获",
            "卖假货",
            date(2028, 5, 6),
            people.bureau,
            NOW,
            file_ids=[mine.id],
        )
    file = db.session.get_one(StoredFile, mine.id)
    assert (file.owner_type, file.owner_id) == ("listing", listing.id)
    readers = {
        name: may_read(getattr(people, name), file)
        for name in ("bureau", "second", "station", "stranger", "owner")
    }
    assert readers == {
        "bureau": True,
        "second": True,
        "station": True,
        "stranger": False,
        "owner": False,
    }


def test_a_strangers_upload_is_not_taken(people: People) -> None:
    other = files.make_file(FilePurpose.EVIDENCE, people.second)
    with pytest.raises(NotFound):
        operations.propose(
            people.shop.id,
            Colour.BLACK,
            "fake_goods",
            "a",
            "b",
            date(2028, 5, 6),
            people.bureau,
            NOW,
            file_ids=[other.id],
        )


def test_red_and_black_do_not_stand_together(people: People) -> None:
    with unit():
        red = make_listing(people, Colour.RED, term=None)
        make_listing(people)
    assert (red.state, red.ended_reason) == (ListingState.STRUCK, "black_listed")
    assert [entry.colour for entry in queries.public_of_shop(people.shop.id, NOW.date())] == [Colour.BLACK]
    with pytest.raises(Conflict, match="listing_black_stands"):
        make_proposal(people, Colour.RED)


def test_a_red_proposal_is_not_confirmed_once_the_shop_is_black(people: People) -> None:
    with unit():
        red = make_proposal(people, Colour.RED)
        make_listing(people)
    with pytest.raises(Conflict, match="listing_black_stands"):
        operations.decide(red.id, "confirm", "属实", people.second, NOW, red.version)
    operations.decide(red.id, "refuse", "已在黑榜", people.second, NOW, red.version)


def test_a_shop_that_lost_its_code_leaves_the_red_list(people: People) -> None:
    with unit():
        store().ensure(NOW)
        issue(people.shop.id, SYSTEM, NOW)
        red = make_listing(people, Colour.RED)
    with unit():
        revoke_now(people.shop.id, "operator_deregistered", "注销", SYSTEM, NOW)
    assert (red.state, red.ended_reason) == (ListingState.STRUCK, "code_revoked")


def test_a_proposal_whose_term_has_passed_cannot_be_published(people: People) -> None:
    proposal = make_proposal(people)
    late = NOW + timedelta(days=366)
    with pytest.raises(Invalid, match="listing_term_over"):
        operations.decide(proposal.id, "confirm", "属实", people.second, late, proposal.version)


@pytest.mark.parametrize(
    ("colour", "action"),
    [(Colour.BLACK, "repair"), (Colour.BLACK, "strike"), (Colour.RED, "strike")],
)
def test_ending_hides_it_at_once_and_says_so(people: People, colour: Colour, action: str) -> None:
    with unit():
        listing = make_listing(people, colour)
    heard = []

    def hear(_sender: None, **news: object) -> None:
        heard.append(news["reason"])

    with listing_ended.connected_to(hear), unit():
        operations.end(listing.id, action, "整改完成", people.second, NOW, listing.version)
    assert heard == ["整改完成"]
    assert queries.public_of_shop(people.shop.id, NOW.date()) == []
    assert queries.gone_ids(people.shop.id, NOW.date()) == {listing.id}
    assert words_of(Notice)[-1] == f"notice.listing.{colour.value}.{action}"
    kinds = list(db.session.scalars(sa.select(Change.kind).order_by(Change.seq)))
    assert kinds[-1] == "listing.ended"
    event = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.public, event.reason) == (f"listing.{action}", True, "整改完成")
    with pytest.raises(StepRefused):
        operations.end(listing.id, action, "再来一次", people.second, NOW, listing.version)


def test_red_is_struck_not_repaired(people: People) -> None:
    listing = make_listing(people, Colour.RED)
    with pytest.raises(StepRefused):
        operations.end(listing.id, "repair", "整改", people.second, NOW, listing.version)


def test_an_old_page_cannot_end_it(people: People) -> None:
    listing = make_listing(people)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.end(listing.id, "strike", "有误", people.second, NOW, listing.version - 1)


@pytest.mark.each_database
def test_terms_expire_by_the_job(
    people: People, context: Flask, freeze: Callable[[datetime], datetime]
) -> None:
    with unit():
        listing = make_listing(people)
    last_day = datetime(2027, 4, 20, 15, 59, tzinfo=NOW.tzinfo)  # 23:59 in China
    with unit():
        assert operations.expire_ended(last_day) == 0
    with unit():
        assert operations.expire_ended(last_day + timedelta(minutes=1)) == 1
    assert (listing.state, listing.ended_reason) == (ListingState.EXPIRED, "term_passed")
    with unit():
        assert operations.expire_ended(last_day + timedelta(minutes=2)) == 0


def test_the_summary_is_public_and_the_evidence_is_not(people: People) -> None:
    with unit():
        make_listing(people)
    events = list(
        db.session.scalars(sa.select(AuditEvent).where(AuditEvent.subject_type == "listing").order_by("id"))
    )
    assert [(event.action, event.public) for event in events] == [
        ("listing.propose", False),
        ("listing.confirm", False),
        ("listing.publish", True),
    ]
    assert (events[2].reason, events[2].reason_code) == ("电子秤短斤少两。", "black.short_measure")


def test_nobody_drafts_a_new_name_for_an_entry_of_the_black_list(people: People, context: Flask) -> None:
    """A draft edits the shop itself, and the list shows the shop's name: it would soon be a competitor's."""
    with unit():
        draft = applications.start(people.shop.id, people.owner, NOW)
        listing = make_listing(people)
    with pytest.raises(Conflict, match="listing_black_bars"):
        editable(draft.id)
    with unit():
        applications.withdraw(draft.id, people.owner, NOW)
    with pytest.raises(Conflict, match="listing_black_bars"):
        applications.start(people.shop.id, people.owner, NOW)
    with unit():
        operations.end(listing.id, "repair", "已改正", people.second, NOW, listing.version)
    assert applications.start(people.shop.id, people.owner, NOW).id != draft.id
