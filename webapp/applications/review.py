"""What an officer's case page shows: register beside statement, what changed, what was done. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import current_app

from webapp.core.checks import Check
from webapp.core.identifiers import format_phone
from webapp.files import queries as files
from webapp.merchants import lookup
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.models import Shop
from webapp.regions import queries as regions
from webapp.web.words import label

from . import checks, queries, rules, statement
from .models import Application, ApplicationDecision
from .statement import Change

#: Rows of the comparison: the word's key, the register's field, the statement's section and field.
_COMPARED = (
    ("uscc", "uscc", "operator", "uscc"),
    ("operator_name", "name", "operator", "name"),
    ("legal_representative", "legal_representative", "operator", "legal_representative"),
    ("registered_address", "registered_address", "operator", "registered_address"),
)
#: Fields of the shop's statement in the order in which they are read.
_STATED = ("name", "branch", "region", "address", "category", "industry", "phone", "opening_hours")


def known_word(key: str, fallback: str) -> str:
    """The words of `key`, or `fallback` where no catalogue has it."""
    return label(key) if key in current_app.extensions["ydym.words"] else fallback


def check_lines(found: Iterable[Check]) -> list[tuple[str, str]]:
    """(result, words) of each check; what failed first, then what needs a person."""
    order = {"failed": 0, "needs_person": 1, "passed": 2}
    lines = [
        (check.result.value, label(f"check.{check.code}.{check.result.value}", **check.details))
        for check in found
    ]
    return sorted(lines, key=lambda line: order[line[0]])


def facts(application: Application, section: str) -> dict[str, str]:
    """What was stated in a section that has one item; as things stand now where nothing was handed in."""
    stated = application.statement or statement.build(current_app, application.shop)
    found: dict[str, str] = stated.get(section, {}).get("facts", {})
    return found


def compare(application: Application, register: RegistryFacts | None) -> list[tuple[str, str, str, bool]]:
    """Rows for the `diff` macro: word, register, statement, equal. Empty when the register knows nothing."""
    if register is None:
        return []
    rows = []
    for word, field, section, stated_field in _COMPARED:
        left, right = str(getattr(register, field)), facts(application, section).get(stated_field, "")
        rows.append(
            (label(f"application.compare.{word}"), left, right, checks.plain(left) == checks.plain(right))
        )
    shop = facts(application, "shop")
    place = full_address(shop.get("region", ""), shop.get("address", ""))
    rows.append(
        (
            label("application.compare.place"),
            register.registered_address,
            place,
            checks.same_place(shop.get("address", ""), register.registered_address),
        )
    )
    return rows


def full_address(region: str, address: str) -> str:
    """The address with its place before it, unless it begins with one already."""
    names = regions.path_names(region)
    return address if any(name in address for name in names) else "".join(names[1:]) + address


def stated(application: Application) -> list[tuple[str, str]]:
    """The shop's statement in words, for a definition list."""
    shop = facts(application, "shop")
    return [
        (label(f"application.statement.{field}"), spoken(field, shop.get(field, ""))) for field in _STATED
    ]


def spoken(field: str, value: str) -> str:
    """A statement's value as people read it."""
    if not value:
        return ""
    if field == "region":
        return "".join(regions.path_names(value)[1:]) or value
    if field == "category":
        return known_word(f"category.{value}", value)
    if field == "industry":
        industry = regions.find_industry(value)
        return industry.name if industry else value
    if field == "phone":
        return format_phone(value)
    if field == "opening_hours":
        return hours_in_words(value)
    return value


def hours_in_words(text: str) -> str:
    """The statement's opening hours with neighbouring equal days put together."""
    runs: list[tuple[str, str, str]] = []
    for part in text.split("; "):
        day, _, hours = part.partition(" ")
        if runs and runs[-1][2] == hours and int(runs[-1][1]) + 1 == int(day):
            runs[-1] = (runs[-1][0], day, hours)
        else:
            runs.append((day, day, hours))
    words = []
    for first, last, hours in runs:
        days = label(f"application.weekday.{first}")
        if first != last:
            days = label("application.weekdays", first=days, last=label(f"application.weekday.{last}"))
        words.append(f"{days} {hours.replace(',', label('application.and'))}")
    return label("application.semicolon").join(words)


def changes(application: Application) -> list[tuple[str, str, str, bool]]:
    """What the merchant changed since the submission before, as rows for the `diff` macro."""
    if application.statement is None:
        return []
    found = statement.diff(application.previous, application.statement)
    return [(_place(application, change), *_before_and_after(change), False) for change in found]


def _place(application: Application, change: Change) -> str:
    """Where a change stands, in words: the part, the item, the field."""
    field = known_word(f"application.statement.{change.field}", change.field)
    if change.section in {"shop", "operator"}:
        return field
    part = known_word(f"application.field.{change.section}", change.section)
    if change.section == "photos":
        return part
    for told in (application.statement, application.previous):
        name = (told or {}).get(change.section, {}).get(change.item, {}).get("name")
        if name:
            return label("application.item_field", item=name, field=field)
    return label("application.item_field", item=part, field=field)


def _before_and_after(change: Change) -> tuple[str, str]:
    if change.section == "photos" or change.field == "image":
        return (
            label("application.picture.before") if change.before else "",
            label("application.picture.after") if change.after else "",
        )
    return spoken(change.field, change.before or ""), spoken(change.field, change.after or "")


def reason_words(decision: ApplicationDecision) -> str:
    """The reason of a decision in words: the catalogue's, then the officer's own."""
    words = []
    if decision.reason_code and decision.reason_code != "other":
        words.append(
            known_word(f"application.reason.{decision.action}.{decision.reason_code}", decision.reason_code)
        )
    if decision.reason:
        words.append(decision.reason)
    return label("application.semicolon").join(words)


_TONES = {"approve": "good", "pass_on": "good", "return": "caution", "defer": "caution", "reject": "stop"}


def history(application: Application) -> list[dict[str, Any]]:
    """All steps taken, newest first: `at`, `who`, `what`, `why`, `tone`, `fields` (what was asked to be mended)."""
    names = queries.names_of(decision.by_id for decision in application.decisions)
    return [
        {
            "at": decision.at,
            "who": names.get(decision.by_id or 0, ""),
            "what": label(f"application.done.{decision.action}"),
            "why": reason_words(decision),
            "tone": _TONES.get(decision.action, "quiet"),
            "fields": [label(f"application.field.{field}") for field in decision.fields],
        }
        for decision in reversed(application.decisions)
    ]


def photos(shop: Shop) -> list[dict[str, Any]]:
    """The storefront photos for the `photo_grid` macro, by the authorised address."""
    found = files.by_ids(photo.file_id for photo in shop.photos)
    return [
        {
            "url": files.url_for_file(found[photo.file_id], private=True),
            "thumb": files.picture_of(found[photo.file_id], 200, private=True),
            "alt": label("application.field.photos"),
        }
        for photo in shop.photos
        if photo.file_id in found
    ]


def place(shop: Shop) -> dict[str, Any]:
    """Where the pin stands, and how far (km) from the middle of its street or county: a slip of the finger shows."""
    region = regions.find(shop.region_code)
    county = regions.find(shop.region_code[:6])
    centre = region if region is not None and region.latitude is not None else county
    away = None
    if (
        shop.latitude is not None
        and shop.longitude is not None
        and centre is not None
        and centre.latitude is not None
        and centre.longitude is not None
    ):
        away = rules.kilometres(shop.latitude, shop.longitude, centre.latitude, centre.longitude)
    return {"away": away, "centre": centre, "county": county}


def remaining(application: Application, today: date) -> int | None:
    """Days until the application is due; negative when overdue, None when no clock runs."""
    if application.due_on is None or application.state not in rules.IN_REVIEW:
        return None
    return (application.due_on - today).days


def register_of(application: Application) -> RegistryFacts | None:
    """What the register says of the operator now."""
    return lookup.find_facts(application.shop.operator.uscc)
