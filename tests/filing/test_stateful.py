"""Random deeds by anybody in any order, with kills: what a dispute promises holds after every one of them.

Nobody waits for nobody: what is open can be moved on, and time alone moves it on. A tip never ends with the mediation
of its complaint. A deadline moves only with an event. What was acknowledged is one record: not none, not two.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from webapp.clocks import queries as clocks
from webapp.complaints import operations as complaints
from webapp.complaints import queries as complaint_queries
from webapp.complaints import rules as complaint_rules
from webapp.complaints import settlement, sweeps
from webapp.complaints.models import Complaint, Demand
from webapp.complaints.rules import ComplaintState, Route, Source
from webapp.complaints.settlement import Terms
from webapp.core import clock
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.secrets import keyed_hash
from webapp.core.transaction import unit
from webapp.filing import operations as filing
from webapp.filing.operations import Stated
from webapp.filing.rules import Wish
from webapp.mediation import operations as mediations
from webapp.mediation import queries as mediation_queries
from webapp.merchants.queries import figures_of
from webapp.tips import operations as tips
from webapp.tips import queries as tip_queries
from webapp.tips import rules as tip_rules
from webapp.tips.models import Tip

#: The grounds that a decision of each kind needs; a wrong one is refused, which is a fate as good as any.
GROUNDS = {
    "refuse": "already_handled",
    "end": "no_agreement",
    "pause": "testing",
    "file_case": "conditions_met",
    "file_no_case": "no_evidence",
}


#: Forms that may be sent in one run; each may be sent again and again.
FORMS = 4
#: States that no clock of the law or the city ends, but a sweep after the policy's days of silence.
TIMED_BY_SWEEPS = {ComplaintState.ANSWERED, ComplaintState.AGREED}


#: One deed in four dies before its commit.
KILLED = st.sampled_from((False, False, False, True))
MEDIATING = ("draft", "sign", "agree", "give_up")


class Killed(Exception):
    """The process dies just before the commit."""


def _die(*, killed: bool) -> None:
    if killed:
        raise Killed


class Disputes(RuleBasedStateMachine):
    """One shop, a consumer, its merchant, a station officer, a bureau officer, the jobs, and time that goes on."""

    shop_id: int
    people: tuple[Actor, ...]
    runs = 0

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.acknowledged: dict[tuple[str, int], str] = {}  # (kind, number of the form): its receipt
        self.promised: dict[int, tuple[Any, int]] = {}  # clock: due instant, how many events it had then
        type(self).runs += 1
        for number in range(2):
            self.send_the_form(number=number, wish=Wish.BOTH, route=list(Route)[number], killed=False)

    def attempt(self, work: Callable[[], Any], *, killed: bool = False) -> Any:
        """The answer that somebody was given, or None when it was refused or never came."""
        answer = None
        try:
            with unit():
                answer = work()
                db.session.flush()
                _die(killed=killed)
        except (DomainError, Killed):
            answer = None
        db.session.expire_all()
        return answer

    def deed(self, work: Callable[[], Any], *, killed: bool = False) -> Any:
        """Something done about complaints: no tip may be moved by it."""
        before = [(tip.id, tip.state, tip.ended_at, tip.next_due_at) for tip in self.leads()]
        answer = self.attempt(work, killed=killed)
        after = [(tip.id, tip.state, tip.ended_at, tip.next_due_at) for tip in self.leads()]
        assert after == before, "a tip has a fate of its own"
        return answer

    def word(self, number: int) -> str:
        return f"the-form-number-{number}-of-run-{type(self).runs:05}"

    def cases(self) -> list[Complaint]:
        keys = [keyed_hash("submission", self.word(number)) for number in range(FORMS)]
        return list(
            db.session.scalars(
                sa.select(Complaint).where(Complaint.submission_key.in_(keys)).order_by(Complaint.id)
            )
        )

    def leads(self) -> list[Tip]:
        keys = [keyed_hash("tip-submission", self.word(number)) for number in range(FORMS)]
        return list(db.session.scalars(sa.select(Tip).where(Tip.submission_key.in_(keys)).order_by(Tip.id)))

    # --- what people do -----------------------------------------------------------------------------------------------

    @rule(
        number=st.integers(0, FORMS - 1),
        wish=st.sampled_from(Wish),
        route=st.sampled_from(Route),
        killed=KILLED,
    )
    def send_the_form(self, *, number: int, wish: Wish, route: Route, killed: bool) -> None:
        stated = Stated(
            wish=wish,
            submission_key=self.word(number),
            topic="measure",
            story="两斤酱肉只有一斤七两。",
            demand=Demand.REFUND if wish.has_complaint else None,
            amount_fen=3550,
            happened_on=None,
            name="王小明",
            phone="+8613912345678",
            verified_at=self.now,
            share_contact=False,
            named=wish.has_tip,
            route=route,
            consent_disclosure=True,
            consent_entrust=True,
            file_ids=(),
            serial=None,
            source=Source.SEARCH,
        )
        now = self.now
        done = self.attempt(lambda: filing.submit(self.shop_id, stated, now), killed=killed)
        if done is None:
            return
        for kind, receipt in (("complaint", done.complaint_receipt), ("tip", done.tip_receipt)):
            if receipt:
                assert self.acknowledged.setdefault((kind, number), receipt) == receipt

    @rule(case=st.integers(0, 4), step=st.integers(0, 30), who=st.integers(0, 3), killed=KILLED)
    def move_a_complaint(self, *, case: int, step: int, who: int, killed: bool) -> None:
        found = self.cases()
        if not found:
            return
        one, actor = found[case % len(found)], self.people[who]
        steps = [
            entry.action
            for entry in complaint_rules.STEPS.open_to(one.state, actor, one.scope)
            if entry.action not in {"offer", "accept_offer", "join", "part"}
        ]
        if not steps:
            return
        action = steps[step % len(steps)]
        self.deed(
            lambda: complaints.act(
                one.id,
                action,
                actor,
                self.now,
                text="words",
                ground=GROUNDS.get(action, ""),
                handler=one.scope,
            ),
            killed=killed,
        )

    @rule(case=st.integers(0, 4), do=st.sampled_from(["make", "accept", "decline"]), killed=KILLED)
    def settle(self, *, case: int, do: str, killed: bool) -> None:
        found = self.cases()
        if not found:
            return
        one, now = found[case % len(found)], self.now
        offer = complaint_queries.open_offer(one)
        if do == "make":
            terms = Terms(Demand.REFUND, 3550, "退款", clock.day_of(now) + timedelta(days=3), "陈师傅")
            self.deed(lambda: settlement.make(one.id, terms, self.people[1], now), killed=killed)
        elif offer is not None:
            work = settlement.accept if do == "accept" else settlement.decline
            self.deed(lambda: work(one.id, offer.id, "王小明", now), killed=killed)

    @rule(case=st.integers(0, 4), killed=KILLED)
    def take_up(self, *, case: int, killed: bool) -> None:
        """What chance alone hardly does: a complaint comes before the authority, and its mediation begins."""
        found = self.cases()
        if not found:
            return
        one, now, officer = found[case % len(found)], self.now, self.people[2]
        for action in ("refer", "accept"):
            self.deed(functools.partial(complaints.act, one.id, action, officer, now, text="words"))
        self.deed(lambda: mediations.start(one.id, None, officer, now), killed=killed)

    @rule(case=st.integers(0, 4), do=st.sampled_from(MEDIATING), killed=KILLED)
    def mediate(self, *, case: int, do: str, killed: bool) -> None:
        found = self.cases()
        if not found:
            return
        one, now, officer = found[case % len(found)], self.now, self.people[2]
        if mediation_queries.open_of(one.id) is None:
            self.take_up(case=case, killed=killed)
        running = mediation_queries.open_of(one.id)
        if running is None:
            return
        work: dict[str, Callable[[], Any]] = {
            "draft": lambda: mediations.draft(running.id, "退款 35.5 元", officer, now),
            "sign": lambda: [
                mediations.sign(running.id, "名字", side, now, mediation_queries.get(running.id).version)
                for side in (CONSUMER, self.people[1])
            ],
            "agree": lambda: mediations.agree(running.id, officer, now),
            "give_up": lambda: mediations.give_up(running.id, "fail", "谈不拢", officer, now),
        }
        self.deed(work[do], killed=killed)

    @rule(case=st.integers(0, 4), step=st.integers(0, 30), who=st.integers(0, 3), killed=KILLED)
    def move_a_tip(self, *, case: int, step: int, who: int, killed: bool) -> None:
        found = self.leads()
        if not found:
            return
        one, actor = found[case % len(found)], self.people[who]
        steps = [entry.action for entry in tip_rules.STEPS.open_to(one.state, actor, one.scope)]
        if not steps:
            return
        action = steps[step % len(steps)]
        self.attempt(
            lambda: tips.act(
                one.id,
                action,
                actor,
                self.now,
                text="words",
                ground=GROUNDS.get(action, ""),
                handler=one.scope,
                addressee="某局",
            ),
            killed=killed,
        )

    @rule(case=st.integers(0, 4), killed=KILLED)
    def a_tip_takes_longer(self, *, case: int, killed: bool) -> None:
        found = self.leads()
        if not found:
            return
        one, now = found[case % len(found)], self.now
        self.attempt(lambda: tips.ask_extension(one.id, "检测", self.people[2], now), killed=killed)
        self.attempt(
            lambda: tips.decide_extension(one.id, "approve", "同意", self.people[3], now), killed=killed
        )

    @rule(hours=st.sampled_from([0, 1, 23, 26, 80, 200, 500, 1500]), killed=KILLED)
    def time_goes_on(self, *, hours: int, killed: bool) -> None:
        self.now += timedelta(hours=hours)
        self.deed(lambda: sweeps.sweep(self.now), killed=killed)

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def what_was_acknowledged_is_one_record(self) -> None:
        kinds = {"complaint": complaint_queries.by_receipt, "tip": tip_queries.by_receipt}
        opened = [(kind, kinds[kind](receipt).id) for (kind, _number), receipt in self.acknowledged.items()]
        stored = [("complaint", one.id) for one in self.cases()] + [("tip", one.id) for one in self.leads()]
        assert sorted(opened) == sorted(stored), "none lost, none twice, none that nobody was told of"

    @invariant()
    def nobody_waits_for_nobody(self) -> None:
        for one in self.cases():
            if one.state in complaint_rules.ENDED:
                continue
            able = [who for who in self.people if complaint_rules.STEPS.open_to(one.state, who, one.scope)]
            assert able, f"{one.state}: nobody can act"
            waits_for_authority = one.state in complaint_rules.AUTHORITY
            assert waits_for_authority <= any(who.posts for who in able)
            running = clocks.running("complaint", one.id)
            assert running or one.state in TIMED_BY_SWEEPS, f"{one.state}: no clock, and no sweep ends it"
        for tip in self.leads():
            if tip.state is tip_rules.TipState.VERIFYING:
                assert any(
                    who.posts and tip_rules.STEPS.open_to(tip.state, who, tip.scope) for who in self.people
                )
                assert clocks.running("tip", tip.id)

    @invariant()
    def a_deadline_moves_only_with_an_event(self) -> None:
        for subject, ids in (
            ("complaint", [c.id for c in self.cases()]),
            ("tip", [t.id for t in self.leads()]),
        ):
            for rows in clocks.of_many(subject, ids).values():
                for row in rows:
                    due, events = self.promised.get(row.id, (row.due_at, len(row.events)))
                    assert row.due_at == due or len(row.events) > events, f"{row.kind} moved without an event"
                    assert all(event.by_id is not None or event.what for event in row.events)
                    self.promised[row.id] = (row.due_at, len(row.events))

    @invariant()
    def the_figures_count_what_is_there(self) -> None:
        kept = figures_of(self.shop_id)
        names = complaint_queries.recount(self.shop_id)
        assert names == {name: 0 if kept is None else getattr(kept, name) for name in names}


@pytest.mark.each_database
def test_what_a_dispute_promises_holds_after_any_deeds(context: Flask, each_database: str) -> None:
    with unit():
        shop = make.make_shop_with_policy()
        merchant, station = make.merchant_actor(shop), make.make_officer().actor()
        bureau = make.make_officer(Role.BUREAU_OFFICER).actor()

    class OfThisDatabase(Disputes):
        pass

    OfThisDatabase.shop_id = shop.id
    OfThisDatabase.people = (CONSUMER, merchant, station, bureau)
    examples = 6 if each_database == "sqlite" else 2
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OfThisDatabase,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            phases=(Phase.generate,),  # a failure prints its steps; shrinking them takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
