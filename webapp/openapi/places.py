"""Addresses of this platform as others write them. No pydantic here."""

from __future__ import annotations

from flask import current_app


def origin() -> str:
    """Scheme and host of this platform."""
    settings = current_app.extensions["ydym.settings"]
    return f"{settings.public_scheme}://{settings.public_host}"


def link(path: str) -> str:
    """The whole address of a path of this platform."""
    return origin() + path
