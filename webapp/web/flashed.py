"""Messages for the next page, kept in the session in the words of the page that left them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.json.tag import JSONTag, TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface

from .languages import word
from .words import Filled


class Shown(JSONTag):
    """A message for the next page (:func:`flask.flash`) keeps the words of the page that left it."""

    __slots__ = ()
    key = " f"

    def check(self, value: Any) -> bool:
        return isinstance(value, Filled)

    def to_json(self, value: Any) -> Any:
        return str(word(value))

    def to_python(self, value: Any) -> Any:
        return value


def register(app: Flask) -> None:
    """Let the session keep what `words.label` filled."""
    sessions = SecureCookieSessionInterface()
    sessions.serializer = TaggedJSONSerializer()
    sessions.serializer.register(Shown, index=0)
    app.session_interface = sessions
