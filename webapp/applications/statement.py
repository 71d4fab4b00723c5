"""The statement: everything a merchant states in an application, as JSON, and what changed between two of them.

A statement is ``{section: {item: {field: text}}}``. The sections ``shop`` and ``operator`` (one item ``facts``) and
``photos`` (an item per file) are built here; other features add theirs by the slot ``application.statement``, whose
suppliers get the shop and return ``{section: {item: {field: text}}}``. All leaves are strings, so that a diff is a
comparison of texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from webapp.core.db import db
from webapp.files.models import StoredFile
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_operator
from webapp.web import slots

Statement = Mapping[str, Mapping[str, Mapping[str, str]]]

#: Section and field of a statement → the part (``rules.FIELDS``) that an officer can ask to have mended.
PARTS = {
    ("shop", "name"): "name",
    ("shop", "branch"): "name",
    ("shop", "region"): "address",
    ("shop", "address"): "address",
    ("shop", "latitude"): "position",
    ("shop", "longitude"): "position",
    ("shop", "category"): "industry",
    ("shop", "industry"): "industry",
    ("shop", "phone"): "phone",
    ("shop", "opening_hours"): "opening_hours",
}


@dataclass(frozen=True)
class Change:
    """One difference between two statements. `before` or `after` is None where it was added or is gone."""

    section: str
    item: str
    field: str
    before: str | None
    after: str | None

    @property
    def part(self) -> str:
        """The part of the application that it belongs to: a value of ``rules.FIELDS``, or the section's name."""
        return PARTS.get((self.section, self.field), self.section)


def build(app: Flask, shop: Shop) -> dict[str, Any]:
    """The statement of `shop` as it stands now, ready for a JSON column."""
    statement: dict[str, Any] = {"operator": _operator(shop), "shop": _shop(shop), "photos": _photos(shop)}
    for section in slots.collect(app, "application.statement", shop=shop):
        statement.update(section)
    return statement


def _operator(shop: Shop) -> dict[str, dict[str, str]]:
    operator = get_operator(shop.operator_id)
    facts = {
        "uscc": operator.uscc,
        "name": operator.name,
        "legal_representative": operator.legal_representative,
        "registered_address": operator.registered_address,
    }
    return {"facts": facts}


def _shop(shop: Shop) -> dict[str, dict[str, str]]:
    facts = {
        "name": shop.name,
        "branch": shop.branch,
        "region": shop.region_code,
        "address": shop.address,
        "latitude": "" if shop.latitude is None else f"{shop.latitude:.5f}",
        "longitude": "" if shop.longitude is None else f"{shop.longitude:.5f}",
        "category": shop.category.value if shop.category else "",
        "industry": shop.industry_code or "",
        "phone": shop.phone,
        "opening_hours": hours_text(shop.opening_hours),
    }
    return {"facts": facts}


def hours_text(hours: Mapping[str, Any]) -> str:
    """Opening hours as one line to compare: ``1 09:00-21:00; 2 09:00-12:00,14:00-21:00``; closed days are left out."""
    days = (
        f"{day} " + ",".join(f"{start}-{end}" for start, end in hours[day])
        for day in sorted(hours)
        if hours[day]
    )
    return "; ".join(days)


def _photos(shop: Shop) -> dict[str, dict[str, str]]:
    """By content, so that the same picture uploaded again is no change."""
    found = {}
    for photo in shop.photos:
        file = db.session.get(StoredFile, photo.file_id)
        if file is not None:
            found[file.sha256] = {"file": file.key, "position": str(photo.position)}
    return found


def diff(previous: Statement | None, now: Statement) -> list[Change]:
    """What differs, in the order of `now`, then what is gone. Without a previous statement nothing is a change.

    A file's new key with the same content is no change: items of ``photos`` are named by content.
    """
    if previous is None:
        return []
    before, after = _flat(previous), _flat(now)
    paths = [*after, *(path for path in before if path not in after)]
    return [
        Change(*path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    ]


def _flat(statement: Statement) -> dict[tuple[str, str, str], str]:
    return {
        (section, item, field): text
        for section, items in statement.items()
        for item, fields in items.items()
        for field, text in fields.items()
        if not (section == "photos" and field == "file")
    }
