"""Every route × role × owner: who gets in is what the route's rule says, for every address that the application has.

A route without a rule stops the start; a route whose arguments have no sample fails here. The walk works out for
itself what to expect from the rule and the person; it does not ask the code that it tests.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route

from tests.architecture import samples
from tests.architecture.samples import ADMITTED, CITY_WIDE, PERSONAL, SAMPLES, THE_CITY, UNSCOPED, World
from tests.conftest import close
from tests.factories.accounts import sign_in
from tests.factories.consumers import sign_in_consumer
from tests.support import databases, once
from webapp.accounts.models import Account
from webapp.core import policy
from webapp.core.actor import OFFICER_ROLES, Role
from webapp.core.db import db, may_write
from webapp.features import FEATURES
from webapp.web import slots
from webapp.web.access import Audience, Rule, check_all_declared, rule_of
from webapp.web.permissions import PERMISSIONS

#: Endpoints of the frame itself, which no feature owns.
FRAME = "the frame"


class Expected(enum.Enum):
    """What a person meets at a route."""

    ADMITTED = "gets in"
    DOOR = "is sent to sign in"
    REFUSED = "is refused (403)"
    NOTHING = "finds nothing (404)"


@dataclass(frozen=True)
class Person:
    """Somebody who tries. `where` says how an officer's post lies to the shop."""

    name: str
    role: Role = Role.CONSUMER
    where: str = ""

    @property
    def here(self) -> bool:
        return self.where in {"here", THE_CITY}


#: Somebody with a consumer's session: a stranger to every other side.
SIGNED_IN_CONSUMER = "a consumer who signed in"

PEOPLE = [
    Person("a stranger"),
    Person(SIGNED_IN_CONSUMER),
    Person("the owner", Role.MERCHANT, "here"),
    Person("another merchant", Role.MERCHANT, "another operator"),
    Person("a mediator", Role.MEDIATOR, "here"),
    Person("a mediator of another body", Role.MEDIATOR, "another body"),
    *(
        Person(f"{role.value} of {where}", role, where)
        for role in sorted(OFFICER_ROLES)
        for where in ("here", "another county")
    ),
    Person("bureau officer of the city", Role.BUREAU_OFFICER, THE_CITY),
    Person("administrator of the city", Role.ADMINISTRATOR, THE_CITY),
    Person("station officer of another station", Role.STATION_OFFICER, "another station"),
    Person("department officer of another department", Role.DEPARTMENT_OFFICER, "another department"),
]


#: Pages that show something of the first own shop: who has none finds nothing there.
NEEDS_A_SHOP = frozenset({"printing_merchant.preview"})


def expected(rule: Rule, endpoint: str, person: Person) -> Expected:
    """What the declaration promises, in plain words of its own."""
    if rule.audience is Audience.PUBLIC:
        return Expected.ADMITTED
    if rule.audience is Audience.CONSUMER:
        return Expected.ADMITTED if person.name == SIGNED_IN_CONSUMER else Expected.DOOR
    if person.role is Role.CONSUMER:
        return Expected.DOOR
    if endpoint in PERSONAL and person.name != "the owner" and rule.audience is Audience.SIGNED_IN:
        return Expected.NOTHING
    if rule.audience is Audience.SIGNED_IN:
        return Expected.ADMITTED
    if person.role is Role.MEDIATOR and rule.audience is Audience.MERCHANT:
        # An ordinary phone account: a merchant's door opens to it, and no operator is its own.
        nothing = rule.on is not None or endpoint in PERSONAL or endpoint in NEEDS_A_SHOP
        return Expected.NOTHING if nothing else Expected.ADMITTED
    sides = {Audience.MERCHANT: {Role.MERCHANT}, Audience.MEDIATOR: {Role.MEDIATOR}}
    if person.role not in (sides.get(rule.audience) or PERMISSIONS[rule.permission or ""]):
        return Expected.REFUSED
    if endpoint in CITY_WIDE and person.where != THE_CITY:
        return Expected.NOTHING
    if (rule.on is not None or endpoint in PERSONAL) and not person.here:
        return Expected.NOTHING
    return Expected.ADMITTED


def feature_of(app: Flask, endpoint: str) -> str:
    """The feature whose module holds the endpoint's view."""
    parts = app.view_functions[endpoint].__module__.split(".")
    return FRAME if parts[:2] == ["webapp", "web"] else parts[1]


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory, _copies: Callable[[str], databases.SqliteCopies]
) -> Iterator[Flask]:
    """One application for the whole walk, with the reference tables. Forms need no token: the rule alone decides."""
    folder = tmp_path_factory.mktemp("walk")
    with ExitStack() as stack:
        url = stack.enter_context(_copies("sqlite").fresh(folder))
        app = once.application(databases.settings_for(folder, url))
        stack.callback(close, app)
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            may_write.set(True)
            policy.sync()
            slots.collect(app, "reference")
            db.session.commit()
        yield app


class Visitors:
    """Browsers of people who come to one route after another: signed in once, for what leaves no trace."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._known: dict[object, FlaskClient] = {}

    def of(self, world: World, person: Person, *, fresh: bool) -> FlaskClient:
        """The person's browser; a `fresh` one belongs to an account that nobody used before, if it is an officer's.

        Call it in an application context; it commits.
        """
        shop = world.shop
        key: object = (person, shop.region_code, shop.station_id, shop.department_code)
        if person.role in {Role.MERCHANT, Role.MEDIATOR}:
            key = self._phone_account(world, person).id
        if not fresh and "keeper" not in world.people and key in self._known:
            return self._known[key]
        client, account = self._app.test_client(), self._account(world, person)
        db.session.commit()
        if account is not None:
            sign_in(client, account.id)
        if person.name == SIGNED_IN_CONSUMER:
            sign_in_consumer(client)
        if not fresh and "keeper" not in world.people:
            self._known[key] = client
        return client

    def _account(self, world: World, person: Person) -> Account | None:
        if person.role is Role.CONSUMER:
            return None
        if person.role in {Role.MERCHANT, Role.MEDIATOR}:
            return self._phone_account(world, person)
        return world.officer(person.role, where=person.where)

    def _phone_account(self, world: World, person: Person) -> Account:
        if person.role is Role.MERCHANT:
            return world.owner if person.here else world.other
        return samples.mediator_of(world) if person.here else samples.other_mediator(world)


class Walk:
    """One route tried by everybody."""

    def __init__(self, app: Flask, route: Route, method: str, visitors: Visitors | None = None) -> None:
        self.app, self.route, self.method = app, route, method
        self.rule = rule_of(app, route.endpoint)
        self._visitors = visitors or Visitors(app)
        self._common: tuple[World, str] | None = None

    def faults(self) -> list[str]:
        """One line for each person who met something else than the rule promises."""
        return [fault for person in PEOPLE if (fault := self._try(person))]

    def _try(self, person: Person) -> str | None:
        assert self.rule is not None
        want = expected(self.rule, self.route.endpoint, person)
        # Who is let in may change the world, so they get one each; reading and being turned away change nothing.
        fresh = want is Expected.ADMITTED and self.method != "GET"
        with self.app.app_context():
            may_write.set(True)
            world, address = self._place(fresh=fresh)
            db.session.commit()
            client = self._visitors.of(world, person, fresh=fresh)
        got = self._ask(client, address)
        if got is want:
            return None
        met = got.value if isinstance(got, Expected) else got
        return f"{self.method} {self.route.rule} ({self.route.endpoint}): {person.name} {want.value}; found: {met}"

    def _place(self, *, fresh: bool) -> tuple[World, str]:
        """A world and the route's address in it: one that nobody has been in, or the one that the rest share."""
        if not fresh and self._common is not None:
            return self._common
        world = samples.make_world()
        for argument in sorted(self.route.arguments - set(self.route.defaults or {})):
            world.made[argument] = self._sample(argument)(world)
        with self.app.test_request_context():
            values = {name: world.made[name] for name in self.route.arguments if name in world.made}
            address = self.app.url_for(self.route.endpoint, **values, _method=self.method)
        if not fresh:
            self._common = world, address
        return world, address

    def _sample(self, argument: str) -> samples.Maker:
        endpoint = self.route.endpoint
        for key in (f"{endpoint}:{argument}", f"{endpoint.partition('.')[0]}:{argument}", argument):
            if key in SAMPLES:
                return SAMPLES[key]
        raise AssertionError(
            f"{endpoint}: no sample for <{argument}> of {self.route.rule}; add one in tests/architecture/samples"
        )

    def _ask(self, client: FlaskClient, address: str) -> Expected | str:
        try:
            answer = client.open(address, method=self.method)
        except Exception as error:  # noqa: BLE001 - whatever a view raises is a fault to report
            return f"the view broke: {type(error).__name__}: {error}"
        status, target = answer.status_code, answer.headers.get("Location", "")
        answer.close()
        if status == 401 or (status in {301, 302, 303} and "/login?next=" in target):
            return Expected.DOOR
        accepted, _reason = ADMITTED.get(self.route.endpoint, (set(), ""))
        if status in accepted:
            return Expected.ADMITTED
        if status in {403, 404}:
            return Expected.REFUSED if status == 403 else Expected.NOTHING
        return f"the answer was {status}" if status >= 500 or status == 405 else Expected.ADMITTED


@pytest.fixture(scope="module")
def visitors(walked: Flask) -> Visitors:
    """Everybody's browsers, for the whole walk."""
    return Visitors(walked)


def routes_of(app: Flask, feature: str) -> list[tuple[Route, str]]:
    return [
        (route, method)
        for route in app.url_map.iter_rules()
        if feature_of(app, route.endpoint) == feature
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"})
    ]


@pytest.mark.parametrize("feature", [FRAME, *FEATURES])
def test_who_gets_in_is_what_the_rule_says(walked: Flask, visitors: Visitors, feature: str) -> None:
    faults = [
        fault
        for route, method in routes_of(walked, feature)
        for fault in Walk(walked, route, method, visitors).faults()
    ]
    assert not faults, "\n" + "\n".join(faults)


def test_every_route_belongs_to_a_feature_that_is_walked(walked: Flask) -> None:
    known = {FRAME, *FEATURES}
    strays = [rule for rule in walked.url_map.iter_rules() if feature_of(walked, rule.endpoint) not in known]
    assert strays == []


def test_every_rule_of_the_signed_in_sides_keeps_strangers_out(walked: Flask) -> None:
    """An address that begins with a side's name is public only when it is one of that side's doors."""
    doors = ("/merchant/login", "/merchant/register", "/merchant/forgot", "/office/login", "/office/sso")
    found = [
        route.rule
        for route in walked.url_map.iter_rules()
        if route.rule.startswith(("/merchant", "/office", "/account", "/mediation"))
        and not route.rule.startswith(doors)
        and (rule := rule_of(walked, route.endpoint)) is not None
        and rule.audience is Audience.PUBLIC
    ]
    assert found == []


def unscoped(app: Flask) -> set[str]:
    """Endpoints of the signed-in sides whose address names a thing and whose rule does not say where it belongs."""
    return {
        route.endpoint
        for route in app.url_map.iter_rules()
        if route.arguments
        and (rule := rule_of(app, route.endpoint)) is not None
        and rule.audience is not Audience.PUBLIC
        and rule.on is None
    }


def test_an_address_that_names_a_thing_says_where_it_belongs(walked: Flask) -> None:
    """Without `on=` a rule would admit every officer of the role, and every merchant, to everybody's things."""
    assert unscoped(walked) - set(PERSONAL) - set(UNSCOPED) == set()


def test_exceptions_are_still_needed(walked: Flask) -> None:
    assert set(PERSONAL) | set(UNSCOPED) <= unscoped(walked)
    assert set(ADMITTED) <= {route.endpoint for route in walked.url_map.iter_rules()}
    assert set(CITY_WIDE) <= {route.endpoint for route in walked.url_map.iter_rules()}
    reasons = [
        *CITY_WIDE.values(),
        *PERSONAL.values(),
        *UNSCOPED.values(),
        *(reason for _statuses, reason in ADMITTED.values()),
    ]
    assert all(len(reason) > 15 for reason in reasons)


# --- the walk itself --------------------------------------------------------------------------------------------------


def _walk_view(app: Flask, view: Callable[..., str], address: str = "/office/made-up") -> list[str]:
    endpoint = f"accounts_office.made_up_{len(app.view_functions)}"
    app._got_first_request = False
    app.add_url_rule(address, endpoint, view)
    route = next(route for route in app.url_map.iter_rules() if route.endpoint == endpoint)
    return Walk(app, route, "GET").faults()


def test_the_walk_notices_a_view_that_refuses_whom_it_should_admit(app: Flask) -> None:
    from flask import abort

    from webapp.web import access

    @access.officer("account.manage")
    def closed() -> str:
        abort(403)

    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        slots.collect(app, "reference")
        policy.sync()
        db.session.commit()
    faults = _walk_view(app, closed)
    assert len(faults) == 3
    assert all("administrator" in fault for fault in faults)


def test_the_walk_notices_an_argument_without_a_sample(app: Flask) -> None:
    from webapp.web import access

    @access.public
    def stray(thing_without_sample: str) -> str:
        return thing_without_sample

    with pytest.raises(AssertionError, match="no sample for <thing_without_sample>"):
        _walk_view(app, stray, "/stray/<thing_without_sample>")


def test_a_route_without_a_rule_stops_the_start(app: Flask) -> None:
    app._got_first_request = False
    app.add_url_rule("/silent", "silent", lambda: "everybody")
    with pytest.raises(RuntimeError, match="silent"):
        check_all_declared(app)
    assert app.test_client().get("/silent").status_code == 401
