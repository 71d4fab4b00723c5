"""Invented people: names and telephone numbers."""

from __future__ import annotations

from webapp.demo import words
from webapp.demo.draw import Draw

# No operator has been given 154: such a number is well formed and rings at nobody's home.
_PHONE_PREFIX = "+86154"


def draw_surname(draw: Draw) -> str:
    """A family name, the usual ones more often."""
    return draw.choice(words.lines("surnames.txt"))


def draw_person(draw: Draw) -> str:
    """A full name, family name first."""
    return draw_surname(draw) + draw.choice(words.lines("given_names.txt"))


def draw_phone(draw: Draw) -> str:
    """A mainland mobile number in E.164 from a range that is not in use."""
    return f"{_PHONE_PREFIX}{draw.below(100_000_000):08d}"


def draw_consumer(draw: Draw) -> str:
    """How a consumer signs a complaint: family name and Ms or Mr."""
    return draw_surname(draw) + draw.choice(words.phrases()["consumer_titles"].split("|"))
