"""Signals of malicious claims (恶意索赔): facts for the officer who handles a complaint, and for nobody else."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import views_office

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the quiet panel to the officer's page of a complaint."""
    slots.add(app, "office.complaint", 80, views_office.section)
