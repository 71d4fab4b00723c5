"""Fixtures of the honours' tests."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.listings import People, make_people
from tests.factories.merchants import NOW
from tests.factories.registry import make_record
from tests.listings.conftest import browser, city
from webapp.codes.operations import issue
from webapp.core.actor import SYSTEM
from webapp.core.transaction import unit
from webapp.stickers.keys import store

__all__ = ["browser", "city"]


@pytest.fixture
def people(context: Flask) -> People:
    """A vouched-for shop and everybody around it."""
    with unit():
        store().ensure(NOW)
        found = make_people()
        make_record(uscc=found.shop.operator.uscc)
        issue(found.shop.id, SYSTEM, NOW)
        return found
