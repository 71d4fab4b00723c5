"""回避: an officer who must stand aside from an operator does nothing to it, through whichever address the office has.

The walk finds the addresses by itself: a new one that changes something refuses such an officer, or stands in the
table below with its reason. The operations refuse too, for callers that come by no address.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule as Route

from tests.architecture.samples.world import post_of
from tests.architecture.test_access import Walk, routes_of, walked
from tests.factories.accounts import make_officer, sign_in
from tests.support import sources
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db, may_write
from webapp.features import FEATURES
from webapp.merchants.models import MemberRole, OperatorMember, Recusal
from webapp.web.access import Audience, rule_of
from webapp.web.permissions import PERMISSIONS

__all__ = ["walked"]

#: Office addresses that change something and name no operator, each with what guards it instead.
NOT_OF_ONE_OPERATOR: dict[str, str] = {
    "inspections_office.take": "a file of many shops; the operation looks at each row's shop",
    "styleguide.show": "a page of components; its form is a sample that stores nothing",
    "accounts_office.new": "an officer's account",
    "accounts_office.add_post": "an officer's account",
    "accounts.change_email": "the own account of whoever is signed in",
    "accounts_office.change_email": "an account; who it acts for is not decided",
    "accounts_office.remove_post": "an officer's account",
    "accounts_office.disable": "an account; who it acts for is not decided",
    "accounts_office.erase": "an account; who it acts for is not decided",
    "accounts_office.enable": "an account; who it acts for is not decided",
    "accounts_office.reset_password": "an officer's account",
    "accounts_office.reset_totp": "an officer's account",
    "accounts_office.end_sessions": "an account; who it acts for is not decided",
    "notices_office.read_all": "the officer's own notices: nothing is decided",
    "applications_office.bulk_confirm": "shows what was ticked; the list leaves such operators out",
    "applications_office.bulk_approve": "each is decided by the operation, which refuses",
    "malls.new": "a mall; shops are let in one by one, by the operation, which refuses",
    "mediation_files.upload": "mediating bodies; they are of regions and of no operator",
    "mediation_office.create": "a mediating body; it is of a region and of no operator",
    "joint.create": "the form names the complaints: each is joined by the operation, which asks the guard",
    "listings_office.create": "the form names the shop: found by access.may, proposed by the operation",
    "honours_office.create": "the form names the shop: found by access.may, proposed by the operation",
    "honours_office.create_chain": "a chain is of no operator; its shops are named one by one",
    "honours_many.upload": "rows of such operators are refused one by one",
    "reminders_office.create": "the form names the shops: each is asked for by the operation, which refuses",
    "campaigns_office.propose": "a line on the front page; it is of a region and of no operator",
    "oversight_office.create": "the form names the shop: found by access.may, proposed by the operation",
    "registry_office.upload": "rows of such operators are refused one by one",
    "registry_pull.ask": "the register chooses the rows, nobody here",
    "registry_pull.answer_for": "rows of such operators are refused one by one",
    "registry_office.confirm": "rows of such operators are refused one by one",
    "registry_office.drop": "changes nothing; anybody may hand the file in again",
    "printing_office.order": "decides nothing: the merchant has the same file made",
}
#: The sample of these is of no operator; their own tests walk the ones that are. A print job is of many operators.
ABOUT_A_REGION = {
    "holidays.enter",
    "holidays.preview",
    "holidays.withdraw",
    "honours_many.act",
    "honours_office.end_chain",
    "malls.add_shop",
    "malls.close",
    "malls.correct",
    "malls.remove_shop",
    "malls.set_industry_time",
    "malls.set_time",
    "mediation_files.act",
    "mediation_office.add_person",
    "mediation_office.edit",
    "mediation_office.remove_person",
    "mediation_office.set_state",
    "printing_office.again",
    "printing_office.cancel",
    "printing_office.hand_over",
    "printing_office.revoke",
    "campaigns_office.act",
    "oversight_hotspots.draft",
    "reminders_office.decide",
    "reminders_office.put_forward",
    "reminders_office.revise",
    "signing.decide",
    "signing.propose",
    "signing.withdraw",
}


def deeds(app: Flask) -> list[tuple[Route, str]]:
    """Routes of the office that change something."""
    return [
        (route, method)
        for feature in FEATURES
        for route, method in routes_of(app, feature)
        if method != "GET"
        and (rule := rule_of(app, route.endpoint)) is not None
        and rule.audience is Audience.OFFICER
    ]


@pytest.fixture(params=["declared", "a member"])
def tie(request: pytest.FixtureRequest) -> str:
    """How the officer is tied to the operator."""
    kind: str = request.param
    return kind


def test_no_address_lets_a_tied_officer_act(walked: Flask, tie: str) -> None:
    faults, met = [], set()
    for route, method in deeds(walked):
        rule = rule_of(walked, route.endpoint)
        assert rule is not None
        if rule.on is None or route.endpoint in NOT_OF_ONE_OPERATOR:
            continue
        client = walked.test_client()
        with walked.app_context():
            may_write.set(True)
            world, address = Walk(walked, route, method)._place(fresh=True)
            scope = rule.on(**{name: world.made[name] for name in route.arguments if name in world.made})
            if scope.operator_id is None:
                met.add(route.endpoint)
                continue
            role = max(PERMISSIONS[rule.permission or ""] - {Role.ADMINISTRATOR})
            officer = make_officer(role, **post_of(world.shop, role, "here"))
            if tie == "declared":
                row: object = Recusal(
                    account_id=officer.id, operator_id=scope.operator_id, declared_at=clock.now()
                )
            else:
                row = OperatorMember(
                    account_id=officer.id,
                    operator_id=scope.operator_id,
                    role=MemberRole.CLERK,
                    created_at=clock.now(),
                )
            db.session.add(row)
            db.session.commit()
            account_id = officer.id
        sign_in(client, account_id)
        answer = client.open(address, method=method)
        if answer.status_code != 403 or "请由其他同事处理" not in answer.text:
            faults.append(f"{method} {route.rule} ({route.endpoint}): {answer.status_code}")
    assert faults == []
    assert met == ABOUT_A_REGION


def test_what_names_no_operator_is_written_down(walked: Flask) -> None:
    silent = {route.endpoint for route, _ in deeds(walked) if _scope_names_no_operator(walked, route)}
    assert silent == set(NOT_OF_ONE_OPERATOR)
    assert all(len(reason) > 15 for reason in NOT_OF_ONE_OPERATOR.values())


def _scope_names_no_operator(app: Flask, route: Route) -> bool:
    rule = rule_of(app, route.endpoint)
    assert rule is not None
    return (
        rule.on is None
        or route.endpoint.startswith("accounts_office.")
        or rule.on.__name__ == "scope_of_city"
    )


_HOLDS = re.compile(r"\bactor\.holds\(")


def test_operations_ask_the_one_guard() -> None:
    """`actor.holds` alone forgets who must stand aside; an operation asks `core.steps.permit`, or takes a step."""
    found = [
        sources.name_of(path)
        for path in sources.python_files("webapp")
        if path.name == "operations.py" and _HOLDS.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
