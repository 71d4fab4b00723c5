"""Erasing the person behind a closed account: nothing leads to them, and every proof of the public log stays valid."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.accounts import make_administrator, make_merchant, make_session
from tests.factories.codes import build
from tests.factories.merchants import NOW
from webapp.accounts import erasing, operations, queries
from webapp.accounts.models import LoginSession
from webapp.codes import operations as codes
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.transaction import unit
from webapp.jobs.operations import run_due
from webapp.publiclog import following, sequencer, verifying
from webapp.publiclog import queries as log
from webapp.publiclog.models import LogLeaf
from webapp.publiclog.notes import Verifier

pytestmark = pytest.mark.each_database
AFTER = NOW + timedelta(days=1096)


def every_proof_holds() -> None:
    """Each receipt under the log's key; the files against what was seen; database, commitments and files together."""
    row = log.state()
    assert row is not None
    key = Verifier.parse(row.key)
    for position in range(row.size):
        found = log.receipt(position)
        found.proof.check(found.leaf.data, key)
    assert verifying.verify().wrong == []
    db.session.rollback()


def test_erased_by_the_job_after_its_term(app_on: Flask, freeze: object) -> None:
    """The officer's number stays with the decisions; the log forgets who decided and why, and proves as before."""
    with app_on.app_context():
        with unit():
            policy.sync()
            town = build()
            officer = town.actor(town.bureau)
            codes.suspend(town.shop, "inspection_failed", "Wang Wu lied", officer, NOW)
            make_session(town.bureau, now=NOW)
        sequencer.run(NOW)
        fetch, key = following.source(str(log.folder().path)), Verifier.parse(log.state().key)
        _note, seen = following.look(fetch, key, following.Seen())
        leaf = db.session.scalars(sa.select(LogLeaf).where(LogLeaf.account_id == town.bureau)).one()
        number, kept = leaf.id, leaf.data
        assert json.loads(leaf.by)["reason"] == "Wang Wu lied"
        every_proof_holds()
        with unit():
            operations.disable(town.bureau, "调走了", SYSTEM, NOW)
        with unit():
            assert erasing.erase_due(NOW + timedelta(days=1000)) == 0
        freeze(AFTER)  # type: ignore[operator]
        assert run_due(regardless=True)["accounts.erase"] == 1
        db.session.rollback()
        account = queries.get_account(town.bureau)
        assert (account.phone, account.email, account.password_hash, account.disabled_reason) == (None,) * 4
        assert (account.name, account.username) == ("已抹去的账号", f"erased-{town.bureau}")
        assert not db.session.scalar(sa.select(LoginSession.id).where(LoginSession.account_id == town.bureau))
        leaf = db.session.get_one(LogLeaf, number)
        assert (leaf.by, leaf.by_salt, leaf.account_id, leaf.data) == (None, None, None, kept)
        db.session.rollback()
        every_proof_holds()
        following.look(fetch, key, following.Seen(seen.size, seen.root))
        assert run_due(regardless=True)["accounts.erase"] == 0


def test_who_may_be_erased_and_when(context: Flask) -> None:
    policy.sync()
    administrator, merchant = make_administrator().actor(), make_merchant()
    with pytest.raises(Conflict, match="account_still_open"):
        erasing.erase(merchant.id, "本人申请", administrator, NOW)
    operations.disable(merchant.id, "本人申请注销", administrator, NOW)
    with pytest.raises(Invalid, match="reason_required"):
        erasing.erase(merchant.id, " ", administrator, NOW)
    with pytest.raises(Forbidden, match="not_yourself"):
        erasing.erase(administrator.account_id or 0, "x", administrator, NOW)
    phone = merchant.phone
    assert erasing.erase(merchant.id, "本人申请", administrator, NOW).erased_at == NOW
    assert erasing.erase(merchant.id, "本人申请", administrator, NOW + timedelta(days=1)).erased_at == NOW
    with pytest.raises(Conflict, match="account_erased"):
        operations.enable(merchant.id, administrator, NOW)
    assert queries.find_merchant(phone or "") is None
    again = operations.create_merchant("张小面", phone or "", "a long enough password 1", NOW)
    assert again.id != merchant.id
