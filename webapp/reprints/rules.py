"""Why a shop's stickers are printed anew, and the life of that task (换贴任务). Pure.

A task stands for the shop, not for one change: what comes while it is open is added to it, so that a shop prints once.
It is finished by what happens to the papers, never by somebody's word; an officer may waive it, with a reason.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class ReprintState(enum.StrEnum):
    """Where a task stands."""

    OPEN = "open"
    ASKED = "asked"  # the shop says that nothing has to be printed; an officer answers
    DONE = "done"
    WAIVED = "waived"
    LAPSED = "lapsed"  # the code is gone, and the papers with it


class Cause(enum.StrEnum):
    """What changed. The first three come from the register, the others from a change that an officer approved."""

    RENAMED = "renamed"
    MOVED = "moved"
    REPRESENTATIVE = "representative"
    SHOP_NAME = "shop_name"
    SHOP_PLACE = "shop_place"


class PaperState(enum.StrEnum):
    """What is still to be done about one sticker."""

    TO_REPLACE = "to_replace"
    TO_PRINT = "to_print"
    DONE = "done"


R = ReprintState
STANDING: Final = frozenset({R.OPEN, R.ASKED})
MERCHANT, SYSTEM = {Role.MERCHANT}, {Role.SYSTEM}
OFFICERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}

STEPS: Steps[ReprintState] = Steps(
    "reprint",
    R.OPEN,
    [
        step("ask", {R.OPEN}, R.ASKED, MERCHANT, needs_reason=True),
        step("insist", {R.ASKED}, R.OPEN, OFFICERS, needs_reason=True),
        step("waive", STANDING, R.WAIVED, OFFICERS, needs_reason=True),
        step("finish", STANDING, R.DONE, SYSTEM),
        step("lapse", STANDING, R.LAPSED, SYSTEM),
    ],
)

#: Why a shop says that nothing has to be printed. Words: ``reprint.ask.<code>``. ``other`` wants words of one's own.
ASK_REASONS: Final = ("not_moved", "name_same", "other")
NOTE_LONGEST: Final = 200
#: Policy values, 1 or 0: does this change ask for new stickers? ``reprint.on_<cause>``.
POLICIES: Final = tuple(f"reprint.on_{cause.value}" for cause in Cause)


def asks(cause: Cause, policies: Mapping[str, int]) -> bool:
    """Does the policy ask for new stickers after such a change?"""
    return policies[f"reprint.on_{cause.value}"] == 1


def prints_name(shop_name: str, old_name: str) -> bool:
    """Do the shop's stickers print the name that its operator no longer has? Many shops go by a name of their own."""
    return bool(shop_name) and (shop_name in old_name or old_name in shop_name)


def paper_state(*, stands: bool, successor: bool, printed: bool) -> PaperState:
    """`stands`: the paper itself is not ended; `successor`: the one that took its place stands, and was it `printed`?

    A paper that was lost or done away with needs no other.
    """
    if stands:
        return PaperState.TO_REPLACE
    return PaperState.TO_PRINT if successor and not printed else PaperState.DONE


def is_finished(papers: Iterable[PaperState]) -> bool:
    """Nothing is left to be replaced or printed."""
    return all(paper is PaperState.DONE for paper in papers)


def merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The causes of a task with those that came since; of two changes of one kind the first old value, the last new."""
    found = {cause["cause"]: cause for cause in old}
    for cause in new:
        before = found.get(cause["cause"])
        found[cause["cause"]] = cause if before is None else {**cause, "old": before["old"]}
    return list(found.values())


def stage(today: date, due_on: date, ahead: int, again: int) -> int | None:
    """The reminder that is due: 0 `ahead` days before, 1 on the day, one more every `again` days after; or None."""
    days = (today - due_on).days
    if days >= 0:
        return 1 + days // max(1, again)
    return 0 if -days <= ahead else None
