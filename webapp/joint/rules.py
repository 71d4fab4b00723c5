"""What one deed does to each complaint of a group. Pure.

A group shares nothing but the handling: every member has its own record, clock, documents and end, so a deed is
planned for each by the one table of steps of complaints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from webapp.complaints import rules as complaint_rules
from webapp.complaints.rules import STEPS, ComplaintState
from webapp.core.actor import Actor, Scope

#: Deeds that can be done to all at once. Settling and transferring differ from case to case.
#: "invite" begins the mediation of each and fixes one hearing for all; the others are steps of complaints.
ACTIONS: Final = ("accept", "invite", "inform", "refuse", "end", "pause", "resume")
#: States in which a complaint can belong to a group.
JOINABLE: Final = frozenset(complaint_rules.AUTHORITY)
FEWEST: Final = 2


@dataclass(frozen=True)
class Member:
    """What the plan needs of a complaint.

    `paused`: its clock stands still; `pauses`: its law knows a ground; `mediated`: a mediation is under way already.
    """

    complaint_id: int
    state: ComplaintState
    law: str
    scope: Scope
    version: int
    paused: bool = False
    pauses: bool = True
    mediated: bool = False


@dataclass(frozen=True)
class Line:
    """What a deed does to one complaint: it is done, or not, because of `why` (a word of the catalogue)."""

    complaint_id: int
    done: bool
    why: str = ""


def plan(action: str, members: Iterable[Member], actor: Actor) -> list[Line]:
    """What `action` would do to each. Raises KeyError for a deed that is not one of `ACTIONS`."""
    if action not in ACTIONS:
        raise KeyError(action)
    return [Line(one.complaint_id, not (why := _hindered(action, one, actor)), why) for one in members]


def _hindered(action: str, one: Member, actor: Actor) -> str:
    if action == "invite":
        return _uninvited(one, actor)
    if action not in {step.action for step in STEPS.open_to(one.state, actor, one.scope)}:
        return one.state.value if one.state not in JOINABLE else f"{action}_not_now"
    if action == "pause" and (one.paused or not one.pauses):
        return "paused" if one.paused else "no_pause"
    return "not_paused" if action == "resume" and not one.paused else ""


def _uninvited(one: Member, actor: Actor) -> str:
    """Who may end the mediation of an accepted complaint may begin it; one that is under way has its own hearings."""
    if "end" not in {step.action for step in STEPS.open_to(one.state, actor, one.scope)}:
        return one.state.value if one.state not in JOINABLE else "end_not_now"
    return "mediated" if one.mediated else ""


def each_ground(action: str, members: Sequence[Member], common: str, own: dict[int, str]) -> dict[int, str]:
    """The ground of each: its own where one was chosen, else the common one. Raises KeyError for one that its law
    does not know: nobody is refused on a ground that does not hold for them.
    """
    chosen = {one.complaint_id: own.get(one.complaint_id) or common for one in members}
    if action in complaint_rules.ON_A_GROUND:
        for one in members:
            if complaint_rules.find_ground(action, one.law, chosen[one.complaint_id]) is None:
                raise KeyError(chosen[one.complaint_id])
    return chosen


def grounds(action: str, members: Sequence[Member]) -> list[str]:
    """The codes of the grounds that the law of every one of them knows, in the order of the first."""
    known = [[ground.code for ground in complaint_rules.grounds_for(action, one.law)] for one in members]
    return [code for code in known[0] if all(code in others for others in known[1:])] if known else []


def read_versions(text: str) -> dict[int, int]:
    """The versions that a page was made from, "12:3,15:1"; whatever is not such a list is left out."""
    found = {}
    for pair in text.split(","):
        number, _, version = pair.partition(":")
        if (
            number.isascii()
            and number.isdigit()
            and version.isascii()
            and version.isdigit()
            and len(pair) < 30
        ):
            found[int(number)] = int(version)
    return found
