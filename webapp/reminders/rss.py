"""The newest reminders and warnings as RSS 2.0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from flask import current_app, url_for

from webapp.web.filters import short_day
from webapp.web.words import label

from .models import Reminder
from .queries import Asked


def document(found: Iterable[Reminder], names: Mapping[str, str], asked: Asked) -> bytes:
    """The document, UTF-8. `names`: the counties' by code. What has ended is no longer in it."""
    settings = current_app.extensions["ydym.settings"]
    where = names.get(asked.region, settings.city_name)
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", label("reminder.rss.title", bureau=settings.bureau_name, region=where))
    _add(channel, "link", url_for("reminders.index", _external=True))
    _add(channel, "description", label("reminder.rss.description", region=where))
    _add(channel, "language", "zh-cn")
    for reminder in found:
        _item(channel, reminder, names.get(reminder.region_code[:6], settings.city_name))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _item(channel: ET.Element, reminder: Reminder, where: str) -> None:
    address = url_for("reminders.show", reminder_id=reminder.id, _external=True)
    whom = "、".join(shop.public_full_name for shop in reminder.shops) or where
    item = ET.SubElement(channel, "item")
    _add(item, "title", label(f"reminder.kind.{reminder.kind.value}") + "：" + reminder.title)
    _add(item, "link", address)
    _add(item, "guid", address)
    _add(item, "category", label(f"reminder.ground.{reminder.ground}"))
    until = label("reminder.rss.until", day=short_day(reminder.term_until), whom=whom)
    _add(item, "description", f"{reminder.body}\n{until}")
    if reminder.published_at is not None:
        _add(item, "pubDate", format_datetime(reminder.published_at, usegmt=True))


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = "".join(c for c in text if c in "\t\n" or c >= " ")
