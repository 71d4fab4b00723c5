"""Service stations, ODR enterprises and people's mediation of the demo city, and disputes entrusted to one of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from webapp.accounts.operations import create_merchant
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.places import INNER_DISTRICTS, Street, draw_position, streets
from webapp.mediation import bodies, hours, operations
from webapp.mediation.bodies import BodyFacts
from webapp.mediation.models import MediationBody
from webapp.mediation.operations import Meeting
from webapp.mediation.rules import Area, MediatorKind
from webapp.merchants.models import Shop

from .people_writer import MEDIATOR_PHONE, PASSWORD, People

#: In the inner districts every so many streets have a station of their own.
EVERY = 3
#: The county whose station the demo's mediator acts for.
HOME = "130606"


def help_consumers(seed: int, people: People, now: datetime) -> int:
    """Register the bodies a year ago, give one its mediator and disputes; returns how many there are."""
    draw, phrases = Draw(seed, "helpers", 0), words.phrases()
    began = now - timedelta(days=365)
    counties: dict[str, list[Street]] = {}
    for street in streets():
        counties.setdefault(street.county_code, []).append(street)
    found: list[BodyFacts] = []
    for county, inside in counties.items():
        name = phrases["body_station"].format(place=inside[0].county)
        found.append(_facts(draw, MediatorKind.STATION, name, inside[0], Area(frozenset({county}))))
        if county in INNER_DISTRICTS:
            own = [
                _facts(
                    draw,
                    MediatorKind.STATION,
                    phrases["body_station"].format(place=street.name),
                    street,
                    Area(frozenset({street.code})),
                )
                for street in inside[1::EVERY]
            ]
            found += own
            name = phrases["body_people"].format(place=inside[0].county)
            found.append(_facts(draw, MediatorKind.PEOPLE, name, inside[-1], Area(frozenset({county}))))
    city = Area(frozenset({streets()[0].county_code[:4]}))
    found.append(_facts(draw, MediatorKind.ODR, phrases["body_odr"], counties[HOME][0], city))
    made = {facts.name: bodies.add(facts, people.bureau, began) for facts in found}
    for number, body in enumerate(made.values()):
        body.phone = f"0312-001{number:04}"  # no such numbers exist
    _entrust(made[phrases["body_station"].format(place=counties[HOME][0].county)], people, now)
    return len(made)


def _facts(draw: Draw, kind: MediatorKind, name: str, street: Street, area: Area) -> BodyFacts:
    """A body somewhere in the street."""
    latitude, longitude = draw_position(draw, street)
    return BodyFacts(
        kind=kind,
        name=name,
        region_code=street.county_code,
        address=words.phrases()["body_address"].format(
            street=street.name, road=draw.choice(street.roads), number=draw.between(1, 199)
        ),
        latitude=latitude,
        longitude=longitude,
        contact=words.phrases()["body_contact"],
        opening_hours=hours.read(draw.choice(words.phrases()["body_hours"].split("|"))),
        area=area,
    )


def _entrust(body: MediationBody, people: People, now: datetime) -> None:
    """A person at the body, and two disputes before it: one to begin with, one with a date and what both sides say."""
    phrases = words.phrases()
    account = create_merchant(phrases["mediator"], MEDIATOR_PHONE, PASSWORD, now)
    bodies.add_person(body.id, MEDIATOR_PHONE, people.bureau, now)
    mediator: Actor = account.actor()
    waiting = sa.select(Complaint).join(Shop).where(Complaint.state == ComplaintState.MEDIATING)
    for number, complaint in enumerate(
        db.session.scalars(
            waiting.order_by(sa.func.substr(Shop.region_code, 1, 6) != HOME, Complaint.id.desc()).limit(2)
        )
    ):
        complaint.consent_entrust = True
        at = now - timedelta(days=1, hours=2)
        mediation = operations.start(complaint.id, body.id, people.bureau, at)
        if number == 0:
            day = clock.end_of_day(clock.day_of(now) + timedelta(days=2))
            meeting = Meeting(day + timedelta(hours=9, minutes=30), "on_site", body.address)
            operations.hear(mediation.id, meeting, mediator, at + timedelta(hours=1))
            for side in ("consumer", "merchant"):
                said = phrases[f"said_{side}"]
                operations.state(mediation.id, said, mediator, at + timedelta(hours=2), side=side)
