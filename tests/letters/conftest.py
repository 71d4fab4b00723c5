"""A place to issue documents in: regions, an officer, a shop's scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from tests.factories.accounts import make_officer
from tests.factories.regions import make_street
from tests.letters.samples import FACTS, NOW
from webapp.core.actor import Actor, Role, Scope
from webapp.letters import operations, organisations
from webapp.letters.models import Letter
from webapp.letters.organisations import Organisation
from webapp.letters.rules import Law, Subject

ABOUT = Subject("complaint", 7)


@dataclass(frozen=True)
class Office:
    """Who issues, and about what."""

    organisation: Organisation
    officer: Actor
    stranger: Actor
    scope: Scope
    subject: Subject = ABOUT

    def issue(self, kind: str = "acceptance", **more: object) -> Letter:
        """A sample document; keyword arguments as ``operations.issue``, or facts to change."""
        given = {"law": Law.ORDER_121, "now": NOW} | more
        keys = ("law", "recipients", "now", "subject", "organisation", "actor")
        options = {key: given.pop(key) for key in keys if key in given}
        now = options.pop("now")
        subject = options.pop("subject", self.subject)
        organisation = options.pop("organisation", self.organisation)
        actor = options.pop("actor", self.officer)
        return operations.issue(kind, subject, FACTS[kind] | given, organisation, actor, now, **options)


@pytest.fixture
def make_office() -> Callable[[], Office]:
    """Make the rows, inside an application context."""

    def make() -> Office:
        street = make_street()
        county = street.code[:6]
        return Office(
            organisations.bureau(county),
            make_officer(Role.BUREAU_OFFICER, county).actor(),
            make_officer(Role.BUREAU_OFFICER, "130602").actor(),
            Scope(region_code=street.code, station_id=street.station_id, operator_id=1),
        )

    return make


@pytest.fixture
def office(context: Flask, make_office: Callable[[], Office]) -> Office:
    """An office in the pushed context."""
    return make_office()
