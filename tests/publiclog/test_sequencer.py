"""Leaves with their decisions, places, publication; broken off anywhere and gone on with. On each database."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import merchants, stickers
from tests.factories.codes import build, make_code
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.codes import operations as codes
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.transaction import unit
from webapp.publiclog import following, notes, operations, queries, seals, sequencer, tree, verifying
from webapp.publiclog.folder import CHECKPOINT
from webapp.publiclog.models import LogLeaf, LogState
from webapp.publiclog.notes import Verifier

pytestmark = pytest.mark.each_database


@pytest.fixture
def log(app_on: Flask) -> Iterator[Flask]:
    with app_on.app_context():
        with unit():
            policy.sync()
            stickers.make_key()
        yield app_on
        db.session.rollback()


def leaves() -> list[LogLeaf]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(LogLeaf).order_by(LogLeaf.id)))


def issue(count: int = 1) -> list[int]:
    """So many codes issued, each its own decision."""
    numbers = []
    with unit():
        for _ in range(count):
            shop = merchants.make_shop()
            codes.issue(shop.id, SYSTEM, NOW)
            numbers.append(shop.id)
    return numbers


def suspend(shop_id: int, minutes: int = 1) -> None:
    with unit():
        codes.suspend(shop_id, "abnormal_list", "because", SYSTEM, NOW + timedelta(minutes=minutes))


def lift(shop_id: int, minutes: int = 2) -> None:
    with unit():
        codes.lift(shop_id, "abnormal_list", "clean again", SYSTEM, NOW + timedelta(minutes=minutes))


def undone(shop_id: int) -> None:
    with unit():
        codes.suspend(shop_id, "abnormal_list", "because", SYSTEM, NOW)
        _ = 1 / 0


def holds() -> verifying.Report:
    db.session.rollback()
    report = verifying.verify()
    db.session.rollback()
    assert report.wrong == []
    return report


def test_a_decision_and_its_leaf_are_one_transaction(log: Flask) -> None:
    (shop,) = issue()
    kinds = [leaf.kind for leaf in leaves()]
    assert kinds[0] == "code.issue"
    assert set(kinds[1:]) == {"sticker.issue"}
    before = len(kinds)
    with pytest.raises(ZeroDivisionError):
        undone(shop)
    assert len(leaves()) == before
    suspend(shop)
    facts = json.loads(leaves()[-1].data)
    assert facts["kind"] == "code.suspend"
    assert (facts["shop"], facts["from"], facts["to"], facts["ground"]) == (
        shop,
        "active",
        "suspended",
        "abnormal_list",
    )
    assert "because" not in leaves()[-1].data.decode()
    assert verifying.missing() == 0


def test_places_are_given_once_and_published(log: Flask) -> None:
    issue(3)
    waiting = len(leaves())
    assert sequencer.run(NOW) == waiting
    assert sequencer.run(NOW) == 0
    report = holds()
    assert (report.placed, report.published, report.waiting) == (waiting, waiting, 0)
    issue(1)
    sequencer.run(NOW + timedelta(hours=1))
    assert holds().published == len(leaves())


def test_many_leaves_over_several_tiles(log: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past 256 leaves, in steps that end inside and at the end of tiles; every receipt holds."""
    monkeypatch.setattr(sequencer, "AT_ONCE", 100)
    (shop,) = issue()
    for turn, wanted in enumerate((100, 255, 256, 257, 520)):
        with unit():
            there = db.session.scalar(sa.select(sa.func.count(LogLeaf.id))) or 0
            for at in range(wanted - there):
                step = codes.suspend if at % 2 == 0 else codes.lift
                step(shop, "abnormal_list", "so", SYSTEM, NOW + timedelta(minutes=turn * 1000 + at))
            if (wanted - there) % 2:
                codes.lift(shop, "abnormal_list", "so", SYSTEM, NOW + timedelta(minutes=turn * 1000 + 999))
        sequencer.run(NOW)
        holds()
    key = Verifier.parse(queries.state().key)
    for position in (0, 99, 255, 256, 300, queries.state().size - 1):
        found = queries.receipt(position)
        found.proof.check(found.leaf.data, key)


def test_two_sequencers_cannot_both_win(log: Flask) -> None:
    issue()
    row = operations.state(NOW)
    db.session.commit()
    stale = LogState(origin=row.origin, key=row.key, root=row.root)
    sequencer.integrate(NOW)
    with pytest.raises(Conflict), unit():
        sequencer._swap(stale, 0, tree.Frontier().grown([b"x" * 32]), NOW)
    sequencer.run(NOW)
    holds()


# --- broken off -------------------------------------------------------------------------------------------------------

CALLS = ("open", "write", "fsync", "replace", "mkdir")


class Killed(BaseException):
    """As a kill: nothing of the program gets to know of it."""


@contextmanager
def killed_at(number: int, monkeypatch: pytest.MonkeyPatch, *, half: bool) -> Iterator[list[int]]:
    """Dies at the `number`-th system call that changes the disk, before it, or half way through a write."""
    seen = [0]
    with monkeypatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, _dying(getattr(os, name), name, number, seen, half=half))
        yield seen


def _dying(real: Callable, name: str, number: int, seen: list[int], *, half: bool) -> Callable:
    def call(*args: object, **kwargs: object) -> object:
        mine = "log" in str(args[0]) or name in {"write", "fsync"}
        if mine:
            seen[0] += 1
            if seen[0] == number:
                if half and name == "write":
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                raise Killed
        return real(*args, **kwargs)

    return call


def test_killed_at_every_system_call(log: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A checkpoint that is there is always whole, signed and backed by its tiles; the next run goes on."""
    issue(2)
    sequencer.run(NOW)
    place = queries.folder()
    kept = tmp_path / "kept"
    issue(2)
    while sequencer.integrate(NOW):
        pass
    shutil.copytree(place.path, kept)
    key = Verifier.parse(queries.state().key)
    old = notes.opened(place.read(CHECKPOINT), key)[1]
    db.session.rollback()
    died = 0
    for half in (False, True):
        for number in range(1, 200):
            shutil.rmtree(place.path)
            shutil.copytree(kept, place.path)
            with killed_at(number, monkeypatch, half=half) as seen:
                try:
                    sequencer.publish(place)
                except Killed:
                    died += 1
            db.session.rollback()
            _note, found = following.look(
                following.source(str(place.path)), key, following.Seen(old.size, old.root, "")
            )
            following.read_entries(following.source(str(place.path)), 0, found)
            sequencer.run(NOW)
            assert holds().waiting == 0
            if seen[0] < number:
                break
    assert died > 20


def test_killed_while_giving_places(log: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every statement of the transaction: nothing or all of it is there."""
    issue(2)
    sequencer.run(NOW)
    issue(1)
    size = queries.state().size
    for number in range(1, 40):
        seen = [0]

        def die(*_args: object, at: int = number, seen: list[int] = seen) -> None:
            seen[0] += 1
            if seen[0] == at:
                raise Killed

        db.session.rollback()
        sa.event.listen(db.engine, "before_cursor_execute", die)
        try:
            sequencer.integrate(NOW)
        except Killed:
            db.session.rollback()
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", die)
        db.session.rollback()
        now = queries.state().size
        waiting = queries.waiting()
        assert (now, waiting) in {(size, len(leaves()) - size), (len(leaves()), 0)}
        if now > size:
            break
    sequencer.run(NOW)
    assert holds().waiting == 0


# --- put back ---------------------------------------------------------------------------------------------------------


def test_an_older_database_is_refused(log: Flask, tmp_path: Path) -> None:
    """The published log is ahead of the row: nothing is signed."""
    issue(1)
    sequencer.run(NOW)
    place = queries.folder()
    ahead = tmp_path / "ahead"
    state = queries.state()
    older = (state.size, state.root)
    db.session.rollback()
    issue(1)
    # Signed and published by the same key on a later state, as after a restore of the database alone.
    later = tree.Frontier.from_bytes(state.size, state.edge).grown([b"y" * 32])
    key = operations.signer(state.origin)
    forward = notes.sign(
        str(notes.Checkpoint(state.origin, later.size, later.root())), key.verifier, key.sign
    )
    shutil.copytree(place.path, ahead)
    (place.path / CHECKPOINT).write_text(str(forward))
    with pytest.raises(sequencer.RolledBack, match="are published, and the database holds") as refused:
        sequencer.run(NOW)
    assert refused.value.what == "ahead"
    db.session.rollback()
    assert (queries.state().size, queries.state().root) == older
    other = notes.sign(str(notes.Checkpoint(state.origin, older[0], b"z" * 32)), key.verifier, key.sign)
    (place.path / CHECKPOINT).write_text(str(other))
    with pytest.raises(sequencer.RolledBack) as refused:
        sequencer.run(NOW)
    assert refused.value.what == "differs"
    (place.path / CHECKPOINT).write_text("nothing\n")
    with pytest.raises(sequencer.RolledBack) as refused:
        sequencer.run(NOW)
    assert refused.value.what == "foreign"
    # On another machine there is no folder at all: that it was published, the database itself knows.
    shutil.rmtree(place.path)
    with pytest.raises(sequencer.RolledBack) as refused:
        sequencer.run(NOW)
    assert (refused.value.what, refused.value.details["held"]) == ("gone", older[0])
    assert sequencer.run(NOW, rebuild=True) > 0
    holds()


def test_a_beginning_that_was_broken_off_is_gone_on_with(log: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_BATCH", 2)
    with unit():
        for _ in range(5):
            make_code(merchants.make_shop())
    with unit():
        operations.state(NOW)
    real, turns = operations._add_standing, [0]

    def dying(batch: list) -> int:
        turns[0] += 1
        if turns[0] == 2:
            raise Killed
        return real(batch)

    with monkeypatch.context() as patch:
        patch.setattr(operations, "_add_standing", dying)
        with pytest.raises(Killed):
            sequencer.run(NOW)
    db.session.rollback()
    assert len(leaves()) == 2
    sequencer.run(NOW)
    found = [leaf.subject_id for leaf in leaves() if leaf.kind == "code.issue"]
    assert len(found) == len(set(found)) == 5
    assert holds().waiting == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_leaf SET data = '' WHERE position = 0",
        "UPDATE log_leaf SET position = 5000 WHERE position = 0",
        "UPDATE log_leaf SET position = NULL WHERE position = 0",
        "UPDATE log_leaf SET kind = 'code.revoke'",
        "UPDATE log_leaf SET account_id = 7",
        "UPDATE log_leaf SET shop_id = NULL",
        "UPDATE log_leaf SET shop_id = 999",
        "DELETE FROM log_leaf",
        "DELETE FROM log_state",
        "UPDATE log_state SET size = size - 1",
        "UPDATE log_state SET root = edge",
        "UPDATE log_state SET origin = 'another'",
    ],
)
def test_the_database_refuses_to_rewrite(log: Flask, statement: str) -> None:
    issue(2)
    sequencer.run(NOW)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        db.session.execute(sa.text(statement))
    db.session.rollback()
    holds()


def test_a_changed_byte_is_found(log: Flask) -> None:
    issue(2)
    sequencer.run(NOW)
    path = queries.folder().path / f"tile/entries/000.p/{queries.state().size}"
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(bytes(data))
    db.session.rollback()
    assert verifying.verify().wrong
    db.session.rollback()


# --- sealed -----------------------------------------------------------------------------------------------------------


def test_erasing_a_person_keeps_every_proof(log: Flask) -> None:
    with unit():
        town = build()
    officer = town.actor(town.bureau)
    with unit():
        codes.suspend(town.shop, "inspection_failed", "Wang Wu lied", officer, NOW)
    sequencer.run(NOW)
    (leaf,) = [one for one in leaves() if one.kind == "code.suspend"]
    facts = json.loads(leaf.data)
    person = json.loads(leaf.by)
    assert person == {"account": town.bureau, "reason": "Wang Wu lied"}
    assert seals.opens(facts["by"], leaf.by_salt, person)
    assert not seals.opens(facts["by"], b"x" * 32, person)
    assert b"Wang" not in leaf.data
    kept = leaf.data
    with unit():
        assert operations.erase_person(town.bureau) == 1
    db.session.expire_all()
    (leaf,) = [one for one in leaves() if one.kind == "code.suspend"]
    assert (leaf.by, leaf.by_salt, leaf.account_id, leaf.data) == (None, None, None, kept)
    holds()
    found = queries.receipt(leaf.position)
    found.proof.check(kept, Verifier.parse(queries.state().key))


def test_what_stood_before_begins_the_log_once(log: Flask) -> None:
    with unit():
        for _ in range(3):
            make_code(merchants.make_shop())
    (live,) = issue(1)
    sequencer.run(NOW)
    found = [json.loads(leaf.data) for leaf in leaves()]
    assert len([one for one in found if one["kind"] == "code.issue"]) == 4
    assert len([one for one in found if one.get("shop") == live and one["kind"] == "code.issue"]) == 1
    assert sequencer.run(NOW) == 0
    with unit():
        assert operations.begin(NOW) == 0
    holds()


def test_a_missing_leaf_is_counted(log: Flask) -> None:
    """The measure itself can fail: a decision written past the session has no leaf."""
    sequencer.run(NOW)
    with unit():
        db.session.execute(
            sa.insert(AuditEvent).values(
                at=NOW + timedelta(days=1), actor_name="x", actor_role="system", action="code.revoke",
                subject_type="trust_code", subject_id=1, public=True,
            )
        )  # fmt: skip
    assert verifying.missing() == 1


def test_each_step_of_a_code_has_its_leaf(log: Flask) -> None:
    (shop,) = issue()
    suspend(shop)
    lift(shop)
    suspend(shop, 3)
    with unit():
        codes.revoke_now(shop, "operator_deregistered", "gone", SYSTEM, NOW + timedelta(minutes=4))
    found = [leaf.kind for leaf in leaves() if leaf.subject_type == "trust_code"]
    assert found == ["code.issue", "code.suspend", "code.restore", "code.suspend", "code.revoke"]
    sequencer.run(NOW)
    holds()
