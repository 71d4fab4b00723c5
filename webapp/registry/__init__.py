"""The national register's records of operators: imported, compared, acted upon."""

from __future__ import annotations

from flask import Flask

from webapp.merchants import lookup

from . import queries


def register(app: Flask) -> None:
    """Connect the register to whoever looks an operator up."""
    lookup.provide(queries.find_facts)
