"""Shapes of what people type. What a value means is checked by the operations; here only that something is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, Form, PasswordField, StringField
from wtforms.validators import StopValidation

from webapp.core.errors import DomainError
from webapp.web.errors import message_of
from webapp.web.words import label


def needs(code: str) -> Callable[[Form, Field], None]:
    """Something must be typed; else the words of ``error.<code>``."""

    def check(_form: Form, field: Field) -> None:
        if not (field.data or "").strip():
            raise StopValidation(label(f"error.{code}"))

    return check


class Text(StringField):
    """One line, never None, without blanks around it."""

    data: str

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip() if valuelist else ""


class Secret(PasswordField):
    """A password, never None, exactly as typed; it is not written back into the page."""

    data: str

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else ""


class Errors(FlaskForm):
    """A form whose faults are a dict of field name to one sentence."""

    def faults(self) -> dict[str, str]:
        """The first fault of each field, for the error summary and the fields."""
        return {name or "_form": str(found[0]) for name, found in self.errors.items() if found}

    def add_fault(self, error: DomainError) -> None:
        """Show a domain error at its field, or at the head of the form."""
        field: Any = self[error.field] if error.field and error.field in self else None
        if field is None:
            self.form_errors.append(message_of(error))
        else:
            field.errors = [*field.errors, message_of(error)]


class PasswordLogin(Errors):
    phone = Text(validators=[needs("phone_missing")])
    password = Secret(validators=[needs("password_missing")])
    next = Text()


class OfficerLogin(Errors):
    username = Text(validators=[needs("username_missing")])
    password = Secret(validators=[needs("password_missing")])
    next = Text()


class Phone(Errors):
    phone = Text(validators=[needs("phone_missing")])
    next = Text()


class Code(Errors):
    code = Text(validators=[needs("code_missing")])


class Registration(Code):
    name = Text(validators=[needs("name_missing")])
    password = Secret(validators=[needs("password_missing")])


class NewPassword(Errors):
    password = Secret(validators=[needs("password_missing")])


class CodeAndPassword(NewPassword):
    code = Text(validators=[needs("code_missing")])


class OwnPassword(NewPassword):
    old = Secret(validators=[needs("password_old_missing")])


class OwnName(Errors):
    name = Text(validators=[needs("name_missing")])


class OwnEmail(Errors):
    email = Text()


class Post(Errors):
    role = Text(validators=[needs("post_missing")])
    region_code = Text(validators=[needs("region_missing")])
    station_id = Text()
    department_code = Text()


class NewOfficer(Post):
    name = Text(validators=[needs("name_missing")])
    username = Text(validators=[needs("username_missing")])


class Reason(Errors):
    reason = Text(validators=[needs("reason_required")])
