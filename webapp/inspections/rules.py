"""Inspections: kinds, results, how long they are shown, and what is wrong with one as it was typed. Pure.

What is shown and for how long is the city's rule (policy ``inspection.shown_days`` ?).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

from webapp.core.actor import Role
from webapp.core.steps import Steps, step

SUMMARY_LONGEST, NOTE_LONGEST, NUMBER_LONGEST, REASON_LONGEST = 200, 500, 60, 500


class InspectionKind(enum.StrEnum):
    """Why somebody came."""

    RANDOM = "random"  # 双随机抽查
    ROUTINE = "routine"  # 日常检查
    SPECIAL = "special"  # 专项检查
    SAMPLING = "sampling"  # 抽样检验
    AGAIN = "again"  # 复查


class InspectionResult(enum.StrEnum):
    """What came of it."""

    PASSED = "passed"  # 未发现问题
    MENDED = "mended"  # 当场改正
    ORDERED = "ordered"  # 责令改正
    FAILED = "failed"  # 不合格


class InspectionState(enum.StrEnum):
    """Whether it is shown."""

    SHOWN = "shown"
    WITHDRAWN = "withdrawn"


OFFICERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})

#: One that was wrong is withdrawn with a reason and entered anew: nobody edits what was shown.
STEPS: Steps[InspectionState] = Steps(
    "inspection",
    InspectionState.SHOWN,
    [step("withdraw", {InspectionState.SHOWN}, InspectionState.WITHDRAWN, OFFICERS, needs_reason=True)],
)


@dataclass(frozen=True)
class Facts:
    """An inspection as entered. `number` is the document's (检查文书编号): the same of a shop is the same inspection.

    `summary` is for the public, `note` for officers.
    """

    inspected_on: date | None
    kind: str
    result: str
    number: str
    summary: str
    note: str = ""


def problems(facts: Facts, today: date, shown_days: int) -> dict[str, str]:
    """What is wrong, as error codes by field; empty when nothing is."""
    found = {}
    if facts.inspected_on is None:
        found["inspected_on"] = "inspection_day"
    elif facts.inspected_on > today:
        found["inspected_on"] = "inspection_day_ahead"
    elif (today - facts.inspected_on).days > shown_days:
        found["inspected_on"] = "inspection_day_old"
    if facts.kind not in set(InspectionKind):
        found["kind"] = "inspection_kind"
    if facts.result not in set(InspectionResult):
        found["result"] = "inspection_result"
    if not 1 <= len(facts.number.strip()) <= NUMBER_LONGEST:
        found["number"] = "inspection_number"
    if len(facts.summary) > SUMMARY_LONGEST:
        found["summary"] = "inspection_summary_long"
    elif facts.result in {InspectionResult.ORDERED, InspectionResult.FAILED} and not facts.summary.strip():
        found["summary"] = "inspection_summary"
    if len(facts.note) > NOTE_LONGEST:
        found["note"] = "inspection_note_long"
    return found
