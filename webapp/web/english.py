"""English by its Chinese sentence: every feature's ``words/en.po`` (gettext, read by Babel) in one catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import current_app

#: The place of a sentence that a number may fill.
_PLACE = re.compile(r"{(\w+)")


class Counted(str):
    """An English sentence about several; `one` is the sentence about one (``msgid_plural`` in a catalogue)."""

    __slots__ = ("one",)

    one: str


def load(package: Path) -> dict[str, str]:
    """All English under `package` (``*/words/en.po``) by its Chinese; two different ones of the same is an error."""
    words: dict[str, str] = {}
    for path in sorted(package.glob("*/words/en.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="en", charset="utf-8"):
                if not message.id:
                    continue
                chinese, english = str(message.id), str(message.string)
                if message.context:
                    words[_of_key(message.context, chinese)] = english
                    continue
                if isinstance(message.id, tuple) and isinstance(message.string, tuple | list):
                    several = Counted(message.string[1])
                    several.one = str(message.string[0])
                    chinese, english = str(message.id[0]), several
                if words.setdefault(chinese, english) != english:
                    raise ValueError(f"{path}: {chinese} has another translation elsewhere")
    return words


def _of_key(key: str, text: str) -> str:
    return f"{key}\x04{text}"


def of_key(key: str, text: str) -> str:
    """The English of a catalogue's `key` where it differs from what its Chinese `text` is elsewhere (``msgctxt``); else
    the `text`."""
    words: dict[str, str] = current_app.extensions["ydym.english"]
    return words.get(_of_key(key, text), text)


def find(text: str, places: Mapping[str, Any]) -> str | None:
    """The English of a Chinese sentence; of two, the one for the first number that fills a place (1 complaint)."""
    words: dict[str, str] = current_app.extensions["ydym.english"]
    found = words.get(text)
    if not isinstance(found, Counted):
        return found
    numbers = (str(places.get(name, "")).replace(",", "") for name in _PLACE.findall(found))
    return found.one if next(filter(str.isdigit, numbers), "") == "1" else found
