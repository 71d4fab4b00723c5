"""Texts out of forms and addresses, made fit to be kept: PostgreSQL takes no NUL, nobody wants control characters."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def lines(text: str | None) -> str:
    """A text of several lines: line ends as ``\\n``, without control characters and outer blanks."""
    plain = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", plain).strip()


def line(text: str | None, longest: int | None = None) -> str:
    """A text of one line: the same, blanks of every kind as one, cut at `longest` characters."""
    return " ".join(lines(text).split())[:longest]
