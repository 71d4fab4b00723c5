"""The life of a tip (举报) and of the extension of its verification. Pure.

Source: SAMR Order 20 Art. 31-33 (verify within 15 working days, once 15 more with approval; a named reporter is told
within 5 working days of the decision) and Order 121 (in force 2026-04-15; articles not read: ?).
"""

from __future__ import annotations

import enum

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class TipState(enum.StrEnum):
    """Where a tip stands."""

    VERIFYING = "verifying"  # received: the clock of verification runs
    CASE = "case"  # 立案
    NO_CASE = "no_case"  # 不予立案
    TRANSFERRED = "transferred"  # handed to an authority outside this platform
    WITHDRAWN = "withdrawn"  # by the reporter; the authority may go on of its own motion


S = TipState
REPORTER = {Role.CONSUMER}
OFFICER, SYSTEM = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}, {Role.SYSTEM}

STEPS: Steps[TipState] = Steps(
    "tip",
    S.VERIFYING,
    [
        step("supplement", {S.VERIFYING}, S.VERIFYING, REPORTER),
        step("withdraw", {S.VERIFYING}, S.WITHDRAWN, REPORTER),
        step("pause", {S.VERIFYING}, S.VERIFYING, OFFICER, needs_reason=True),
        step("resume", {S.VERIFYING}, S.VERIFYING, OFFICER),
        step("transfer", {S.VERIFYING}, S.VERIFYING, OFFICER, needs_reason=True),
        step("transfer_out", {S.VERIFYING}, S.TRANSFERRED, OFFICER, needs_reason=True),
        step("file_case", {S.VERIFYING}, S.CASE, OFFICER, needs_reason=True),
        step("file_no_case", {S.VERIFYING}, S.NO_CASE, OFFICER, needs_reason=True),
        step("tell", {S.CASE}, S.CASE, OFFICER),
        step("tell", {S.NO_CASE}, S.NO_CASE, OFFICER),
    ],
)
ENDED = STEPS.ends() | {S.CASE, S.NO_CASE}


class ExtensionState(enum.StrEnum):
    """What became of a request to verify for longer."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


E = ExtensionState
EXTENSION_STEPS: Steps[ExtensionState] = Steps(
    "tip_extension",
    E.ASKED,
    [
        # who asked does not approve: the operation sees to that
        step("approve", {E.ASKED}, E.APPROVED, {Role.BUREAU_OFFICER}, needs_reason=True),
        step("refuse", {E.ASKED}, E.REFUSED, {Role.BUREAU_OFFICER}, needs_reason=True),
        step("withdraw", {E.ASKED}, E.WITHDRAWN, OFFICER | SYSTEM),
    ],
)
