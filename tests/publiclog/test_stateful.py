"""Random decisions with kills of the sequencer: decisions − leaves = 0, every proof holds, nothing goes back."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from qrservice.statements import read_statement
from qrservice.statuslist import LIST_KIND, StatusList, StickerStatus
from tests.factories import merchants, stickers
from tests.factories.accounts import make_officer
from tests.factories.listings import make_people
from tests.factories.merchants import NOW
from tests.listings.test_stateful import Lists
from webapp.codes import operations as codes
from webapp.codes import queries as code_queries
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit
from webapp.listings import queries as lists
from webapp.listings.models import Listing
from webapp.listings.rules import Colour, ListingState
from webapp.publiclog import following, notes, queries, sequencer, verifying
from webapp.publiclog.folder import CHECKPOINT
from webapp.publiclog.following import Seen
from webapp.publiclog.models import LogLeaf
from webapp.publiclog.notes import Verifier
from webapp.publiclog.rules import ENDS
from webapp.signing.store import store as key_store
from webapp.stickers import statuslists
from webapp.stickers.models import Sticker


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


# --- lists, honours and codes, with the log beside them ---------------------------------------------------------------

#: Where a shop can be green, and what green is there. `{token}` and `{shop}` are put in.
PLACES = (
    ("/c/{token}", "text/html"),
    ("/c/{token}", "application/json"),
    ("/s/{shop}", "text/html"),
    ("/s/{shop}", "application/json"),
    ("/verify?code={token}", "text/html"),
    ("/shops", "text/html"),
    ("/shops?trusted=1", "text/html"),
)
GREEN = re.compile(r'印章：放心|"trusted"|现在有效')


class Everything(Lists):
    """As the lists' own machine, with the sequencer, which dies, and with visitors who look at everything."""

    app: Flask

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.seen = Seen()
        vouched = db.session.scalars(sa.select(Sticker).where(Sticker.shop_id == self.shop_id)).one()
        self.token = vouched.token
        db.session.rollback()
        sequencer.run(self.now)
        active = self.green()
        self.attempt(lambda: codes.suspend(self.shop_id, "other", "r", SYSTEM, self.now), killed=False)
        self.grey = self.green()
        assert all(active[place] > self.grey[place] for place in PLACES), "each place can be green"
        assert (active["list"], self.grey["list"]) == (StickerStatus.VALID, StickerStatus.SUSPENDED)
        self.attempt(lambda: codes.lift(self.shop_id, "other", "r", SYSTEM, self.now), killed=False)

    def green(self) -> dict[Any, int]:
        """How often each public place says green, and what the signed status list says."""
        db.session.rollback()
        app, found = self.app, dict[Any, int]()
        app.extensions["ydym.tail"].poll()
        with clock.use(self.now):
            for path, kind in PLACES:
                address = path.format(token=self.token, shop=self.shop_id)
                answer = app.test_client().get(address, headers={"Accept": kind})
                assert answer.status_code in {200, 410}, (address, answer.status_code)
                found[path, kind] = len(GREEN.findall(answer.text.split("<template")[0]))
            app.extensions["ydym.status_lists"] = statuslists.StatusLists()
            statement = statuslists.lists().statement(0, self.now)
            entries = StatusList(read_statement(statement or "", LIST_KIND, key_store().ring()))
            found["list"] = int(entries.find(self.shop_id, 1) or 0)
        db.session.rollback()
        return found

    @rule(
        colour=st.sampled_from(Colour),
        how=st.sampled_from(["strike", "expire", "repair"]),
        stops=st.integers(2, 6),
    )
    def an_entry_comes_and_ends(self, *, colour: Colour, how: str, stops: int) -> None:
        """What single steps come to too seldom: an entry's whole way, with the sequencer between, as far as `stops`."""
        self.propose(colour=colour, who=0, killed=False)
        self.decide(colour=colour, action="confirm", who=1, killed=False)
        self.time_goes_on(days=95, killed=False)
        if stops > 2:
            self.sequence(at=0)
        if stops > 3 and how == "expire":
            self.time_goes_on(days=210, killed=False)
        elif stops > 3 and how == "repair":
            self.merchant(what="repair", killed=False)
            self.judge(grant=True, who=1, killed=False)
        elif stops > 3:
            self.decide(colour=colour, action="strike", who=2, killed=False)
        if stops > 4:
            self.look_everywhere()

    @rule(at=st.integers(0, 40))
    def sequence(self, at: int) -> None:
        """The sequencer runs and dies at its `at`-th statement (0: it lives)."""
        db.session.rollback()
        seen = [0]

        def maybe(*_args: object) -> None:
            seen[0] += 1
            if seen[0] == at:
                raise Killed

        sa.event.listen(db.engine, "before_cursor_execute", maybe)
        try:
            sequencer.run(self.now)
        except Killed:
            pass
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", maybe)
            db.session.rollback()

    @rule()
    def look_everywhere(self) -> None:
        """No visitor sees a suspended, revoked or black-listed shop in green, wherever they look."""
        newest = (
            sa.select(TrustCode.state).where(TrustCode.shop_id == self.shop_id).order_by(TrustCode.id.desc())
        )
        state = db.session.scalar(newest.limit(1))
        black = bool(lists.black_listed([self.shop_id], clock.day_of(self.now)))
        if state is CodeState.ACTIVE and not black:
            return
        found = self.green()
        assert all(found[place] <= self.grey[place] for place in PLACES), (state, black, found)
        assert found["list"] != StickerStatus.VALID or state is CodeState.ACTIVE

    @invariant()
    def every_decision_has_its_leaf(self) -> None:
        assert verifying.missing() == 0
        # Counted without the audit trail: each change of a code is one version more (the factory made version 1).
        changes = db.session.scalar(sa.select(sa.func.sum(TrustCode.version - 1)))
        own = (LogLeaf.subject_type == "trust_code", LogLeaf.kind != "code.issue")
        leaves = db.session.scalar(sa.select(sa.func.count(LogLeaf.id)).where(*own))
        assert int(changes or 0) - (leaves or 0) == 0

    @invariant()
    def nothing_leads_from_the_log_to_an_ended_entry(self) -> None:
        ended = sa.select(LogLeaf.subject_type, LogLeaf.subject_id).where(LogLeaf.kind.in_(sorted(ENDS)))
        for kind, number in db.session.execute(ended).tuples().all():
            mine = sa.select(LogLeaf).where(LogLeaf.subject_type == kind, LogLeaf.subject_id == number)
            for leaf in db.session.scalars(mine):
                facts = queries.facts_of(leaf)
                assert (leaf.about, leaf.about_salt, leaf.shop_id) == (None, None, None), leaf.kind
                assert not {"shop", "subject", "ground"} & set(facts), leaf.kind
        for leaf in db.session.scalars(sa.select(LogLeaf).where(LogLeaf.kind == "code.revoke")):
            black = "about" in queries.facts_of(leaf)
            assert not black or bool(leaf.about) == bool(
                lists.black_listed([self.shop_id], clock.day_of(self.now))
                or db.session.scalar(
                    sa.select(Listing.id).where(
                        Listing.colour == Colour.BLACK, Listing.state == ListingState.PUBLISHED
                    )
                )
            )

    @invariant()
    def what_is_published_goes_on(self) -> None:
        data, row = queries.folder().read(CHECKPOINT), queries.state()
        if data is None or row is None or not hasattr(self, "seen"):
            return
        fetch, key = following.source(str(queries.folder().path)), Verifier.parse(row.key)
        note, found = following.look(fetch, key, self.seen)
        following.read_entries(fetch, self.seen.size, found)
        self.seen = Seen(found.size, found.root, str(note))


@pytest.mark.each_database
def test_lists_and_log_after_any_operations_with_kills(app_on: Flask, each_database: str) -> None:
    with app_on.app_context():
        with unit():
            people = make_people("别的店")
            third, fourth = (make_officer(name=name).actor() for name in ("周科长", "吴科长"))

        class OfThisDatabase(Everything):
            pass

        OfThisDatabase.app, OfThisDatabase.people = app_on, people
        OfThisDatabase.officers = (people.bureau, people.second, third, fourth)
        run_state_machine_as_test(
            OfThisDatabase,
            settings=settings(
                max_examples=3 if each_database == "sqlite" else 1,
                stateful_step_count=30,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
        db.session.rollback()
        sequencer.run(NOW)
        assert verifying.verify().wrong == []
        db.session.rollback()
