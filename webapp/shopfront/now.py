"""What the bureau says of the shop now, each in one line: for who reads no more than the first screen."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.licences.rules import Validity
from webapp.listings.rules import Colour
from webapp.web.languages import said_date, say

from .composition import TrustPage


@dataclass(frozen=True)
class Line:
    """One line: `tone` good | caution | stop | quiet, the words, and where on the page it is told at length."""

    tone: str
    text: str
    anchor: str


def lines(page: TrustPage) -> list[Line]:
    """Register, licences, lists, complaints; worst first, so that no good news stands before a bad one."""
    found = [*_lists(page), *_register(page), *_licences(page), *_inspections(page), *_complaints(page)]
    return sorted(found, key=lambda line: ("stop", "caution", "good", "quiet").index(line.tone))


def _lists(page: TrustPage) -> list[Line]:
    colours = {entry.colour for entry in page.rows.listings}
    found = []
    if Colour.RED in colours:
        found.append(Line("good", say("shopfront.now.red"), "lists"))
    return found


def _register(page: TrustPage) -> list[Line]:
    record = page.rows.record
    if record is None:
        return [Line("caution", say("shopfront.now.register_unknown"), "licences")]
    if record.status.value != "active" or record.abnormal:
        return [Line("stop", say("shopfront.now.register_bad"), "licences")]
    return [Line("good", say("shopfront.now.register", day=said_date(record.as_of)), "licences")]


def _licences(page: TrustPage) -> list[Line]:
    if page.lacking:
        return [Line("stop", say("shopfront.now.licence_lacking", count=len(page.lacking)), "licences")]
    valid = [line for line in page.licences if line.validity in {Validity.VALID, Validity.ENDING}]
    if not valid:
        return [Line("quiet", say("shopfront.now.licence_none"), "licences")]
    ending = [line.until for line in valid if line.validity is Validity.ENDING and line.until is not None]
    if ending:
        return [Line("caution", say("shopfront.now.licence_ending", day=said_date(min(ending))), "licences")]
    return [Line("good", say("shopfront.now.licences", count=len(valid)), "licences")]


def _inspections(page: TrustPage) -> list[Line]:
    if not page.rows.inspections:
        return []
    newest = page.rows.inspections[0]
    tone = {"passed": "good", "failed": "stop"}.get(newest.result.value, "caution")
    result = say(f"inspection.result.{newest.result.value}")
    return [
        Line(
            tone,
            say("shopfront.now.inspected", day=said_date(newest.inspected_on), result=result),
            "inspections",
        )
    ]


def _complaints(page: TrustPage) -> list[Line]:
    figures = page.rows.figures
    if figures is None or not figures.complaints:
        return [Line("quiet", say("shopfront.now.no_complaint"), "record")]
    told = {"count": figures.complaints, "resolved": figures.complaints_resolved}
    return [Line("quiet", say("shopfront.now.complaints", **told), "record")]
