"""The life of a tip (举报) and of the extension of its verification. Pure.

Source: SAMR Order 20 Art. 31-33 (verify within 15 working days, once 15 more with approval; a named reporter is told
within 5 working days of the decision) and Order 121 (in force 2026-04-15; articles not read: ?).
"""

from __future__ import annotations

import csv
import enum
from dataclasses import dataclass
from pathlib import Path

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
#: Steps that decide on a ground of the law.
ON_A_GROUND = frozenset({"file_case", "file_no_case"})
TEXT_MAX = 2000
#: The name of the authority that a tip is handed to.
NAME_MAX = 80


@dataclass(frozen=True)
class Ground:
    """One lawful ground: `kind` file_case | file_no_case, the article that names it, whether words must be added."""

    kind: str
    law: str
    code: str
    article: str
    needs_text: bool


def _read_grounds() -> tuple[Ground, ...]:
    with Path(__file__).with_name("grounds.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Ground(row["kind"], row["law"], row["code"], row["article"], row["text"] == "required")
            for row in csv.DictReader(stream)
        )


#: The catalogue (``grounds.csv``); the words are ``tip.ground.<kind>.<code>``.
GROUNDS = _read_grounds()


def order_of(law: str) -> str:
    """The law's code as the catalogue and the letters write it."""
    return law.replace("_", "")


def grounds_for(kind: str, law: str) -> list[Ground]:
    """The grounds of `kind` under `law`, in the law's order."""
    return [ground for ground in GROUNDS if (ground.kind, ground.law) == (kind, order_of(law))]


def find_ground(kind: str, law: str, code: str) -> Ground | None:
    """The ground with this code under `law`, or None: no other ground counts."""
    return next((ground for ground in grounds_for(kind, law) if ground.code == code), None)


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
