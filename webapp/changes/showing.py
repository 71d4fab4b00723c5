"""A change request as people read it: what is public now beside what is asked for. Reads only."""

from __future__ import annotations

from typing import Any

from webapp.core import clock
from webapp.files import queries as files
from webapp.regions import queries as regions
from webapp.web.words import label

from .models import ShopChange
from .rules import FIELDS, ChangeState, Part

TONES = {
    ChangeState.WAITING: "info",
    ChangeState.APPROVED: "good",
    ChangeState.REFUSED: "stop",
    ChangeState.WITHDRAWN: "quiet",
    ChangeState.LAPSED: "quiet",
}
Row = tuple[str, str, str, bool]


def before(change: ShopChange) -> dict[str, Any]:
    """What stands now, or stood when it was decided."""
    if change.state is not ChangeState.WAITING:
        return change.old
    if change.part is Part.PHOTOS:
        return {"photos": [photo.file_id for photo in change.shop.photos]}
    return {field: getattr(change.shop, field) for field in FIELDS[change.part]}


def rows(change: ShopChange) -> list[Row]:
    """Rows for the `diff` macro: word, before, after, equal. Photos are shown as pictures (:func:`photos`)."""
    if change.part is Part.PHOTOS:
        return []
    old = before(change)
    new = {**old, **change.new}
    words = [(word, spoken(word, old), spoken(word, new)) for word in _WORDS[change.part]]
    return [(label(f"change.field.{word}"), left, right, left == right) for word, left, right in words]


_WORDS: dict[Part, tuple[str, ...]] = {
    Part.NAME: ("name", "branch"),
    Part.PLACE: ("region", "address", "position"),
    Part.TRADE: ("industry",),
}


def spoken(word: str, facts: dict[str, Any]) -> str:
    """One line of the comparison in words; what was never said is said to be empty."""
    empty = label("change.empty")
    if word == "region":
        return "".join(regions.path_names(facts.get("region_code") or "")[1:]) or empty
    if word == "position":
        lat, lng = facts.get("latitude"), facts.get("longitude")
        return (
            empty
            if lat is None or lng is None
            else label("change.position", lat=f"{lat:.5f}", lng=f"{lng:.5f}")
        )
    if word == "industry":
        industry = regions.find_industry(facts.get("industry_code"))
        if industry is None:
            return empty
        return label("change.industry", category=label(f"category.{industry.category}"), name=industry.name)
    return str(facts.get(word) or "") or empty


def photos(file_ids: list[int]) -> list[dict[str, Any]]:
    """Photos for the `photo_grid` macro, by the authorised address, in order."""
    found = files.by_ids(file_ids)
    return [
        {
            "url": files.url_for_file(found[file_id], private=True),
            "large": files.picture_of(found[file_id], 320, private=True),
            "thumb": files.picture_of(found[file_id], 200, private=True),
            "alt": label("change.photo_alt", place=place),
            "note": label("change.photo_first") if place == 1 else "",
        }
        for place, file_id in enumerate(file_ids, 1)
        if file_id in found
    ]


def positions(change: ShopChange) -> dict[str, Any] | None:
    """Old and new position in degrees, for the map of a request that moves the pin; None otherwise."""
    if change.part is not Part.PLACE or not {"latitude", "longitude"} & change.new.keys():
        return None
    old = before(change)
    new = {**old, **change.new}
    return {"old": (old.get("latitude"), old.get("longitude")), "new": (new["latitude"], new["longitude"])}


def reason_words(change: ShopChange) -> str:
    """The reason in words: the catalogue's, then the officer's own."""
    words = []
    if change.reason_code and change.reason_code != "other":
        step = "approve" if change.state is ChangeState.APPROVED else "refuse"
        words.append(label(f"change.reason.{step}.{change.reason_code}"))
    if change.reason:
        words.append(change.reason)
    return label("application.semicolon").join(words)


def view(change: ShopChange) -> dict[str, Any]:
    """Everything that a page shows of one request."""
    is_photos = change.part is Part.PHOTOS
    return {
        "change": change,
        "part": label(f"change.part.{change.part.value}"),
        "state": label(f"change.state.{change.state.value}"),
        "tone": TONES[change.state],
        "rows": rows(change),
        "old_photos": photos(before(change)["photos"]) if is_photos else [],
        "new_photos": photos(change.new["photos"]) if is_photos else [],
        "positions": positions(change),
        "why": reason_words(change),
        "days": (change.due_on - clock.today()).days,
        "reprint": change.part is Part.NAME and change.state is ChangeState.APPROVED,
    }
