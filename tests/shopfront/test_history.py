"""A list entry that has ended leaves the shop's public history with everything that tells of it."""

from __future__ import annotations

from flask import Flask

from tests.factories.listings import make_listing, make_people
from tests.factories.merchants import NOW
from webapp.core import clock
from webapp.listings import operations
from webapp.shopfront.queries import _history


def test_a_repaired_entry_leaves_the_history(context: Flask) -> None:
    people = make_people()
    listing = make_listing(people)
    today = clock.day_of(NOW)
    shown = [event.action for event in _history(people.shop.id, today)[0]]
    assert "listing.publish" in shown
    operations.end(listing.id, "repair", "已经改正并复查合格", people.second, NOW, listing.version)
    assert [event for event in _history(people.shop.id, today)[0] if event.subject_type == "listing"] == []
