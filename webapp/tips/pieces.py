"""Pieces of other features' pages."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup

from . import queries, showing


def of_complaint(complaint: Any, **_context: Any) -> Markup | None:
    """For the consumer's page of a complaint (slot ``complaint.follow``): the tips filed with the same form.

    Number and state only: who holds the complaint's receipt need not hold the tip's.
    """
    tips = queries.of_complaint(complaint.number)
    if not tips:
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template("tips/_of_complaint.html", tips=tips, tones=showing.STATE_TONES)
    )
