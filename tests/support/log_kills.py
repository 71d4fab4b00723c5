"""Random decisions by a process that is killed (SIGKILL) again and again, beside a sequencer that is killed, too.

    python -m tests.support.log_kills --database URL --data FOLDER --operations 1000 --kills 20

Prints one line of JSON: what was done, and what is wrong (nothing). The database is migrated and empty. Children are
forked from a process that has loaded the application but holds no connection, so that a kill costs milliseconds.

After each kill of both: as many leaves as decisions (the codes' own versions and the stickers count them, not the
audit trail), and the published log goes on from all that was seen of it, each leaf in its place. At the end the
sequencer runs once undisturbed; then database, commitments, files and audit trail must agree, and receipts hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.factories import merchants, stickers
from tests.factories.merchants import NOW
from tests.support.databases import settings_for
from webapp import create_app
from webapp.codes import operations as codes
from webapp.codes.models import TrustCode
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit
from webapp.merchants.models import Operator
from webapp.publiclog import following, queries, sequencer, verifying
from webapp.publiclog.folder import CHECKPOINT
from webapp.publiclog.models import LogLeaf
from webapp.publiclog.notes import Verifier
from webapp.stickers.models import Sticker

GROUNDS = ("abnormal_list", "licence_expired", "operator_moved_out")


def decide(source: random.Random, turn: int) -> None:
    """One random request: some of them are refused, as in life."""
    now = NOW + timedelta(seconds=turn)
    shops = list(db.session.scalars(sa.select(TrustCode.shop_id).order_by(TrustCode.id.desc()).limit(20)))
    db.session.rollback()
    with unit():
        if not shops or source.random() < 0.1:
            operator = db.session.scalars(sa.select(Operator).limit(1)).one()
            codes.issue(merchants.make_shop(operator).id, SYSTEM, now)
            return
        shop, ground = source.choice(shops), source.choice(GROUNDS)
        step = source.choice(["suspend"] * 4 + ["lift"] * 4 + ["both", "revoke"])
        if step in {"suspend", "both"}:
            codes.suspend(shop, ground, "so", SYSTEM, now)
        if step in {"lift", "both"}:
            codes.lift(shop, ground, "so", SYSTEM, now)
        if step == "revoke":
            codes.revoke_now(shop, "operator_deregistered", "so", SYSTEM, now)


def write_for_ever(app: Flask, seed: int, told: int) -> None:
    """The writer: tells each attempt that ended by one byte, and stops for nothing but a kill."""
    source = random.Random(seed)
    with app.app_context():
        turn = seed * 100_000
        while True:
            turn += 1
            try:
                decide(source, turn)
                os.write(told, b"+")
            except DomainError:
                os.write(told, b"-")


def sequence_for_ever(app: Flask) -> None:
    """The sequencer without a pause."""
    with app.app_context():
        while True:
            sequencer.run(NOW)


def forked(app: Flask, work: Callable[[], None]) -> int:
    """A child that does `work` with connections of its own; its number."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - the child ends here, whatever it was
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(1)


class Round:
    """What is known of the log from outside, and what was found wrong."""

    def __init__(self) -> None:
        self.seen = following.Seen()
        self.wrong: list[str] = []
        self.done = self.refused = 0

    def kill(self, app: Flask, seed: int, seconds: float) -> None:
        """Both at work for that long, then both killed."""
        reading, told = os.pipe()
        children = [
            forked(app, lambda: write_for_ever(app, seed, told)),
            forked(app, lambda: sequence_for_ever(app)),
        ]
        os.close(told)
        os.read(reading, 1)  # the writer is at work
        time.sleep(seconds)
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            if os.waitpid(child, 0)[1] != signal.SIGKILL:
                self.wrong.append("a child died by itself")
        marks = b"+"
        while more := os.read(reading, 65_536):
            marks += more
        os.close(reading)
        self.done += marks.count(b"+")
        self.refused += marks.count(b"-")

    def look(self) -> None:
        """After a kill: as many leaves as decisions, and the published log goes on."""
        missing, without = verifying.missing(), without_leaf()
        if missing or without:
            self.wrong.append(f"decisions - leaves = {without}, by the audit trail {missing}")
        row, data = queries.state(), queries.folder().read(CHECKPOINT)
        db.session.rollback()
        if row is None or data is None:
            return
        fetch, key = following.source(str(queries.folder().path)), Verifier.parse(row.key)
        try:
            note, found = following.look(fetch, key, self.seen)
            following.read_entries(fetch, self.seen.size, found)
        except (following.Misbehaved, following.Unreachable, ValueError) as error:
            self.wrong.append(f"published: {error}")
            return
        if found.size > row.size:
            self.wrong.append(f"{found.size} published, {row.size} in the database")
        self.seen = following.Seen(found.size, found.root, str(note))

    def end(self) -> verifying.Report:
        """One undisturbed run; everything against everything."""
        sequencer.run(NOW)
        report = verifying.verify()
        self.wrong += report.wrong
        if report.waiting or report.published != report.leaves:
            self.wrong.append(f"{report.waiting} wait, {report.published} of {report.leaves} are published")
        row = queries.state()
        assert row is not None
        for position in random.Random(1).sample(range(row.size), min(100, row.size)):
            found = queries.receipt(position)
            found.proof.check(found.leaf.data, Verifier.parse(row.key))
        self.look()
        return report


def without_leaf() -> int:
    """Decisions − leaves, counted without the audit trail: each change of a code is one version of it."""
    made = db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(TrustCode.version), 0))) or 0
    made += db.session.scalar(sa.select(sa.func.count(Sticker.id))) or 0
    mine = sa.or_(LogLeaf.subject_type == "trust_code", LogLeaf.kind == "sticker.issue")
    leaves = db.session.scalar(sa.select(sa.func.count(LogLeaf.id)).where(mine)) or 0
    db.session.rollback()
    return int(made) - leaves


def run(database: str, data: Path, operations: int, kills: int, seed: int = 1) -> dict[str, object]:
    """At least so many operations and so many kills of both."""
    app, rounds = create_app(settings_for(data, database)), Round()
    source, number = random.Random(seed), 0
    with app.app_context(), unit():
        policy.sync()
        stickers.make_key()
        merchants.make_shop()
    while (number < kills or rounds.done + rounds.refused < operations) and not rounds.wrong:
        number += 1
        longest = 0.15 if operations < 5_000 else 1.5
        rounds.kill(app, seed * 1000 + number, source.uniform(0.005, longest))
        with app.app_context():
            rounds.look()
    with app.app_context():
        report = rounds.end()
        return {
            "kills": 2 * number,
            "operations": rounds.done + rounds.refused,
            "refused": rounds.refused,
            "leaves": report.leaves,
            "decisions_minus_leaves": without_leaf(),
            "missing": report.missing,
            "wrong": rounds.wrong,
        }


def main() -> None:
    """Read the arguments, print the result; exit 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--operations", type=int, default=0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = run(options.database, options.data, options.operations, options.kills, options.seed)
    sys.stdout.write(json.dumps(found) + "\n")
    sys.exit(1 if found["wrong"] else 0)


if __name__ == "__main__":
    main()
