"""What a return shop's naming rests on, the yearly look, and the standards of demonstration units by their day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.complaints import make_complaint
from tests.factories.honours import facts, make_honour
from tests.factories.listings import People
from tests.factories.merchants import NOW
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.core.policy import PolicyValue
from webapp.core.transaction import unit
from webapp.honours import operations, queries, returning, standards
from webapp.honours.models import Honour, ReturnRecord
from webapp.honours.rules import HonourKind, HonourState

RETURNS = HonourKind.NO_REASON_RETURN
DAY = timedelta(days=1)
YEAR_ON = NOW + 340 * DAY


def named(people: People) -> Honour:
    with unit():
        return make_honour(people, RETURNS, term_until=None)


@pytest.mark.each_database
def test_a_return_shop_is_named_on_its_records(people: People, context: Flask) -> None:
    with unit():
        complaint = make_complaint(people.shop, topic="refund")
        complaint.received_at = NOW - 3 * DAY
    honour = named(people)
    [record] = queries.records_of(honour.id)
    assert (record.returns, record.refused, record.disputes) == (24, 1, 1)
    assert (record.since, record.until) == (NOW.date() - 365 * DAY, NOW.date())
    assert record.policy == honour.terms
    assert record.note == "退货登记本"
    assert honour.review_on == NOW.date() + 365 * DAY


def test_a_demonstration_unit_has_a_term_and_no_records(people: People, context: Flask) -> None:
    with unit():
        honour = make_honour(people)
    assert queries.records_of(honour.id) == []
    assert honour.review_on is None


@pytest.mark.each_database
def test_the_yearly_look_adds_the_records_since(people: People, context: Flask) -> None:
    honour = named(people)
    with pytest.raises(Conflict, match="honour_review_early"):
        returning.review(honour.id, 9, 0, "看过", people.station, NOW + 30 * DAY, honour.version)
    assert queries.reviews_due(people.station.posts, NOW.date() + 364 * DAY) == 0
    assert queries.reviews_due(people.station.posts, NOW.date() + 365 * DAY) == 1
    for counts, note, code in (
        ((None, 0), "x", "honour_returns"),
        ((1, 2), "x", "honour_refused"),
        ((2, 1), " ", "required"),
    ):
        with pytest.raises(Invalid, match=code):
            returning.review(honour.id, *counts, note, people.station, YEAR_ON, honour.version)
    seen = honour.version
    with unit():
        returning.review(honour.id, 40, 2, "逐笔核对", people.station, YEAR_ON, seen)
    newest, first = queries.records_of(honour.id)
    assert (newest.returns, newest.refused, newest.since) == (40, 2, first.until + DAY)
    assert honour.review_on == YEAR_ON.date() + 365 * DAY
    with pytest.raises(Conflict, match="changed_meanwhile"):
        returning.review(honour.id, 40, 2, "又一次", people.bureau, YEAR_ON, seen)
    with pytest.raises(Conflict, match="honour_review_early"):
        returning.review(honour.id, 40, 2, "又一次", people.bureau, YEAR_ON, honour.version)


def test_others_and_what_is_over_are_not_looked_at(people: People, context: Flask) -> None:
    honour = named(people)
    with pytest.raises(Forbidden):
        returning.review(honour.id, 1, 0, "看过", people.stranger, YEAR_ON, honour.version)
    with unit():
        operations.end(honour.id, "end", "没有做到", people.bureau, YEAR_ON, honour.version)
    with pytest.raises(StepRefused):
        returning.review(honour.id, 1, 0, "看过", people.station, YEAR_ON, honour.version)


@pytest.mark.each_database
def test_the_database_keeps_records_whole(people: People, context: Flask) -> None:
    honour = named(people)
    [record] = queries.records_of(honour.id)
    for values in ({"disputes": -1}, {"until": record.since - DAY}):
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.update(ReturnRecord).values(**values))
        db.session.rollback()


def test_a_standard_names_its_part_from_the_day_that_the_policy_says(people: People, context: Flask) -> None:
    with unit():
        row = PolicyValue(
            key="honour.part.catering",
            value="3",
            unit="part",
            source="读过原文",
            in_force_from=date(2026, 6, 1),
        )
        db.session.add(row)
    before, after = date(2026, 5, 31), date(2026, 6, 1)
    assert standards.words_of("catering", before).startswith("DB37/T 3698《")
    assert standards.words_of("catering", after).startswith("DB37/T 3698.3《")
    assert (standards.part_of("catering", before), standards.part_of("catering", after)) == (None, 3)
    assert dict(standards.table(after))["retail"].startswith("DB37/T 3698《")
    stated = operations.with_standard(facts(standard=""), after)
    assert (stated.standard[:13], stated.standard_part) == ("DB37/T 3698.3", 3)
    given = operations.with_standard(facts(standard="", standard_part=5), after)
    assert given.standard.startswith("DB37/T 3698.5《")
    with unit():
        honour = operations.propose(people.shop.id, facts(standard=""), people.bureau, NOW)
    assert (honour.standard_part, honour.standard[:12]) == (None, "DB37/T 3698《")


@pytest.mark.each_database
def test_a_chain_that_is_over_takes_its_shops_with_it(people: People, context: Flask) -> None:
    with unit():
        chain = operations.create_chain("惠友超市", "凭小票。", "130606", people.bureau, NOW)
        honour = make_honour(people, HonourKind.CROSS_SHOP_RETURN, chain_id=chain.id, term_until=None)
    for actor, reason, error in (
        (people.station, "停业", Forbidden),
        (people.stranger, "停业", Forbidden),
        (people.bureau, " ", Invalid),
    ):
        with pytest.raises(error):
            operations.end_chain(chain.id, reason, actor, NOW, chain.version)
    tied = replace(people.bureau, aside_from=frozenset({people.shop.operator_id}))
    with pytest.raises(Forbidden, match="must_stand_aside"):
        operations.end_chain(chain.id, "停业", tied, NOW, chain.version)
    seen = chain.version
    with unit():
        assert operations.end_chain(chain.id, "总部停办", people.bureau, NOW, seen) == 1
    assert (honour.state, honour.ended_reason) == (HonourState.ENDED, "chain_ended")
    assert queries.public_of_shop(people.shop.id, NOW.date()) == []
    assert queries.open_chains() == []
    with pytest.raises(Conflict):
        operations.end_chain(chain.id, "再停", people.bureau, NOW, seen)


def test_a_proposal_for_a_chain_that_ended_meanwhile_is_not_published(people: People, context: Flask) -> None:
    with unit():
        chain = operations.create_chain("惠友超市", "凭小票。", "130606", people.bureau, NOW)
        stated = facts(HonourKind.CROSS_SHOP_RETURN, chain_id=chain.id, term_until=None)
        honour = operations.propose(people.shop.id, stated, people.bureau, NOW)
        operations.end_chain(chain.id, "总部停办", people.second, NOW, chain.version)
    with pytest.raises(Conflict, match="honour_chain_ended"):
        operations.decide(honour.id, "confirm", "属实", people.second, NOW, honour.version)
    with unit():
        operations.decide(honour.id, "refuse", "品牌停用", people.second, NOW, honour.version)
