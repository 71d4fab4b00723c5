"""All resources that the features offer, read when somebody first asks."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import cast

from flask import Flask, current_app

from webapp.web import slots

from .resources import Resource


class Catalogue:
    """The resources by name, in their order."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._found: dict[str, Resource] | None = None
        self._lock = threading.Lock()

    def all(self) -> dict[str, Resource]:
        """Every resource. ValueError when two bear one name."""
        if self._found is None:
            with self._lock:
                if self._found is None:
                    self._found = self._read()
        return self._found

    def _read(self) -> dict[str, Resource]:
        found: dict[str, Resource] = {}
        for module in slots.collect(self._app, "api"):
            for resource in import_module(module).RESOURCES:
                if resource.name in found:
                    raise ValueError(f"two resources are called {resource.name}")
                found[resource.name] = resource
        return found


def resources() -> dict[str, Resource]:
    """Every resource of the present application."""
    return cast("Catalogue", current_app.extensions["ydym.catalogue"]).all()
