"""The entry gate: complaints of a year against the policy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask

from tests.factories import complaints as make
from webapp.complaints import gate
from webapp.complaints.rules import ComplaintState
from webapp.core.checks import CheckResult
from webapp.core.db import db


def test_more_than_the_policy_allows_in_a_year(
    context: Flask, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(make.NOW)
    shop = make.make_shop_with_policy()
    filed = [make.answered(shop) for _ in range(10)]
    (check,) = gate.checks(shop)
    assert (check.result, check.details) == (CheckResult.PASSED, {"count": 10, "most": 10})
    one_more = make.answered(shop)
    (check,) = gate.checks(shop)
    assert (check.result, check.details["count"]) == (CheckResult.FAILED, 11)
    for state in (ComplaintState.REFUSED, ComplaintState.WITHDRAWN):
        one_more.state, one_more.refuse_ground = state, "other_law"
        db.session.flush()
        assert gate.checks(shop)[0].result is CheckResult.PASSED
    one_more.state = ComplaintState.SETTLING
    filed[0].received_at = make.NOW - timedelta(days=365)
    db.session.flush()
    assert gate.checks(shop)[0].details["count"] == 10
    filed[0].received_at = make.NOW - timedelta(days=365) + timedelta(seconds=1)
    db.session.flush()
    assert gate.checks(shop)[0].details["count"] == 11


def test_claims_that_nobody_took_up_keep_no_shop_out(
    context: Flask, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(make.NOW)
    shop = make.make_shop_with_policy()
    filed = [make.make_complaint(shop) for _ in range(11)]
    assert gate.checks(shop)[0].details["count"] == 0
    filed[0].state = ComplaintState.MEDIATING
    db.session.flush()
    assert gate.checks(shop)[0].details["count"] == 1
