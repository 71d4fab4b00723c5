"""The life of one disclosed case, and which complaints become one. Pure."""

from __future__ import annotations

import enum
from typing import Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class DisclosureState(enum.StrEnum):
    """Where a disclosed case stands."""

    DRAFT = "draft"  # scrubbed by machine, waits for an officer's eye
    PUBLISHED = "published"
    REMOVED = "removed"
    DROPPED = "dropped"  # never published


S = DisclosureState
OFFICER, SYSTEM = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}, {Role.SYSTEM}

STEPS: Steps[DisclosureState] = Steps(
    "disclosure",
    S.DRAFT,
    [
        step("revise", {S.DRAFT}, S.DRAFT, OFFICER),
        step("publish", {S.DRAFT}, S.PUBLISHED, {Role.BUREAU_OFFICER}),
        step("drop", {S.DRAFT}, S.DROPPED, OFFICER | SYSTEM | {Role.CONSUMER}, needs_reason=True),
        step("reply", {S.DRAFT}, S.DRAFT, {Role.MERCHANT}),
        step("reply", {S.PUBLISHED}, S.PUBLISHED, {Role.MERCHANT}),
        step("admit_reply", {S.PUBLISHED}, S.PUBLISHED, {Role.BUREAU_OFFICER}),
        step("correct", {S.PUBLISHED}, S.PUBLISHED, {Role.BUREAU_OFFICER}, needs_reason=True),
        step(
            "remove",
            {S.PUBLISHED},
            S.REMOVED,
            {Role.BUREAU_OFFICER, Role.CONSUMER, Role.SYSTEM},
            needs_reason=True,
        ),
    ],
)


#: Ends of a complaint that make a case; a consumer who withdrew, a refusal and a transfer tell nothing about the shop.
DISCLOSED_ENDS: Final = frozenset({"resolved", "closed", "lapsed"})
KINDS: Final = ("correct", "remove")
TEXT_LONGEST: Final = 4000
ASKING_LONGEST: Final = 500
#: Reasons that the machine gives: words ``disclosure.ended.<code>``.
CONSENT_WITHDRAWN, ENDED_OTHERWISE = "consent_withdrawn", "ended_otherwise"


def makes_a_case(end: str, *, consented: bool) -> bool:
    """Does a complaint with this end become a disclosed case?"""
    return consented and end in DISCLOSED_ENDS
