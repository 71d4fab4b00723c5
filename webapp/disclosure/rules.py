"""The life of one disclosed case. Pure."""

from __future__ import annotations

import enum

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
        step("drop", {S.DRAFT}, S.DROPPED, OFFICER | SYSTEM, needs_reason=True),
        step("reply", {S.DRAFT}, S.DRAFT, {Role.MERCHANT}),
        step("reply", {S.PUBLISHED}, S.PUBLISHED, {Role.MERCHANT}),
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
