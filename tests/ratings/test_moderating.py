"""How a rating may leave the page: a listed ground, two officers, a third for objections. And that nothing else can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.factories import complaints as people
from tests.factories import ratings as make
from tests.factories.files import make_file
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.transaction import commit
from webapp.files.access import is_public, may_read
from webapp.files.models import FilePurpose
from webapp.merchants.models import Shop
from webapp.merchants.queries import figures_of
from webapp.publiclog.models import LogLeaf
from webapp.ratings import grounds, moderating, moderation, operations, queries, records
from webapp.ratings.models import Rating, RatingCase
from webapp.ratings.moderation import CaseState, ReportState

DAY = timedelta(days=1)
WHOLE_LIFE = ("confirm", "refuse", "withdraw", "uphold", "restore")


@pytest.fixture
def shop(context: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    yield people.make_shop_with_policy()
    may_write.reset(token)


@pytest.fixture
def officers(shop: Shop) -> dict[str, Actor]:
    """One at the station, three in the bureau, and one elsewhere."""
    made = {"station": people.make_officer(Role.STATION_OFFICER, "130606", "所").actor()}
    for name in ("bureau", "second", "third"):
        made[name] = people.make_officer(Role.BUREAU_OFFICER, "1306", name).actor()
    made["elsewhere"] = people.make_officer(Role.BUREAU_OFFICER, "130602", "外").actor()
    return made


def figures_are_right(shop_id: int) -> bool:
    commit()
    db.session.expire_all()
    return {name: getattr(figures_of(shop_id), name) for name in queries.recount(shop_id)} == queries.recount(
        shop_id
    )


def decide(case: RatingCase, action: str, actor: Actor, reason: str = "看过了") -> RatingCase:
    return moderating.decide(case.id, action, reason, actor, NOW, case.version)


def removed(rating: Rating, officers: dict[str, Actor], ground: str = "privacy") -> RatingCase:
    case = moderating.propose(rating.id, ground, "写了店员的电话", officers["station"], NOW)
    return decide(case, "confirm", officers["bureau"])


def test_two_officers_remove_on_a_ground_and_a_third_restores(shop: Shop, officers: dict[str, Actor]) -> None:
    rating = make.make_rating(shop, 1, text="店员张三电话 13911112222")
    make.make_rating(shop, 5)
    case = moderating.propose(rating.id, "privacy", "写了店员的电话", officers["station"], NOW)
    assert not rating.is_removed  # it stands until a second one agrees
    assert figures_of(shop.id).ratings == 2
    with pytest.raises(Conflict, match="rating_case_open"):
        moderating.propose(rating.id, "insult", "也骂人", officers["bureau"], NOW)
    decide(case, "confirm", officers["bureau"])
    assert (rating.removed_at, rating.removed_ground, case.state) == (NOW, "privacy", CaseState.REMOVED)
    assert figures_are_right(shop.id)
    assert figures_of(shop.id).ratings == 1
    assert queries.distribution(shop.id)[1] == 0
    assert rating not in queries.latest(shop.id, 9)
    assert db.session.scalars(queries.of_shop(shop.id)).first() is not None

    moderating.object_to(rating.id, "那是我自己的电话", NOW, own=True)
    assert (case.state, case.objected_own, rating.is_removed) == (CaseState.OBJECTED, True, True)
    for part in ("station", "bureau"):  # whoever proposed or removed does not weigh the objection
        with pytest.raises(Forbidden):
            decide(case, "restore", officers[part])
    decide(case, "restore", officers["second"])
    assert not rating.is_removed
    assert figures_are_right(shop.id)
    assert figures_of(shop.id).ratings == 2
    with pytest.raises(Conflict, match="rating_restored"):  # not again and again until somebody gives in
        moderating.propose(rating.id, "privacy", "还是有电话", officers["third"], NOW)
    again = moderating.propose(rating.id, "insult", "骂人", officers["third"], NOW)
    assert decide(again, "refuse", officers["second"]).state is CaseState.REFUSED


def test_others_are_heard_once_and_who_wrote_it_once_more(shop: Shop, officers: dict[str, Actor]) -> None:
    rating = make.make_rating(shop, 1)
    case = removed(rating, officers)
    moderating.object_to(rating.id, "没有违规", NOW)
    assert moderating.object_to(rating.id, "没有违规", NOW) is case  # the same form twice
    with pytest.raises(StepRefused):
        moderating.object_to(rating.id, "别的话", NOW)
    with pytest.raises(Forbidden):
        decide(case, "uphold", officers["bureau"])
    decide(case, "uphold", officers["second"])
    assert (case.state, rating.is_removed) == (CaseState.UPHELD, True)
    with pytest.raises(Conflict, match="rating_judged"):
        moderating.object_to(rating.id, "我也觉得不对", NOW)
    moderating.object_to(rating.id, "有新的证据", NOW, own=True)
    assert case.judgement is None
    decide(case, "uphold", officers["third"])
    for own in (False, True):
        with pytest.raises(Conflict, match="rating_final"):
            moderating.object_to(rating.id, "再看一次", NOW, own=own)
    decide(case, "restore", officers["second"])  # an officer who had no part may still see that it was wrong
    assert not rating.is_removed


def test_after_a_third_has_weighed_it_neither_of_the_two_overturns_that(
    shop: Shop, officers: dict[str, Actor]
) -> None:
    rating = make.make_rating(shop, 1)
    case = removed(rating, officers)
    moderating.object_to(rating.id, "没有违规", NOW)
    decide(case, "uphold", officers["second"])
    with pytest.raises(Forbidden, match="two_people_needed"):
        decide(case, "restore", officers["bureau"])
    restored = "UPDATE rating_case SET state = 'restored', judged_by_id = "
    for judge in ("proposed_by_id", "decided_by_id", "NULL"):
        with pytest.raises(sa.exc.IntegrityError, match="restored_by_a_third"), db.session.begin_nested():
            db.session.execute(sa.text(restored + judge))
    decide(case, "restore", officers["third"])
    assert not rating.is_removed


def test_the_log_and_the_trail_know_it_and_no_words(shop: Shop, officers: dict[str, Actor]) -> None:
    rating = make.make_rating(shop, 1, text="不该出现的话")
    case = removed(rating, officers)
    decide(case, "restore", officers["second"])
    commit()
    leaves = [
        bytes(leaf.data).decode() for leaf in db.session.scalars(sa.select(LogLeaf).order_by(LogLeaf.id))
    ]
    told = [leaf for leaf in leaves if '"rating.' in leaf]
    assert ["rating.remove" in told[0], "rating.restore" in told[1], len(told)] == [True, True, 2]
    assert '"ground":"privacy"' in told[0]
    assert not any("不该出现" in leaf or "张三" in leaf or "写了店员" in leaf for leaf in leaves)
    actions = db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [action for action in actions if action.startswith("rating")] == [
        "rating.give",
        "rating_case.propose",
        "rating.remove",
        "rating_case.confirm",
        "rating.restore",
        "rating_case.restore",
    ]


# --- never because it is bad ------------------------------------------------------------------------------------------


def test_nothing_but_a_listed_ground_begins_it(shop: Shop, officers: dict[str, Actor]) -> None:
    for mark in range(1, 6):
        rating = make.make_rating(shop, mark, text="很差")
        for ground in ("", "bad", "low", "unfair", "merchant_asks", "privacy "):
            with pytest.raises(Invalid) as caught:
                moderating.propose(rating.id, ground, "分太低", officers["station"], NOW)
            assert (caught.value.code, caught.value.field) == ("rating_ground", "ground")
        with pytest.raises(Invalid):
            moderating.propose(rating.id, "privacy", "  ", officers["station"], NOW)
        assert records.live_case(rating.id) is None


def test_every_step_by_every_person_removes_only_by_two(shop: Shop, officers: dict[str, Actor]) -> None:
    """From every state, every action by everybody: a rating is gone only after somebody proposed it on a ground and
    somebody else agreed, and never while its case says otherwise.
    """
    merchant = people.make_merchant(shop).actor()
    tied = people.make_officer(Role.BUREAU_OFFICER, "1306", "回避").actor()
    tied = type(tied)(**{**tied.__dict__, "aside_from": frozenset({shop.operator_id})})
    crowd = [*officers.values(), merchant, CONSUMER, tied]
    ways: list[list[tuple[str, str]]] = [
        [],
        [("confirm", "bureau")],
        [("confirm", "bureau"), ("object", "")],
        [("confirm", "bureau"), ("object", ""), ("uphold", "second")],
        [("confirm", "bureau"), ("restore", "second")],
        [("refuse", "bureau")],
        [("withdraw", "station")],
    ]
    seen = set()
    for way in ways:
        for action in (*WHOLE_LIFE, "object", "delete", "propose"):
            for actor in crowd:
                rating = make.make_rating(shop, 1)
                case = moderating.propose(rating.id, "insult", "骂人", officers["station"], NOW)
                for step, who in way:
                    if step == "object":
                        moderating.object_to(rating.id, "不对", NOW)
                    else:
                        decide(case, step, officers[who])
                before, was_gone = case.state, rating.is_removed
                try:
                    decide(case, action, actor)
                except DomainError:
                    assert (case.state, rating.is_removed) == (before, was_gone)
                    continue
                seen.add((before, action))
                gone = case.state in moderation.GONE
                assert rating.is_removed == gone
                if gone and not was_gone:
                    assert (action, case.decided_by_id) == ("confirm", actor.account_id)
                    assert case.decided_by_id != case.proposed_by_id
                    assert rating.removed_ground == case.ground in grounds.catalogue()
                assert actor in [*officers.values()][:-1]
    taken = {
        (state, step.action) for step in moderation.STEPS for state in step.sources if step.action != "object"
    }
    assert seen == taken


def test_reports_and_signals_remove_nothing(shop: Shop, officers: dict[str, Actor]) -> None:
    rating = make.make_rating(shop, 1, text="贵")
    merchant = people.make_merchant(shop).actor()
    for number in range(30):
        moderating.report(rating.id, "fabricated", "", f"device:{number}", CONSUMER, NOW)
    moderating.report(rating.id, "insult", "骂我们", "operator:1", merchant, NOW)
    assert not rating.is_removed
    assert figures_of(shop.id).ratings == 1


def test_the_code_writes_it_in_one_place_and_deletes_nowhere() -> None:
    """No other module takes a rating off the page, and none deletes one."""
    writers, deleters = set(), set()
    for path in Path("webapp").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "removed_at =" in source or "removed_at, rating" in source or "removed_at=" in source:
            writers.add(path.as_posix())
        if "delete(Rating)" in source or "delete(rating)" in source:
            deleters.add(path.as_posix())
    assert deleters == set()
    assert {path for path in writers if "rating" in path} == {"webapp/ratings/moderating.py"}


@pytest.mark.parametrize(
    "break_it",
    [
        {"decided_by_id": None},
        {"decided_by_id": "proposer"},
        {"state": CaseState.UPHELD, "judged_by_id": "proposer"},
        {"state": CaseState.OBJECTED, "objection": None},
    ],
)
def test_the_database_wants_two_people_itself(app_on: Flask, break_it: dict[str, object]) -> None:
    with app_on.app_context():
        shop = people.make_shop_with_policy()
        one, other = (people.make_officer(Role.BUREAU_OFFICER, "1306", name).id for name in "甲乙")
        rating = make.make_rating(shop)
        facts: dict[str, object] = {
            "rating_id": rating.id,
            "state": CaseState.REMOVED,
            "ground": "privacy",
            "reason": "x",
            "proposed_by_id": one,
            "proposed_at": NOW,
            "decided_by_id": other,
            "decided_at": NOW,
        }
        facts |= {name: one if value == "proposer" else value for name, value in break_it.items()}
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(sa.insert(RatingCase).values(**facts, version=1))
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(sa.update(Rating).values(removed_at=NOW))  # without a ground
        db.session.rollback()


# --- reports ----------------------------------------------------------------------------------------------------------


def test_a_report_once_each_and_answered_together(shop: Shop, officers: dict[str, Actor]) -> None:
    rating, merchant = make.make_rating(shop, 2), people.make_merchant(shop).actor()
    first, is_new = moderating.report(rating.id, "advert", "拉人进群", "device:a", CONSUMER, NOW)
    assert is_new
    assert moderating.report(rating.id, "insult", "", "device:a", CONSUMER, NOW) == (first, False)
    second, _ = moderating.report(rating.id, "insult", "", "operator:1", merchant, NOW)
    assert "device" not in first.reporter_hash
    for ground, words in (("low", ""), ("advert", "长" * 301)):
        with pytest.raises(Invalid):
            moderating.report(rating.id, ground, words, "device:b", CONSUMER, NOW)
    stranger = people.make_merchant(people.make_shop_with_policy("别家"), "别人").actor()
    with pytest.raises(Forbidden):
        moderating.report(rating.id, "advert", "", "operator:2", stranger, NOW)
    for actor in (merchant, CONSUMER, officers["elsewhere"]):
        with pytest.raises(Forbidden):
            moderating.keep(rating.id, "没有违规", actor, NOW)
    moderating.keep(rating.id, "没有违规", officers["station"], NOW)
    assert {first.state, second.state} == {ReportState.KEPT}
    assert first.answer == "没有违规"
    with pytest.raises(Conflict, match="rating_no_report"):
        moderating.keep(rating.id, "没有违规", officers["station"], NOW)
    third, _ = moderating.report(rating.id, "privacy", "", "device:c", CONSUMER, NOW)
    removed(rating, officers)
    assert third.state is ReportState.REMOVED
    with pytest.raises(Conflict, match="rating_is_removed"):
        moderating.report(rating.id, "privacy", "", "device:d", CONSUMER, NOW)
    with pytest.raises(Conflict, match="rating_is_removed"):
        operations.reply(rating.id, "谢谢", merchant, NOW)


def test_nobody_objects_to_what_stands(shop: Shop) -> None:
    with pytest.raises(NotFound):
        moderating.object_to(make.make_rating(shop).id, "不对", NOW)


def test_of_two_officers_at_once_one_wins(shop: Shop, officers: dict[str, Actor]) -> None:
    case = moderating.propose(make.make_rating(shop).id, "insult", "骂人", officers["station"], NOW)
    version = case.version
    moderating.decide(case.id, "refuse", "没有骂人", officers["bureau"], NOW, version)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        moderating.decide(case.id, "confirm", "骂了", officers["second"], NOW, version)


# --- photos -----------------------------------------------------------------------------------------------------------


def test_a_photo_is_hidden_alone_and_shown_again(shop: Shop, officers: dict[str, Actor]) -> None:
    files = [make_file(purpose=FilePurpose.RATING) for _ in range(2)]
    rating = make.make_rating(shop, 1, file_ids=[file.id for file in files])
    assert [is_public(file) for file in files] == [True, True]
    with pytest.raises(Invalid, match="rating_ground"):
        moderating.hide_photo(rating.id, files[0].id, "ugly", officers["station"], NOW)
    moderating.hide_photo(rating.id, files[0].id, "privacy", officers["station"], NOW)
    assert [is_public(file) for file in files] == [False, True]
    assert may_read(officers["station"], files[0])
    assert not may_read(CONSUMER, files[0])
    assert not rating.is_removed
    assert queries.with_photos(shop.id) == 1
    with pytest.raises(Conflict, match="photo_hidden"):
        moderating.hide_photo(rating.id, files[0].id, "privacy", officers["bureau"], NOW)
    with pytest.raises(NotFound):
        moderating.hide_photo(rating.id, files[1].id + 9, "privacy", officers["bureau"], NOW)
    moderating.show_photo(rating.id, files[0].id, officers["bureau"], NOW)
    assert is_public(files[0])
    removed(rating, officers)
    db.session.flush()
    assert [is_public(file) for file in files] == [False, False]
    assert queries.with_photos(shop.id) == 0


def test_too_many_photos_are_refused(shop: Shop) -> None:
    ids = [make_file(purpose=FilePurpose.RATING).id for _ in range(5)]
    with pytest.raises(Invalid, match="files_too_many"):
        make.make_rating(shop, file_ids=ids)


def test_grounds_have_a_law_and_words(context: Flask) -> None:
    from webapp.web.words import label

    for ground in grounds.catalogue().values():
        assert ground.basis.startswith("《")
        assert label(f"rating.ground.{ground.code}") != f"rating.ground.{ground.code}"
        assert label(f"rating.ground.{ground.code}.hint") != f"rating.ground.{ground.code}.hint"
