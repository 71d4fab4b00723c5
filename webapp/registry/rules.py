"""What the register says and what follows from it (pure)."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


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


class AbnormalState(enum.StrEnum):
    """What 经营异常 is called by law: companies are listed, self-employed households are marked.

    Source: 《企业信息公示暂行条例》 Art. 17; 《个体工商户年度报告暂行办法》 Art. 10 ?.
    """

    NONE = "none"
    LISTED = "listed"  # 列入经营异常名录
    MARKED = "marked"  # 标记为经营异常状态


def abnormal_state(kind: str, *, abnormal: bool) -> AbnormalState:
    """Which of them holds for an operator of this kind."""
    if not abnormal:
        return AbnormalState.NONE
    return AbnormalState.MARKED if kind == "self_employed" else AbnormalState.LISTED


def consequence(
    status: RegistryStatus, *, abnormal: bool, kind: str = "enterprise"
) -> tuple[Consequence, str]:
    """The consequence and its ground code. 注销/吊销 revoke; the abnormal list, 停业 and 迁出 suspend.

    Source: 红黑榜 rules of the city (注销、吊销类自动下架；列入异常名录类暂停).
    """
    if status is RegistryStatus.DEREGISTERED:
        return Consequence.REVOKE, "operator_deregistered"
    if status is RegistryStatus.LICENCE_REVOKED:
        return Consequence.REVOKE, "business_licence_revoked"
    if abnormal:
        marked = abnormal_state(kind, abnormal=True) is AbnormalState.MARKED
        return Consequence.SUSPEND, "abnormal_marked" if marked else "abnormal_list"
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


def needs_second_officer(revoked: int, *, by_person: bool) -> bool:
    """True when an import that revokes codes of `revoked` operators must wait for a second officer.

    注销 and 吊销 in the register's own feed take a shop down by themselves: nobody chose the rows. A file that a person
    hands in is that person's word, and revoking needs two people. A row of the abnormal list in such a file goes on
    suspending at once: an officer may suspend alone on the shop's page, too, it is undone by the next clean record, and
    a shop that the register warns of must not stay green until a colleague is back at the desk.
    """
    return by_person and revoked > 0


#: A run without an end that began longer ago than this was killed; a small file takes seconds.
KILLED_AFTER: Final = timedelta(minutes=10)


def is_broken_off(
    started_at: datetime, finished_at: datetime | None, stopped: str | None, now: datetime
) -> bool:
    """True when a run ended before its last row: it says so, or it was killed and says nothing any more."""
    return stopped == "broke_off" if finished_at is not None else now - started_at > KILLED_AFTER


#: A pull at work gives a sign of life with every page and batch; after this it is taken for dead and gone on with.
PULL_DEAD_AFTER: Final = timedelta(minutes=2)


class Phase(enum.StrEnum):
    """How far a run is."""

    QUEUED = "queued"
    FETCHING = "fetching"
    SURVEYING = "surveying"
    TAKING = "taking"


class UploadState(enum.StrEnum):
    """A file that an officer handed in and that waits for a second one."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


U = UploadState

UPLOAD_STEPS: Steps[UploadState] = Steps(
    "registry_upload",
    U.WAITING,
    [
        # A pull that stopped has nobody who handed it in: the first of two officers answers for it.
        step("answer_for", {U.WAITING}, U.WAITING, {Role.BUREAU_OFFICER}),
        # By somebody else than who handed it in or answers for it.
        step("confirm", {U.WAITING}, U.CONFIRMED, {Role.BUREAU_OFFICER}),
        step("drop", {U.WAITING}, U.DROPPED, {Role.BUREAU_OFFICER}),
    ],
)
