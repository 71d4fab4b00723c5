"""Statutory documents: numbered, kept, printed as PDF, and checked by anybody who holds one."""

from __future__ import annotations

from flask import Flask

from webapp.settings import Settings, SettingsError
from webapp.web import slots

from . import rules
from .rules import KINDS, Law, LetterState, Recipient, Subject

__all__ = ["KINDS", "Law", "LetterState", "Recipient", "Subject", "register"]


def register(app: Flask) -> None:
    """Add the check page, the command and the office's list; a number pattern that could give one number twice stops
    the start.
    """
    from . import showing, views_public  # noqa: PLC0415 - the tables are known once the application stands
    from .commands import letters_cli  # noqa: PLC0415

    settings: Settings = app.extensions["ydym.settings"]
    try:
        rules.check_number_pattern(settings.letter_number)
    except ValueError as error:
        raise SettingsError(f"YDYM_LETTER_NUMBER: {error}") from error
    app.register_blueprint(views_public.bp)
    app.extensions["csrf"].exempt(views_public.compare)  # the view looks itself (web.samesite)
    app.cli.add_command(letters_cli)
    slots.add(app, "office.letters", 10, showing.office_list)
