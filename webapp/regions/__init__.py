"""Regions, stations, departments and industries: the reference tables that decide who is responsible."""

from __future__ import annotations

from flask import Flask

from webapp import openapi
from webapp.web import slots

from .operations import sync

__all__ = ["register", "sync"]


def register(app: Flask) -> None:
    """Give the reference command its tables."""
    slots.add(app, "reference", 10, sync)
    openapi.offer(app, 70, "webapp.regions.api")
