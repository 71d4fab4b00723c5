"""Word catalogues: codes of the domain become Chinese here and nowhere else.

Each feature keeps ``words/zh_Hans.po`` (gettext format, read by Babel) whose msgids are keys such as
``application.status.submitted``. Placeholders are ``{name}``. A missing key stops tests; production shows the key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from babel.messages.pofile import read_po
from flask import Flask, current_app


class MissingWord(KeyError):
    """A key that no catalogue has."""


class Filled(str):
    """A Chinese sentence whose places are filled, which still knows them: a page of another language fills its own.

    Whoever stores, sends or joins it has the Chinese text.
    """

    __slots__ = ("pattern", "places")

    pattern: str
    places: dict[str, Any]

    def __new__(cls, pattern: str, places: dict[str, Any]) -> Self:
        made = super().__new__(cls, pattern.format(**places))
        made.pattern, made.places = pattern, places
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def load(package: Path) -> dict[str, str]:
    """All words under `package` (``*/words/zh_Hans.po``); a key written twice is an error."""
    words: dict[str, str] = {}
    for path in sorted(package.glob("*/words/zh_Hans.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="zh_Hans", charset="utf-8"):
                if not message.id:
                    continue
                if message.id in words:
                    raise ValueError(f"{path}: {message.id} is written in two catalogues")
                words[str(message.id)] = str(message.string)
    return words


def label(key: str, **details: Any) -> str:
    """The Chinese words for `key`, with its placeholders filled."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    text = words.get(key)
    if not text:
        if current_app.config["TESTING"]:
            raise MissingWord(key)
        current_app.logger.warning("missing word", extra={"key": key})
        return key
    return Filled(text, details) if details else text


def register(app: Flask) -> None:
    """Load the catalogues and give templates ``label``."""
    app.extensions["ydym.words"] = load(Path(app.root_path))
    app.jinja_env.globals["label"] = label
