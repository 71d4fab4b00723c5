"""Talks and orders beside lists, honours and codes: random operations with kills, by anybody, in any order.

Nothing public without two different people, nothing public after its end, a leaf for each decision and none that leads
to what has ended; a suspended shop is green nowhere (that one is the lists' machine's).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from tests.factories import oversight as make
from tests.factories.accounts import make_officer
from tests.factories.listings import make_people
from tests.listings.test_stateful import Lists
from webapp.codes import queries as code_queries
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.models import Shop
from webapp.oversight import consequences, orders, queries, sweeps, talks
from webapp.oversight.models import Correction, OversightProposal, Talk
from webapp.oversight.rules import OrderState, ProposalState, TalkState
from webapp.publiclog import verifying
from webapp.publiclog.models import LogLeaf

ENDED = {OrderState.WITHDRAWN, OrderState.CANCELLED, OrderState.REFUSED, OrderState.PROPOSED}
OFF = {TalkState.WITHDRAWN, TalkState.CANCELLED, TalkState.REFUSED, TalkState.PROPOSED, TalkState.INVITED}


class Oversight(Lists):
    """As the lists' machine, with talks, orders and what follows from them."""

    reached: ClassVar[set[str]] = set()

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.mine = self.owner

    def newest(self, model: type[Any]) -> Any:
        statement = sa.select(model).where(model.shop_id == self.shop_id).order_by(model.id.desc())
        return db.session.scalars(statement.limit(1)).first()

    def deed(self, work: Callable[[], Any], name: str, *, killed: bool) -> None:
        """As `attempt`; what was reached is noted, so that the test can see that it tried everything."""

        def noted() -> None:
            work()
            self.reached.add(name)

        self.attempt(noted, killed=killed)

    @rule(kind=st.sampled_from(["talk", "order"]), who=st.integers(0, 3), killed=st.booleans())
    def propose_case(self, *, kind: str, who: int, killed: bool) -> None:
        shop = db.session.get_one(Shop, self.shop_id)
        maker = make.make_talk if kind == "talk" else make.make_order
        self.deed(lambda: maker(shop, self.officers[who], self.now), f"propose {kind}", killed=killed)

    @rule(
        kind=st.sampled_from(["talk", "order"]),
        action=st.sampled_from(["approve", "approve", "refuse"]),
        who=st.integers(0, 3),
        killed=st.booleans(),
    )
    def decide_case(self, *, kind: str, action: str, who: int, killed: bool) -> None:
        case = self.newest(Talk if kind == "talk" else Correction)
        if case is None:
            return
        work: Any = talks.decide if kind == "talk" else orders.decide
        actor, version = self.officers[who], case.version
        self.deed(
            lambda: work(case.id, action, "r", actor, self.now, version), f"{action} {kind}", killed=killed
        )

    @rule(
        action=st.sampled_from(["hold", "absent", "cancel", "withdraw"]),
        who=st.integers(0, 3),
        killed=st.booleans(),
    )
    def go_on_with_talk(self, *, action: str, who: int, killed: bool) -> None:
        talk, actor, now = self.newest(Talk), self.officers[who], self.now
        if talk is None:
            return
        version = talk.version
        work: dict[str, Callable[[], Any]] = {
            "hold": lambda: talks.hold(talk.id, "陈师傅", "说明", "告诫", actor, now, version),
            "absent": lambda: talks.absent(talk.id, "r", actor, now, version),
            "cancel": lambda: talks.end(talk.id, "cancel", "r", actor, now, version),
            "withdraw": lambda: talks.end(talk.id, "withdraw", "r", actor, now, version),
        }
        self.deed(work[action], f"{action} talk", killed=killed)

    @rule(
        action=st.sampled_from(["report", "perform", "send_back", "fail", "fail", "withdraw"]),
        who=st.integers(0, 3),
        killed=st.booleans(),
    )
    def go_on_with_order(self, *, action: str, who: int, killed: bool) -> None:
        order, actor, now = self.newest(Correction), self.officers[who], self.now
        if order is None:
            return
        version = order.version
        work: dict[str, Callable[[], Any]] = {
            "report": lambda: orders.report(order.id, f"w{now}", self.mine, now),
            "withdraw": lambda: orders.withdraw(order.id, "r", actor, now, version),
            **{
                step: functools.partial(orders.check, order.id, step, "r", actor, now, version)
                for step in ("perform", "send_back", "fail")
            },
        }
        self.deed(work[action], f"{action} order", killed=killed)

    @rule(take=st.booleans(), who=st.integers(0, 3), killed=st.booleans())
    def answer_proposal(self, *, take: bool, who: int, killed: bool) -> None:
        proposal, actor = queries.open_proposal_of(self.shop_id), self.officers[who]
        if proposal is None:
            return
        work, version = consequences.take if take else consequences.decline, proposal.version
        self.deed(
            lambda: work(proposal.id, "r", actor, self.now, version),
            "take proposal" if take else "decline proposal",
            killed=killed,
        )

    @rule(killed=st.booleans(), how=st.sampled_from(["fail", "perform", "withdraw"]))
    def an_order_goes_its_way(self, *, killed: bool, how: str) -> None:
        """What single steps come to too seldom."""
        self.propose_case(kind="order", who=0, killed=False)
        self.decide_case(kind="order", action="approve", who=1, killed=False)
        self.days_pass(days=40, killed=False)
        self.go_on_with_order(action=how, who=2, killed=killed)

    @rule(days=st.sampled_from([1, 4, 8, 40, 95, 200]), killed=st.booleans())
    def days_pass(self, *, days: int, killed: bool) -> None:
        self.now += timedelta(days=days)
        self.attempt(lambda: sweeps.sweep(self.now), killed=killed)

    def teardown(self) -> None:
        """Each run ends with an order that is withdrawn, from wherever it stands: chance comes there too seldom."""
        self.an_order_goes_its_way(killed=False, how="fail")
        self.answer_proposal(take=True, who=1, killed=False)
        self.go_on_with_order(action="withdraw", who=0, killed=False)
        self.nothing_is_public_after_its_end()
        self.each_decision_has_a_leaf_and_no_leaf_leads_to_what_has_ended()
        self.only_a_taken_proposal_suspends()

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def two_people_stand_behind_what_is_public(self) -> None:
        cases: list[Any] = []
        for model in (Talk, Correction):
            cases += db.session.scalars(sa.select(model).where(model.published_at.is_not(None)))
        for case in cases:
            assert case.decided_by_id is not None
            assert case.decided_by_id != case.proposed_by_id
        for proposal in db.session.scalars(
            sa.select(OversightProposal).where(OversightProposal.state == ProposalState.TAKEN)
        ):
            assert proposal.decided_by_id not in {None, proposal.raised_by_id}

    @invariant()
    def nothing_is_public_after_its_end(self) -> None:
        today = clock.day_of(self.now)
        seen = [*queries.public_of_shop(self.shop_id, today), *queries.public(today)]
        for case in seen:
            assert case.state not in (OFF if isinstance(case, Talk) else ENDED), case.state
            assert case.unpublished_at is None
            assert case.shown_until is None or case.shown_until >= today
            assert case.state is not OrderState.PERFORMED, "the policy takes it off at once"

    @invariant()
    def each_decision_has_a_leaf_and_no_leaf_leads_to_what_has_ended(self) -> None:
        assert verifying.missing() == 0
        for model, kind in ((Talk, "talk"), (Correction, "correction")):
            ended = sa.select(model.id).where(model.unpublished_at.is_not(None))
            mine = sa.select(LogLeaf).where(LogLeaf.subject_type == kind, LogLeaf.subject_id.in_(ended))
            for leaf in db.session.scalars(mine):
                assert (leaf.about, leaf.shop_id) == (None, None), leaf.kind

    @invariant()
    def only_a_taken_proposal_suspends(self) -> None:
        """Nothing that talks and orders bring about suspends by itself."""
        code = code_queries.standing(self.shop_id)
        grounds = {entry.ground for entry in code_queries.open_grounds(code)} if code else set()
        if consequences.SUSPEND_GROUND in grounds:
            assert code is not None
            assert code.state is CodeState.SUSPENDED
            taken = sa.select(sa.func.count(OversightProposal.id)).where(
                OversightProposal.shop_id == self.shop_id, OversightProposal.state == ProposalState.TAKEN
            )
            assert db.session.scalar(taken)


@pytest.mark.each_database
def test_what_talks_and_orders_promise_holds_after_any_operations(context: Flask, each_database: str) -> None:
    with unit():
        people = make_people("别的店")
        third, fourth = (make_officer(name=name).actor() for name in ("周科长", "吴科长"))

    class OfThisDatabase(Oversight):
        pass

    OfThisDatabase.people = people
    OfThisDatabase.officers = (people.bureau, people.second, third, fourth)
    examples = 2 if each_database == "sqlite" else 1
    run_state_machine_as_test(
        OfThisDatabase,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert OfThisDatabase.reached, "something was done at all"
