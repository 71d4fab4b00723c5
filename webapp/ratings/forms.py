"""Shapes of the rating forms."""

from __future__ import annotations

import secrets

from flask import current_app
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from wtforms import HiddenField, StringField, TextAreaField

from . import rules


class RatingForm(FlaskForm):
    """Five hearts and a few words. `device` is the signed mark of this form, for browsers that keep no cookie."""

    class Meta:
        csrf = False  # the view asks web.samesite: it must work where cookies are refused

    device = HiddenField()
    website = StringField()
    environment = StringField()
    quality = StringField()
    price = StringField()
    service = StringField()
    redress = StringField()
    text = TextAreaField()

    def marks(self) -> tuple[dict[str, int], list[str]]:
        """The marks by heart, and the hearts without one."""
        return rules.read_marks({heart: self[heart].data for heart in rules.HEARTS})


class VoiceForm(FlaskForm):
    """A report of abuse, or an objection to a removal: on what ground, in which words."""

    class Meta:
        csrf = False  # as with the rating itself

    device = HiddenField()
    website = StringField()
    ground = StringField()
    words = TextAreaField()


class CaseForm(FlaskForm):
    """What an officer decides: on what ground, why, and on which version of the page."""

    ground = StringField()
    reason = TextAreaField()
    version = StringField()

    def known_version(self) -> int:
        """The version of the page, 0 for nonsense (which nothing has)."""
        typed = self.version.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


class ReplyForm(FlaskForm):
    """A merchant's reply."""

    text = TextAreaField()


def new_device() -> str:
    """A random mark for a device (160 bits), signed so that only ours are taken."""
    return _signer().dumps(secrets.token_urlsafe(20))


def read_device(signed: str | None) -> str | None:
    """The mark of ours in a cookie or form, or None."""
    try:
        return str(_signer().loads(signed or ""))
    except BadData:
        return None


def _signer() -> URLSafeSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeSerializer(keys[::-1], salt="ratings.device")
