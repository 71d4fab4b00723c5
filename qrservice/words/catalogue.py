"""The shape of one language's printed words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything that stickers print in one language, apart from names. Another wording: `dataclasses.replace`.

    An empty text leaves its place out. In Chinese the first line of a couplet hangs on the right; where lines are
    read from left to right (`upright` false) they are set turned, the first one on the left.
    """

    language: str  # BCP 47
    upright: bool  # characters one below the other; else a line turned by a quarter
    city_joint: str  # between the city's name and a title
    title: str
    couplet_first: str
    couplet_second: str
    vehicle_title: str
    vehicle_first: str
    vehicle_second: str
    note: str  # with what, and that the screen has the last word
    receipt_question: str
    receipt_answer: str
    receipt_promise: str
    nearby_label: str  # before who helps consumers near the shop
    phone_label: str
    serial_label: str
    check_label: str
    hotline_label: str

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, str) and name != "city_joint":
                object.__setattr__(self, name, " ".join(value.split()))

    def titled(self, city: str, title: str) -> str:
        """The title with the city's name before it, if there is one."""
        return f"{city}{self.city_joint}{title}" if city and title else title
