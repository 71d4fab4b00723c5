"""Random operations with kills, in any order, by anybody: what the lists promise holds after every one of them.

No published entry without two different people; nothing visible before it was heard or after its end; a suspended or
revoked shop is green nowhere; an appeal is decided by nobody who took part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.factories.accounts import make_officer
from tests.factories.honours import facts
from tests.factories.listings import People, make_people
from tests.factories.merchants import NOW
from tests.factories.shopfront import make_vouched
from webapp.codes import operations as codes
from webapp.codes import queries as code_queries
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit
from webapp.directory.standing import verdicts
from webapp.honours import operations as honours
from webapp.honours import queries as honour_queries
from webapp.honours.models import Honour
from webapp.honours.rules import HonourKind, HonourState
from webapp.listings import cases, hearing, operations, process, queries
from webapp.listings.models import Listing, ListingAppeal
from webapp.listings.rules import Colour, ListingState
from webapp.merchants.models import Shop
from webapp.shopfront.composition import compose
from webapp.shopfront.rules import Verdict


class Killed(Exception):
    """The process dies just before the commit."""


def _die(*, killed: bool) -> None:
    if killed:
        raise Killed


class Lists(RuleBasedStateMachine):
    """One shop, four officers, a merchant, the jobs, and time that goes on."""

    officers: tuple[Actor, ...]
    people: People

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        vouched = make_vouched(stickers=1)
        self.shop_id = vouched.shop_id
        shop = db.session.get_one(Shop, self.shop_id)
        owner = replace(self.people.owner, operator_ids=frozenset({shop.operator_id}))
        self.owner = owner

    def attempt(self, work: Callable[[], Any], *, killed: bool) -> None:
        try:
            with unit():
                work()
                db.session.flush()
                _die(killed=killed)
        except (DomainError, Killed):
            pass
        db.session.expire_all()

    def entry(self, colour: Colour) -> Listing | None:
        rows = [one for one in queries.of_shop(self.shop_id) if one.colour is colour]
        return rows[0] if rows else None

    # --- what people do -----------------------------------------------------------------------------------------------

    @rule(colour=st.sampled_from(Colour), who=st.integers(0, 3), killed=st.booleans())
    def propose(self, *, colour: Colour, who: int, killed: bool) -> None:
        ground = "short_measure" if colour is Colour.BLACK else "clean_record"
        term = clock.day_of(self.now) + timedelta(days=200)
        actor, now = self.officers[who], self.now
        self.attempt(
            lambda: operations.propose(self.shop_id, colour, ground, "e", "s", term, actor, now),
            killed=killed,
        )

    @rule(
        colour=st.sampled_from(Colour),
        action=st.sampled_from(["confirm", "confirm", "refuse", "publish", "drop", "strike", "withdraw"]),
        who=st.integers(0, 3),
        killed=st.booleans(),
    )
    def decide(self, *, colour: Colour, action: str, who: int, killed: bool) -> None:
        entry, actor, now = self.entry(colour), self.officers[who], self.now
        if entry is None:
            return
        version = entry.version
        work: dict[str, Callable[[], Any]] = {
            "publish": lambda: operations.publish(entry.id, "r", actor, now, version),
            "drop": lambda: operations.drop(entry.id, "r", actor, now, version),
            "strike": lambda: operations.end(entry.id, "strike", "r", actor, now, version),
            "withdraw": lambda: operations.withdraw(entry.id, actor, now, version),
        }
        self.attempt(
            work.get(action, lambda: operations.decide(entry.id, action, "r", actor, now, version)),
            killed=killed,
        )

    @rule(what=st.sampled_from(["speak", "reply", "appeal", "repair"]), killed=st.booleans())
    def merchant(self, *, what: str, killed: bool) -> None:
        entry, now = self.entry(Colour.BLACK), self.now
        if entry is None:
            return
        work: dict[str, Callable[[], Any]] = {
            "speak": lambda: hearing.speak(entry.id, "w", self.owner, now),
            "reply": lambda: hearing.reply(entry.id, "w", self.owner, now),
            "appeal": lambda: cases.appeal(entry.id, "w", self.owner, now),
            "repair": lambda: cases.ask_repair(entry.id, "w", process.PLEDGES, self.owner, now),
        }
        self.attempt(work[what], killed=killed)

    @rule(grant=st.booleans(), who=st.integers(0, 3), killed=st.booleans())
    def judge(self, *, grant: bool, who: int, killed: bool) -> None:
        entry, actor, now = self.entry(Colour.BLACK), self.officers[who], self.now
        if entry is None:
            return
        if (appeal := entry.open_appeal) is not None:
            self.attempt(
                lambda: cases.decide_appeal(
                    appeal.id, grant=grant, reason="r", actor=actor, now=now, version=appeal.version
                ),
                killed=killed,
            )
        elif (repair := entry.open_repair) is not None:
            self.attempt(
                lambda: cases.decide_repair(
                    repair.id, grant=grant, reason="r", actor=actor, now=now, version=repair.version
                ),
                killed=killed,
            )

    @rule(action=st.sampled_from(["propose", "confirm", "end"]), who=st.integers(0, 3), killed=st.booleans())
    def honour(self, *, action: str, who: int, killed: bool) -> None:
        actor, now = self.officers[who], self.now
        standing = honour_queries.standing(self.shop_id, HonourKind.NO_REASON_RETURN)
        if action == "propose":
            given = facts(HonourKind.NO_REASON_RETURN, term_until=None)
            self.attempt(lambda: honours.propose(self.shop_id, given, actor, now), killed=killed)
        elif standing is not None:
            work = honours.decide if action == "confirm" else honours.end
            self.attempt(lambda: work(standing.id, action, "r", actor, now, standing.version), killed=killed)

    @rule(on=st.booleans(), killed=st.booleans())
    def suspend(self, *, on: bool, killed: bool) -> None:
        if code_queries.standing(self.shop_id) is None:
            return
        work = codes.suspend if on else codes.lift
        self.attempt(lambda: work(self.shop_id, "abnormal_list", "r", SYSTEM, self.now), killed=killed)

    @rule(days=st.sampled_from([0, 1, 8, 8, 95, 210]), killed=st.booleans())
    def time_goes_on(self, *, days: int, killed: bool) -> None:
        self.now += timedelta(days=days)
        for job in (operations.publish_heard, operations.expire_ended, honours.expire_ended):
            self.attempt(lambda job=job: job(self.now), killed=killed)  # type: ignore[misc]

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def two_different_people(self) -> None:
        for table in (Listing, Honour):
            rows = db.session.execute(
                sa.select(table.proposed_by_id, table.decided_by_id).where(table.published_at.is_not(None))
            ).tuples()
            assert all(second is not None and first != second for first, second in rows)
        for appeal in db.session.scalars(
            sa.select(ListingAppeal).where(ListingAppeal.decided_by_id.is_not(None))
        ):
            listing = appeal.listing
            assert appeal.decided_by_id not in {
                listing.proposed_by_id,
                listing.decided_by_id,
                listing.heard_by_id,
            }

    @invariant()
    def nothing_shows_before_it_was_heard_or_after_its_end(self) -> None:
        today = clock.day_of(self.now)
        seen = [*queries.public_of_shop(self.shop_id, today)]
        for colour in Colour:
            seen += [
                one
                for one in db.session.scalars(queries.public_list(colour, today))
                if one.shop_id == self.shop_id
            ]
        for one in seen:
            assert one.state is ListingState.PUBLISHED
            assert one.term_until is None or one.term_until >= today
            assert one.ended_at is None
            if one.colour is Colour.BLACK:
                assert one.hearing_until is not None
                assert one.published_at is not None
                assert one.published_at >= one.hearing_until or one.statement is not None
        for honour in honour_queries.public_of_shop(self.shop_id, today):
            assert honour.state is HonourState.PUBLISHED

    @invariant()
    def no_shop_without_an_active_code_is_green_or_named_anywhere(self) -> None:
        today = clock.day_of(self.now)
        state = db.session.scalar(
            sa.select(TrustCode.state)
            .where(TrustCode.shop_id == self.shop_id)
            .order_by(TrustCode.id.desc())
            .limit(1)
        )
        black = bool(queries.black_listed([self.shop_id], today))
        page = compose(self.shop_id, None, self.now)
        assert page is not None
        shop = db.session.get_one(Shop, self.shop_id)
        green = Verdict.TRUSTED in {page.shop, page.shown, *verdicts([shop], today).values()}
        named = [one for one in queries.public_of_shop(self.shop_id, today) if one.colour is Colour.RED]
        named += honour_queries.public_of_shop(self.shop_id, today)  # type: ignore[arg-type]
        if state is not CodeState.ACTIVE or black:
            assert not green
        if state is not CodeState.ACTIVE:
            assert not named
        assert not (black and page.shop is not Verdict.BLACK)


@pytest.mark.each_database
def test_what_the_lists_promise_holds_after_any_operations(context: Flask, each_database: str) -> None:
    with unit():
        people = make_people("别的店")
        third, fourth = (make_officer(name=name).actor() for name in ("周科长", "吴科长"))

    class OfThisDatabase(Lists):
        pass

    OfThisDatabase.people = people
    OfThisDatabase.officers = (people.bureau, people.second, third, fourth)
    examples = 6 if each_database == "sqlite" else 2
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OfThisDatabase,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
