"""The newest cases as RSS 2.0."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from flask import current_app, url_for

from webapp.web.words import label

from .models import Disclosure


def document(cases: Iterable[Disclosure]) -> bytes:
    """The document, UTF-8. A corrected case keeps its number and tells its correction."""
    cases = list(cases)
    settings = current_app.extensions["ydym.settings"]
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", label("disclosure.rss.title", bureau=settings.bureau_name))
    _add(channel, "link", url_for("disclosure.index", _external=True))
    _add(channel, "description", label("disclosure.rss.description"))
    _add(channel, "language", "zh-cn")
    for case in cases:
        _item(channel, case)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _item(channel: ET.Element, case: Disclosure) -> None:
    address = url_for("disclosure.show", disclosure_id=case.id, _external=True)
    topic = label(f"complaint.topic.{case.complaint.topic}")
    parts = [case.story, case.outcome]
    if case.reply:
        parts.append(label("disclosure.rss.reply", reply=case.reply))
    if case.correction:
        parts.append(label("disclosure.rss.correction", reason=case.correction))
    item = ET.SubElement(channel, "item")
    _add(item, "title", f"{case.complaint.shop.public_full_name}：{topic}")
    _add(item, "link", address)
    _add(item, "guid", address)
    _add(item, "description", "\n".join(parts))
    if case.published_at is not None:
        _add(item, "pubDate", _date(case.published_at))


def _date(instant: datetime) -> str:
    return format_datetime(instant, usegmt=True)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = "".join(c for c in text if c in "\t\n" or c >= " ")
