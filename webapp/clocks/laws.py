"""Which law a complaint or tip runs on, how long each of its periods is, and on what grounds a period may stand still.

The numbers are rows of the policy table, each with the days on which it is in force and its source. A matter keeps the
rows of the day on which it was received to its end: 《市场监督管理投诉举报处理暂行办法》 (SAMR Order 20) before
2026-04-15, 《市场监督管理投诉举报处理办法》 (Order 121) from that day. Pure.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class Kind(enum.StrEnum):
    """The clocks. The first two are the city's, the others the law's."""

    FIRST_ANSWER = "first_answer"  # the merchant's first answer (你诉我应), from filing
    SETTLEMENT = "settlement"  # direct settlement (先行和解), from filing
    ACCEPTANCE = "acceptance"  # accept or refuse and tell the consumer, from receipt by the authority
    MEDIATION = "mediation"  # the end of the mediation, from acceptance
    RESULT_NOTICE = "result_notice"  # both sides told, from the end of the mediation
    VERIFICATION = "verification"  # a tip verified: a case or not, from receipt by the authority
    TIP_NOTICE = "tip_notice"  # the named reporter told, from the decision on a case


class Unit(enum.StrEnum):
    """How a period is counted, as the policy table says it."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"


KEYS = {
    Kind.FIRST_ANSWER: "complaint.first_answer_hours",
    Kind.SETTLEMENT: "complaint.settle_days",
    Kind.ACCEPTANCE: "complaint.accept_working_days",
    Kind.MEDIATION: "complaint.mediation",
    Kind.RESULT_NOTICE: "complaint.result_notice",
    Kind.VERIFICATION: "tip.verification",
    Kind.TIP_NOTICE: "tip.notice",
}
LAW_KEY = "complaint.law"
#: What the policy table is asked for, by the beginning of the key.
PREFIXES = ("complaint.", "tip.")


@dataclass(frozen=True)
class Ground:
    """A lawful ground to pause (`what` "pause") or extend a clock of `kind`; `source` says where the law has it.

    A `?` in the source: known, but not read in the primary text.
    """

    kind: Kind
    what: str
    code: str
    source: str


GROUNDS = (
    Ground(Kind.ACCEPTANCE, "pause", "supplement", "Order 121 Art. 10(3), 11; Order 20 Art. 9, 10 ?"),
    Ground(Kind.MEDIATION, "pause", "testing", "Order 20 Art. 20 ?; Order 121 ?"),
    Ground(Kind.VERIFICATION, "pause", "testing", "行政处罚程序规定 (SAMR Order 42) Art. 18 ?"),
    Ground(Kind.VERIFICATION, "pause", "identification", "行政处罚程序规定 (SAMR Order 42) Art. 18 ?"),
    Ground(Kind.VERIFICATION, "extend", "approved", "行政处罚程序规定 (SAMR Order 42) Art. 18 ?"),
)
#: What the authority hands on to another: a receipt not yet accepted, a tip not yet decided on.
TRANSFERABLE = frozenset({Kind.ACCEPTANCE, Kind.VERIFICATION})


def grounds(kind: Kind, what: str) -> tuple[str, ...]:
    """Codes of the grounds on which a clock of `kind` may "pause" or "extend"."""
    return tuple(ground.code for ground in GROUNDS if (ground.kind, ground.what) == (kind, what))


@dataclass(frozen=True)
class Term:
    """How long a period is: `value` in `unit`, and who says so."""

    value: int
    unit: Unit
    source: str
    place: str = ""  # whose own it is (``mall:…``, ``mall``, ``industry:…``); empty: the rule for everybody


@dataclass(frozen=True)
class Allowance:
    """By how much a period may be extended (in its own unit) and how often."""

    by: int
    most: int
    source: str


@dataclass(frozen=True)
class Law:
    """The SAMR order that governs a matter, by its number, and the first day of its force."""

    order: int
    in_force_from: date
    source: str


class Row(Protocol):
    """A row of the policy table."""

    @property
    def key(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def in_force_from(self) -> date: ...
    @property
    def in_force_until(self) -> date | None: ...


class NoTerm(LookupError):
    """No row of that key is in force on that day."""


class LawTable:
    """The policy rows of complaints and tips, looked up by the day of receipt."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[str, list[Row]] = {}
        for row in sorted(rows, key=lambda row: row.in_force_from, reverse=True):
            self._rows.setdefault(row.key, []).append(row)

    def law(self, received_on: date) -> Law:
        """The order that a matter received on that day runs on to its end; raises :class:`NoTerm`."""
        row = self._in_force((LAW_KEY,), received_on)
        return Law(int(row.value), row.in_force_from, row.source)

    def term(self, kind: Kind, received_on: date, places: Iterable[str] = ()) -> Term:
        """The period of `kind` for what was received on that day; raises :class:`NoTerm`.

        `places` as :func:`places` gives them: the first that has a row of its own wins, unless it is longer than the
        rule for everybody, which is the last.
        """
        key = KEYS[kind]
        row = self._in_force([*(f"{key}/{place}" for place in places), key], received_on)
        term = Term(int(row.value), Unit(row.unit), row.source, row.key.removeprefix(key).removeprefix("/"))
        return self._never_looser(term, kind, received_on) if term.place else term

    def _never_looser(self, own: Term, kind: Kind, received_on: date) -> Term:
        """A place's own period, unless that of everybody has meanwhile become shorter."""
        try:
            common = self.term(kind, received_on)
        except NoTerm:
            return own
        return common if common.unit is own.unit and common.value < own.value else own

    def allowance(self, kind: Kind, received_on: date) -> Allowance | None:
        """By how much and how often a clock of `kind` may be extended; None where no law lets it."""
        try:
            by = self._in_force((f"{KEYS[kind]}_extension",), received_on)
            most = self._in_force((f"{KEYS[kind]}_extensions",), received_on)
        except NoTerm:
            return None
        return Allowance(int(by.value), int(most.value), by.source)

    def _in_force(self, keys: Iterable[str], on: date) -> Row:
        for key in (wanted := list(keys)):
            for row in self._rows.get(key, ()):
                if row.in_force_from <= on and (row.in_force_until is None or on < row.in_force_until):
                    return row
        raise NoTerm(f"{wanted[-1]} on {on}")


def places(mall: str | None = None, industry: str | None = None) -> tuple[str, ...]:
    """Where a shop lies, for :meth:`LawTable.term`: its own mall, any mall, its industry, in this order of force.

    A mall's word to its customers is nearer to the shop than its industry's.
    """
    found = [f"mall:{mall}", "mall"] if mall else []
    return (*found, f"industry:{industry}") if industry else tuple(found)
