"""The life of a trust code (放心消费诚信码). Pure."""

from __future__ import annotations

import enum

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class CodeState(enum.StrEnum):
    """Where a trust code stands. Revoked is final: a new application starts again."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


C = CodeState
STATION, BUREAU, SYSTEM = Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.SYSTEM

STEPS: Steps[CodeState] = Steps(
    "code",
    C.ACTIVE,
    [
        step("suspend", {C.ACTIVE, C.SUSPENDED}, C.SUSPENDED, {STATION, BUREAU, SYSTEM}, needs_reason=True),
        step("restore", {C.SUSPENDED}, C.ACTIVE, {BUREAU, SYSTEM}, needs_reason=True),
        step("revoke", {C.ACTIVE, C.SUSPENDED}, C.REVOKED, {BUREAU, SYSTEM}, needs_reason=True),
    ],
)

#: Grounds that the system raises and lifts itself; an officer's own ground is lifted by an officer.
AUTOMATIC_GROUNDS = frozenset({"abnormal_list", "operator_closed", "operator_moved_out", "licence_expired"})
