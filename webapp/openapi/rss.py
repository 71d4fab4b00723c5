"""The newest of a set as RSS 2.0, made from its items: what has ended is no longer in it."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from flask import current_app

from webapp.web.words import label

from .places import link
from .resources import Resource

if TYPE_CHECKING:
    from pydantic import BaseModel


def document(resource: Resource, items: list[BaseModel]) -> str:
    """The document. TypeError for a set that has no news."""
    if resource.news is None:
        raise TypeError(resource.name)
    settings = current_app.extensions["ydym.settings"]
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    title = label("api.rss.title", name=label(f"api.{resource.name}"), bureau=settings.bureau_name)
    _add(channel, "title", title)
    _add(channel, "link", link(resource.page))
    _add(channel, "description", label(f"api.{resource.name}.about"))
    _add(channel, "language", "zh-cn")
    for news in sorted(map(resource.news, items), key=lambda one: one.at, reverse=True):
        item = ET.SubElement(channel, "item")
        _add(item, "title", news.title)
        _add(item, "link", news.url)
        _add(item, "guid", news.url)
        _add(item, "description", news.text)
        _add(item, "pubDate", format_datetime(news.at, usegmt=True))
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = "".join(c for c in text if c in "\t\n" or c >= " ")
