"""Pieces of pages: the documents of a case, for the office (slot ``office.letters``) and for the parties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template
from markupsafe import Markup

from . import queries
from .models import Letter
from .rules import LetterState, Recipient, Subject

TONES = {LetterState.ISSUED: "good", LetterState.REPLACED: "quiet", LetterState.WITHDRAWN: "stop"}


def office_list(
    subject_type: str,
    subject_id: int,
    open_url: Callable[[int], str],
    withdraw_url: Callable[[int], str] | None = None,
    **_context: Any,
) -> Markup | None:
    """The subject's documents with their fate; None when there are none. `open_url` gives the address that a download
    button posts to, `withdraw_url` that of a form with `reason` and `version` (None: nobody may withdraw here)::

        {% for piece in slot("office.letters", subject_type="complaint", subject_id=complaint.id, open_url=url) %}
    """
    letters = queries.of_subject(Subject(subject_type, subject_id))
    if not letters:
        return None
    people = {
        one for letter in letters for one in (letter.issued_by_id, letter.ended_by_id) if one is not None
    }
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "letters/_office_list.html",
            letters=letters,
            names=queries.names_of(people),
            successors={letter.id: letter.number for letter in letters},
            tones=TONES,
            open_url=open_url,
            withdraw_url=withdraw_url,
        )
    )


def party_list(subject: Subject, recipient: Recipient, open_url: Callable[[int], str]) -> Markup | None:
    """The documents made for one side that still hold, as links to `open_url`; None when there are none."""
    found: list[Letter] = [
        letter
        for letter in queries.of_subject(subject, recipient=recipient)
        if letter.state is LetterState.ISSUED and letter.erased_at is None
    ]
    if not found:
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template("letters/_party_list.html", letters=found, open_url=open_url)
    )
