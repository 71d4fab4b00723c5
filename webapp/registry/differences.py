"""What is different between two states of a register record, in the kinds that people and rules know. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Final

from .rules import AbnormalState, RegistryStatus, abnormal_state


class Difference(enum.StrEnum):
    """A kind of change; what follows from it stands in :data:`FOLLOWS`."""

    RENAMED = "renamed"
    MOVED = "moved"
    REPRESENTATIVE = "representative"
    ABNORMAL_IN = "abnormal_in"  # 列入经营异常名录
    ABNORMAL_OUT = "abnormal_out"
    MARKED_IN = "marked_in"  # 标记经营异常状态, self-employed households
    MARKED_OUT = "marked_out"
    CLOSED = "closed"
    MOVED_OUT = "moved_out"
    REOPENED = "reopened"
    LICENCE_REVOKED = "licence_revoked"
    DEREGISTERED = "deregistered"
    SERIOUS_IN = "serious_in"  # 列入严重违法失信名单
    SERIOUS_OUT = "serious_out"
    PENALISED = "penalised"
    OTHER = "other"


D = Difference
#: What the platform does: "update", "reprint" (and ask for new stickers), "suspend", "restore", "revoke", "propose".
FOLLOWS: Final[dict[Difference, str]] = {
    D.RENAMED: "reprint",
    D.MOVED: "reprint",
    D.REPRESENTATIVE: "update",
    D.ABNORMAL_IN: "suspend",
    D.ABNORMAL_OUT: "restore",
    D.MARKED_IN: "suspend",
    D.MARKED_OUT: "restore",
    D.CLOSED: "suspend",
    D.MOVED_OUT: "suspend",
    D.REOPENED: "restore",
    D.LICENCE_REVOKED: "revoke",
    D.DEREGISTERED: "revoke",
    D.SERIOUS_IN: "propose",
    D.SERIOUS_OUT: "update",
    D.PENALISED: "update",
    D.OTHER: "update",
}
_BY_FACT: Final = {
    "name": D.RENAMED,
    "registered_address": D.MOVED,
    "legal_representative": D.REPRESENTATIVE,
    "penalties": D.PENALISED,
    "kind": D.OTHER,
    "authority": D.OTHER,
    "established_on": D.OTHER,
}
_BY_STATUS: Final = {
    RegistryStatus.ACTIVE: D.REOPENED,
    RegistryStatus.CLOSED: D.CLOSED,
    RegistryStatus.MOVED_OUT: D.MOVED_OUT,
    RegistryStatus.LICENCE_REVOKED: D.LICENCE_REVOKED,
    RegistryStatus.DEREGISTERED: D.DEREGISTERED,
}
_LONGEST: Final = 400


def differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> list[tuple[Difference, str, str]]:
    """(kind, old, new) of every difference. Without a record before only what is amiss counts as new."""
    if before is None:
        clean = {
            "status": RegistryStatus.ACTIVE,
            "abnormal": False,
            "abnormal_ground": None,
            "serious_violation": False,
        }
        before = {**after, **clean}
    found = [
        (kind, _words(name, before[name]), _words(name, after[name]))
        for name, kind in _BY_FACT.items()
        if before[name] != after[name]
    ]
    if before["status"] != after["status"]:
        found.append((_BY_STATUS[after["status"]], str(before["status"]), str(after["status"])))
    found += _abnormal(before, after)
    if before["serious_violation"] != after["serious_violation"]:
        kind = D.SERIOUS_IN if after["serious_violation"] else D.SERIOUS_OUT
        found.append((kind, "", ""))
    return found


def _abnormal(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[Difference, str, str]]:
    old = abnormal_state(before["kind"], abnormal=before["abnormal"])
    new = abnormal_state(after["kind"], abnormal=after["abnormal"])
    if old is new:
        return []
    left = {AbnormalState.LISTED: D.ABNORMAL_OUT, AbnormalState.MARKED: D.MARKED_OUT}
    entered = {AbnormalState.LISTED: D.ABNORMAL_IN, AbnormalState.MARKED: D.MARKED_IN}
    old_ground, new_ground = before.get("abnormal_ground") or "", after.get("abnormal_ground") or ""
    if new is AbnormalState.NONE:
        return [(left[old], old_ground, "")]
    return [(entered[new], "", new_ground)]


def _words(name: str, value: Any) -> str:
    if name == "penalties":
        return str(len(value))
    return "" if value is None else str(value)[:_LONGEST]
