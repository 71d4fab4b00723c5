"""Random decisions with kills of the sequencer: decisions − leaves = 0, every proof holds, nothing goes back."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.factories import merchants, stickers
from tests.factories.merchants import NOW
from webapp.codes import operations as codes
from webapp.codes import queries as code_queries
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit
from webapp.publiclog import following, notes, queries, sequencer, verifying
from webapp.publiclog.folder import CHECKPOINT
from webapp.publiclog.following import Seen
from webapp.publiclog.models import LogLeaf
from webapp.publiclog.notes import Verifier


class Killed(BaseException):
    """As a kill."""


def die(broken: bool) -> None:  # noqa: FBT001 - drawn
    if broken:
        raise Killed


class Machine(RuleBasedStateMachine):
    """All runs share the database, so that the log grows on: what is counted of it is kept with the class."""

    decided = 0
    seen = Seen()

    def __init__(self) -> None:
        super().__init__()
        self.minutes = 0
        self.shops: list[int] = []

    def _do(self, change: Any, *, broken: bool) -> None:
        """One request: its decisions count only if it was committed."""
        self.minutes += 1
        before = _codes_leaves()
        try:
            with unit():
                change(NOW + timedelta(minutes=self.minutes))
                die(broken)
        except Killed:
            db.session.rollback()
            assert _codes_leaves() == before
        except DomainError:
            db.session.rollback()
            assert _codes_leaves() == before
        else:
            Machine.decided += 1

    @rule(broken=st.booleans())
    def issue(self, *, broken: bool) -> None:
        def change(now: Any) -> None:
            shop = merchants.make_shop()
            codes.issue(shop.id, SYSTEM, now)
            number.append(shop.id)

        number: list[int] = []
        self._do(change, broken=broken)
        if not broken:
            self.shops.extend(number)

    @rule(
        which=st.integers(0, 1),
        broken=st.booleans(),
        step=st.sampled_from(["suspend", "lift", "suspend", "lift", "revoke"]),
    )
    def decide(self, which: int, step: str, *, broken: bool) -> None:
        if not self.shops:
            return
        shop = self.shops[which % len(self.shops)]

        def change(now: Any) -> None:
            if step == "suspend":
                if code_queries.open_grounds(code_queries.lock_standing(shop)):
                    raise DomainError("stands")
                codes.suspend(shop, "abnormal_list", "so", SYSTEM, now)
            elif step == "lift":
                codes.lift(shop, "abnormal_list", "so", SYSTEM, now)
            else:
                codes.revoke_now(shop, "operator_deregistered", "so", SYSTEM, now)

        self._do(change, broken=broken)

    @rule(at=st.integers(0, 60))
    def sequence_and_die(self, at: int) -> None:
        """The sequencer runs and dies at the `at`-th system call or statement (0: it lives)."""
        seen = [0]

        def maybe(*_args: object) -> None:
            seen[0] += 1
            if seen[0] == at:
                raise Killed

        real = {name: getattr(os, name) for name in ("fsync", "replace", "write")}
        with pytest.MonkeyPatch.context() as patch:
            for name, call in real.items():
                patch.setattr(os, name, lambda *args, _call=call: (maybe(), _call(*args))[1])
            sa.event.listen(db.engine, "before_cursor_execute", maybe)
            try:
                sequencer.run(NOW + timedelta(minutes=self.minutes))
            except Killed:
                pass
            finally:
                sa.event.remove(db.engine, "before_cursor_execute", maybe)
                db.session.rollback()

    @invariant()
    def every_decision_has_its_leaf(self) -> None:
        assert _codes_leaves() == self.decided
        assert verifying.missing() == 0
        db.session.rollback()

    @invariant()
    def what_is_published_goes_on(self) -> None:
        data, row = queries.folder().read(CHECKPOINT), queries.state()
        db.session.rollback()
        if data is None or row is None:
            return
        fetch, key = following.source(str(queries.folder().path)), Verifier.parse(row.key)
        note, found = following.look(fetch, key, self.seen)
        following.read_entries(fetch, self.seen.size, found)
        assert found.size <= row.size
        Machine.seen = Seen(found.size, found.root, str(note))

    def teardown(self) -> None:
        sequencer.run(NOW)
        report = verifying.verify()
        db.session.rollback()
        assert report.wrong == []
        assert report.waiting == 0
        row = queries.state()
        if row is None or not row.size:
            return
        for position in {0, row.size // 2, row.size - 1}:
            receipt = queries.receipt(position)
            receipt.proof.check(receipt.leaf.data, Verifier.parse(row.key))
            notes.parse(receipt.proof.checkpoint)
        db.session.rollback()


def _codes_leaves() -> int:
    found = db.session.scalar(
        sa.select(sa.func.count(LogLeaf.id)).where(LogLeaf.subject_type == "trust_code")
    )
    db.session.rollback()
    return found or 0


@pytest.mark.each_database
def test_random_decisions_with_kills(app_on: Flask) -> None:
    with app_on.app_context():
        with unit():
            policy.sync()
            stickers.make_key()
        Machine.decided, Machine.seen = 0, Seen()
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=10, stateful_step_count=30, deadline=None, phases=[Phase.generate]
            ),
        )
