"""Stickers (码贴): signed, serially numbered copies of a shop's code; the keys that sign them; checking a code."""

from __future__ import annotations

from flask import Flask

from . import commands, keys, reactions

__all__ = ["reactions", "register"]


def register(app: Flask) -> None:
    """Open the key store and add the commands."""
    keys.register(app)
    commands.register(app)
