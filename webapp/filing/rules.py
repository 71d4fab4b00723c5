"""The form: what it can become, which troubles a trade knows, quotas. Pure."""

from __future__ import annotations

import csv
import enum
from pathlib import Path
from typing import Final


class Wish(enum.StrEnum):
    """What the person wants. One form can be both; it then becomes two records with separate fates."""

    COMPLAINT = "complaint"  # settle a dispute (投诉)
    TIP = "tip"  # report a violation (举报)
    BOTH = "both"

    @property
    def has_complaint(self) -> bool:
        """Does it ask for the settlement of a dispute?"""
        return self is not Wish.TIP

    @property
    def has_tip(self) -> bool:
        """Does it report a violation?"""
        return self is not Wish.COMPLAINT


#: Days in which a complaint of the same phone against the same shop is offered to be supplemented.
SAME_MATTER_DAYS: Final = 90
#: Proof of work: numbers that a browser tries at most (about half as many on average), seconds that it stays good.
WORK_MAX: Final = 30_000
WORK_SECONDS: Final = 2 * 3600
#: Forms of one address in an hour, without and with a proof of work. Behind one address may be a whole mall.
FORMS_PLAIN: Final = 10
FORMS_WITH_WORK: Final = 60


def _read_topics() -> dict[str, tuple[str, ...]]:
    with Path(__file__).with_name("topics.csv").open(encoding="utf-8", newline="") as stream:
        return {row["category"]: tuple(row["topics"].split()) for row in csv.DictReader(stream)}


#: Category of a shop (吃住游购娱) -> its troubles, the most frequent first; "" for a shop without one. The examples are
#: words ``filing.example.<category>.<topic>``.
TOPICS: Final = _read_topics()


def topics_for(category: str | None) -> tuple[str, ...]:
    """The troubles that the form offers for a shop of this category."""
    return TOPICS.get(category or "", TOPICS[""])
