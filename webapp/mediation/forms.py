"""Shapes of the forms. What the values may be is the rules' and operations' business."""

from __future__ import annotations

from datetime import datetime

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import FloatField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.core import clock
from webapp.core.errors import Invalid
from webapp.web import typed

from . import hours
from .areas import Names
from .bodies import BodyFacts
from .models import MediationBody
from .operations import Meeting


class DeedForm(FlaskForm):
    """Everything that a deed on a mediation may need. `version` is that of the page; `at` local time of China."""

    text = TextAreaField()
    version = IntegerField(validators=[Optional()])
    name = StringField()
    side = StringField()
    at = StringField()
    mode = StringField()
    place = StringField()
    hearing = IntegerField(validators=[Optional()])
    absent = StringField()

    @property
    def said(self) -> str:
        """The words as they will be kept."""
        return typed.lines(self.text.data)

    @property
    def meeting(self) -> Meeting:
        """The hearing as typed; an unreadable time is None."""
        try:
            at = datetime.strptime(self.at.data or "", "%Y-%m-%dT%H:%M").replace(tzinfo=clock.SHANGHAI)
        except ValueError:
            at = None
        return Meeting(at, self.mode.data or "", typed.line(self.place.data))


class PartyForm(DeedForm):
    """The same on the consumer's page: who knows the receipt may act, so there is no other token."""

    class Meta:
        csrf = False


class StartForm(FlaskForm):
    """Who mediates: "own" or a body's number; `version` is the complaint's."""

    body = StringField()
    version = IntegerField(validators=[Optional()])


class PersonForm(FlaskForm):
    """The phone of an account."""

    phone = StringField()


class FileForm(FlaskForm):
    """A file of bodies, and the version of one that waits."""

    file = FileField()
    version = IntegerField(validators=[Optional()])


class BodyForm(FlaskForm):
    """A body as the officer types it."""

    kind = StringField()
    name = StringField()
    region_code = StringField()
    address = StringField()
    latitude = FloatField(validators=[Optional()])
    longitude = FloatField(validators=[Optional()])
    phone = StringField()
    contact = StringField()
    hours = StringField()
    area = TextAreaField()
    version = IntegerField(validators=[Optional()])

    def show(self, body: MediationBody) -> None:
        """The register's own words in the fields that it keeps in another form."""
        self.kind.data = body.kind.value
        self.hours.data, self.area.data = hours.text_of(body.opening_hours), Names().text(body.area)

    def facts(self) -> BodyFacts:
        """What was typed; raises Invalid where hours or area cannot be read."""
        region_code = self.region_code.data or ""
        for degrees in (self.latitude, self.longitude):
            if degrees.data is None and typed.line((degrees.raw_data or [""])[0]):
                raise Invalid("body_position", field="latitude")
        return BodyFacts(
            kind=self.kind.data or "",
            name=typed.line(self.name.data),
            region_code=region_code,
            address=typed.line(self.address.data),
            latitude=self.latitude.data,
            longitude=self.longitude.data,
            phone=typed.line(self.phone.data),
            contact=typed.line(self.contact.data),
            opening_hours=hours.read(typed.line(self.hours.data)),
            area=Names().read(typed.lines(self.area.data), region_code),
        )
