"""What the register says and what follows from it (pure)."""

from __future__ import annotations

import enum
from typing import Final


class RegistryStatus(enum.StrEnum):
    """登记状态 as the national register names it (存续/在业, 迁出, 停业, 吊销, 注销)."""

    ACTIVE = "active"
    MOVED_OUT = "moved_out"
    CLOSED = "closed"  # 停业 / 歇业
    LICENCE_REVOKED = "licence_revoked"  # 吊销
    DEREGISTERED = "deregistered"  # 注销


class Consequence(enum.StrEnum):
    """What a register record does to the operator's trust codes by itself."""

    NONE = "none"
    SUSPEND = "suspend"
    REVOKE = "revoke"


#: From the mildest to the hardest: only a step up takes shops down.
_SEVERITY: Final = {Consequence.NONE: 0, Consequence.SUSPEND: 1, Consequence.REVOKE: 2}


def consequence(status: RegistryStatus, *, abnormal: bool) -> tuple[Consequence, str]:
    """The consequence and its ground code. 注销/吊销 revoke; the abnormal list, 停业 and 迁出 suspend.

    Source: 红黑榜 rules of the city (注销、吊销类自动下架；列入异常名录类暂停).
    """
    if status is RegistryStatus.DEREGISTERED:
        return Consequence.REVOKE, "operator_deregistered"
    if status is RegistryStatus.LICENCE_REVOKED:
        return Consequence.REVOKE, "business_licence_revoked"
    if abnormal:
        return Consequence.SUSPEND, "abnormal_list"
    if status is RegistryStatus.CLOSED:
        return Consequence.SUSPEND, "operator_closed"
    if status is RegistryStatus.MOVED_OUT:
        return Consequence.SUSPEND, "operator_moved_out"
    return Consequence.NONE, ""


def takes_down(before: Consequence | None, after: Consequence) -> bool:
    """Does this change of a record take the operator's shops down further than they were? None: no record before."""
    return _SEVERITY[after] > _SEVERITY[before or Consequence.NONE]


def restores(before: Consequence | None, after: Consequence) -> bool:
    """Does this change lift a suspension? A revoked code stays revoked."""
    return before is Consequence.SUSPEND and after is Consequence.NONE


def is_too_much(taken_down: int, live: int, percent: int) -> bool:
    """True when a feed would take down more than `percent` of all live shops. One shop alone is never too much."""
    return taken_down > 1 and taken_down * 100 > live * percent
