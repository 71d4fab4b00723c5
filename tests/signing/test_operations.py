"""Two administrators, one table of steps, one record for each change; the same by commands."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from qrservice import KeyState
from tests.factories import accounts
from webapp.audit.models import AuditEvent
from webapp.core import clock
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.transaction import unit
from webapp.signing import operations, queries, rules
from webapp.signing.models import Action, KeyProposal, ProposalState
from webapp.signing.store import store

A = Action
WHY = "定期更换"


@pytest.fixture
def now() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def two(app_on: Flask, now: datetime) -> tuple[int, int]:
    """Ids of two administrators of the city; key 0 signs."""
    with app_on.app_context(), unit():
        store().ensure(now - timedelta(days=30))
        return tuple(accounts.make_administrator().id for _ in range(2))  # type: ignore[return-value]


def actor(account_id: int) -> Actor:
    return db.session.get_one(accounts.Account, account_id).actor()


def states() -> list[tuple[int, str]]:
    return [(key.kid, key.state.value) for key in store().ring()]


def both(
    app: Flask, two: tuple[int, int], action: Action, kid: int | None, moment: datetime | None = None
) -> int:
    """One proposes, the other confirms; the proposal's id."""
    with app.app_context(), unit():
        made = operations.propose(action, kid, moment, WHY, actor(two[0]), clock.now()).id
    with app.app_context(), unit():
        operations.decide(made, confirm=True, reason="同意", actor=actor(two[1]), now=clock.now())
    return made


def test_nothing_happens_before_the_second_person(app_on: Flask, two: tuple[int, int], now: datetime) -> None:
    with app_on.app_context():
        with unit():
            made = operations.propose(A.ROTATE, None, None, WHY, actor(two[0]), now)
        assert states() == [(0, "active")]
        with pytest.raises(Forbidden, match="two_people"), unit():
            operations.decide(made.id, confirm=True, reason="我自己", actor=actor(two[0]), now=now)
        assert states() == [(0, "active")]
        with unit():
            operations.decide(made.id, confirm=True, reason="同意", actor=actor(two[1]), now=now)
        assert states() == [(0, "retired"), (1, "active")]
        with pytest.raises(Conflict, match="already_decided"), unit():
            operations.decide(made.id, confirm=True, reason="再来", actor=actor(two[1]), now=now)
        assert len(store().ring()) == 2
        events = [(event.action, event.reason) for event in db.session.query(AuditEvent).order_by("id")]
        assert events == [("key.propose", WHY), ("key.confirm", "同意"), ("key.rotate", WHY)]


def test_every_change_by_two_people(app_on: Flask, two: tuple[int, int], now: datetime) -> None:
    both(app_on, two, A.CREATE, None, now + timedelta(days=2))
    with app_on.app_context():
        assert store().signer().kid == 0, "its time has not come"
        with clock.use(now + timedelta(days=3)):
            assert store().signer().kid == 1
    with clock.use(now + timedelta(days=3)):
        both(app_on, two, A.RETIRE, 0)
        both(app_on, two, A.COMPROMISE, 0, now - timedelta(days=1))
        both(app_on, two, A.COMPROMISE, 0, now - timedelta(days=9))
        both(app_on, two, A.WITHDRAW, 0)
    with app_on.app_context():
        assert states() == [(0, "withdrawn"), (1, "active")]
        assert store().get(0).valid_before == now - timedelta(days=9)
        done = [event.action for event in db.session.query(AuditEvent).filter_by(subject_type="signing_key")]
        assert sorted(done) == sorted(
            ["key.create", "key.retire", "key.compromise", "key.compromise", "key.withdraw"]
        )


def test_refused_and_withdrawn_change_nothing(app_on: Flask, two: tuple[int, int], now: datetime) -> None:
    with app_on.app_context():
        with unit():
            first = operations.propose(A.ROTATE, None, None, WHY, actor(two[0]), now)
        with pytest.raises(Conflict, match="key_already_proposed"), unit():
            operations.propose(A.ROTATE, None, None, WHY, actor(two[1]), now)
        with pytest.raises(Forbidden, match="only_proposer"), unit():
            operations.withdraw(first.id, actor(two[1]), now)
        with unit():
            operations.decide(first.id, confirm=False, reason="不急", actor=actor(two[1]), now=now)
        with unit():
            second = operations.propose(A.ROTATE, None, None, WHY, actor(two[0]), now)
        with unit():
            operations.withdraw(second.id, actor(two[0]), now)
        assert states() == [(0, "active")]
        found = [row.state for row in db.session.query(KeyProposal).order_by(KeyProposal.id)]
        assert found == [ProposalState.REFUSED, ProposalState.WITHDRAWN]


def test_a_proposal_that_was_overtaken_makes_no_second_key(
    app_on: Flask, two: tuple[int, int], now: datetime
) -> None:
    with app_on.app_context():
        with unit():
            made = operations.propose(A.ROTATE, None, None, WHY, actor(two[0]), now)
        store().rotate(now)
        with pytest.raises(Conflict, match="keys_changed_meanwhile"), unit():
            operations.decide(made.id, confirm=True, reason="同意", actor=actor(two[1]), now=now)
        assert len(store().ring()) == 2
        assert db.session.get_one(KeyProposal, made.id).state is ProposalState.PROPOSED


def test_two_that_confirm_at_once_make_one_key(app_on: Flask, two: tuple[int, int], now: datetime) -> None:
    with app_on.app_context(), unit():
        made = operations.propose(A.ROTATE, None, None, WHY, actor(two[0]), now).id
        third = accounts.make_administrator().id
    answers: list[str] = []
    start = threading.Barrier(2)

    def confirm(who: int) -> None:
        with app_on.app_context():
            start.wait(timeout=30)
            try:
                with unit():
                    operations.decide(made, confirm=True, reason="同意", actor=actor(who), now=now)
                answers.append("done")
            except DomainError as error:
                answers.append(error.code)
            db.session.remove()

    threads = [threading.Thread(target=confirm, args=(who,)) for who in (two[1], third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == ["already_decided", "done"]
    with app_on.app_context():
        assert states() == [(0, "retired"), (1, "active")]


def test_what_cannot_be_is_refused_beforehand(app_on: Flask, two: tuple[int, int], now: datetime) -> None:
    with app_on.app_context():
        who = actor(two[0])
        for action, kid, moment, reason, error, code in (
            (A.ROTATE, None, None, "  ", Invalid, "reason_required"),
            (A.ROTATE, None, None, "长" * 501, Invalid, "reason_too_long"),
            (A.CREATE, None, now + timedelta(days=91), WHY, Invalid, "key_moment_far"),
            (A.RETIRE, None, None, WHY, Invalid, "key_unnamed"),
            (A.RETIRE, 9, None, WHY, NotFound, "no_such_key"),
            (A.COMPROMISE, 0, None, WHY, Invalid, "key_moment_missing"),
            (A.COMPROMISE, 0, now + timedelta(minutes=2), WHY, Invalid, "key_moment_future"),
            (A.WITHDRAW, 0, None, WHY, StepRefused, "step_refused"),
        ):
            with pytest.raises(error, match=code), unit():
                operations.propose(action, kid, moment, reason, who, now)
        with pytest.raises(Conflict, match="last_signing_key"), unit():
            operations.carry_out(A.RETIRE, 0, None, WHY, SYSTEM, now)
        with unit():
            operations.carry_out(A.COMPROMISE, 0, now - timedelta(days=5), WHY, SYSTEM, now)
        with pytest.raises(Invalid, match="key_moment_later"), unit():
            operations.propose(A.COMPROMISE, 0, now - timedelta(days=2), WHY, who, now)
        assert db.session.query(KeyProposal).count() == 0


@pytest.mark.parametrize("role", [Role.BUREAU_OFFICER, Role.STATION_OFFICER])
def test_others_may_not(context: Flask, now: datetime, role: Role) -> None:
    store().ensure(now)
    someone = accounts.make_officer(role, "1306").actor()
    county = accounts.make_officer(Role.ADMINISTRATOR, "130606").actor()
    for who in (someone, county):
        with pytest.raises(Forbidden):
            operations.propose(A.ROTATE, None, None, WHY, who, now)


def test_compromising_the_signing_key_makes_the_next_one_at_once(context: Flask, now: datetime) -> None:
    store().ensure(now - timedelta(days=30))
    with unit():
        operations.carry_out(A.COMPROMISE, 0, now - timedelta(days=1), WHY, SYSTEM, now)
    assert states() == [(0, "compromised"), (1, "active")]
    assert store().signer().kid == 1
    event = db.session.query(AuditEvent).filter_by(action="key.compromise").one()
    assert event.new is not None
    assert event.new["next_kid"] == 1


def test_the_tables_leave_no_way_back() -> None:
    assert rules.STEPS.ends() == {KeyState.WITHDRAWN}
    targets = {(source, step.target) for step in rules.STEPS for source in step.sources}
    order = list(rules._SEVERITY)
    assert all(order.index(source) <= order.index(target) for source, target in targets)


def test_an_older_ring_undoes_no_declaration(context: Flask, now: datetime) -> None:
    store().ensure(now - timedelta(days=30))
    older = store().ring()
    store().compromise(0, now - timedelta(days=1), now)
    store().absorb(older)
    assert states() == [(0, "compromised"), (1, "active")]
    assert store().get(0).valid_before == now - timedelta(days=1)


def test_commands(app: Flask, now: datetime) -> None:
    runner: FlaskCliRunner = app.test_cli_runner()

    def run(*words: str) -> tuple[int, str]:
        result = runner.invoke(args=["keys", *words])
        return result.exit_code, result.output

    since = (now - timedelta(hours=1)).isoformat()
    assert run("ensure")[0] == 0
    assert run("create", "--reason", WHY, "--starts-at", (now + timedelta(days=1)).isoformat())[0] == 0
    assert "last_signing_key" in run("retire", "0", "--reason", WHY)[1]
    assert run("create", "--reason", WHY)[0] == 0
    assert run("retire", "0", "--reason", WHY)[0] == 0
    assert run("compromise", "0", "--since", since, "--reason", WHY)[0] == 1, "asks first"
    assert run("compromise", "0", "--since", "2026-11-22T08:00:00", "--reason", WHY, "--yes")[0] == 2, (
        "no zone"
    )
    assert run("compromise", "0", "--since", since, "--reason", WHY, "--yes")[0] == 0
    assert run("withdraw", "0", "--reason", WHY, "--yes")[0] == 0
    assert "step_refused" in run("compromise", "0", "--since", since, "--reason", WHY, "--yes")[1]
    code, output = run("list")
    assert code == 0
    assert [line.split()[:2] for line in output.splitlines()[1:]] == [
        ["0", "withdrawn"],
        ["1", "active"],
        ["2", "active"],
    ]
    assert "signs now" in output.splitlines()[3]
    code, text = run("pem", "3")
    assert (code, text.startswith("3:")) == (0, True)
    assert run("pem", "2")[0] == 1
    assert queries.get_proposal is not None
    with app.app_context():
        assert all(event.actor_role == "system" for event in db.session.query(AuditEvent))


@pytest.mark.parametrize("gone", ["disabled", "demoted"])
def test_what_somebody_proposed_who_left_is_not_confirmed(
    app_on: Flask, two: tuple[int, int], now: datetime, gone: str
) -> None:
    """Refusing stays possible, and so does a compromise."""
    with app_on.app_context():
        with unit():
            rotate = operations.propose(A.ROTATE, None, None, WHY, actor(two[0]), now).id
            doubt = operations.propose(A.COMPROMISE, 0, now - timedelta(days=1), WHY, actor(two[0]), now).id
        with unit():
            first = db.session.get_one(accounts.Account, two[0])
            if gone == "disabled":
                first.disabled_at = now
            else:
                for post in list(first.posts):
                    db.session.delete(post)
        db.session.expire_all()  # the next request reads anew
        with pytest.raises(Conflict, match="key_proposer_gone"), unit():
            operations.decide(rotate, confirm=True, reason="同意", actor=actor(two[1]), now=now)
        assert states() == [(0, "active")]
        with unit():
            operations.decide(rotate, confirm=False, reason="人已离岗", actor=actor(two[1]), now=now)
            operations.decide(doubt, confirm=True, reason="属实", actor=actor(two[1]), now=now)
        assert states() == [(0, "compromised"), (1, "active")]


def test_the_store_asks_again_when_it_is_alone(app_on: Flask, two: tuple[int, int], now: datetime) -> None:
    """What was asked before the lock may have changed: no second key, no return from withdrawn."""
    with app_on.app_context():
        store().rotate(now, expected=1)
        for make in (store().rotate, store().create):
            with pytest.raises(Conflict, match="keys_changed_meanwhile"):
                make(now, expected=1)
        with pytest.raises(StepRefused):
            store().withdraw(1, now)
        store().withdraw(0, now)
        with pytest.raises(StepRefused):
            store().compromise(0, now, now)
        assert states() == [(0, "withdrawn"), (1, "active")]
