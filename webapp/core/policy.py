"""Policy values: every number that law or the city sets, dated, looked up by the day that the rule names.

The table is filled from ``policy_defaults.csv`` by ``sync``; an administrator's later rows win from their day on.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, Id, db

DEFAULTS = Path(__file__).with_name("policy_defaults.csv")


class PolicyValue(Base):
    """One value in force from a day until (excluded) another. `unit` and `source` tell what it is and why."""

    __tablename__ = "policy_value"
    __table_args__ = (
        sa.UniqueConstraint("key", "in_force_from"),
        sa.CheckConstraint("in_force_until IS NULL OR in_force_until > in_force_from", name="period"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.String(80))
    value: Mapped[str] = mapped_column(sa.String(80))
    unit: Mapped[str] = mapped_column(sa.String(40))
    source: Mapped[str]
    in_force_from: Mapped[date]
    in_force_until: Mapped[date | None]


class NoPolicy(LookupError):
    """No value of that key is in force on that day."""


def get_int(key: str, on: date) -> int:
    """The whole-number value of `key` in force on `on`; raises :class:`NoPolicy`."""
    statement = (
        sa.select(PolicyValue.value)
        .where(
            PolicyValue.key == key,
            PolicyValue.in_force_from <= on,
            sa.or_(PolicyValue.in_force_until.is_(None), PolicyValue.in_force_until > on),
        )
        .order_by(PolicyValue.in_force_from.desc())
        .limit(1)
    )
    value = db.session.scalar(statement)
    if value is None:
        raise NoPolicy(f"{key} on {on}")
    return int(value)


def rows(prefixes: tuple[str, ...]) -> list[PolicyValue]:
    """All rows, in force or not, whose key begins with one of `prefixes`: for rules that look up by themselves."""
    starts = (PolicyValue.key.startswith(prefix, autoescape=True) for prefix in prefixes)
    return list(db.session.scalars(sa.select(PolicyValue).where(sa.or_(sa.false(), *starts))))


def get_ints(keys: Collection[str], on: date) -> dict[str, int]:
    """The values of all `keys` in force on `on`, by one query; raises :class:`NoPolicy` when one has none."""
    statement = (
        sa.select(PolicyValue.key, PolicyValue.value)
        .where(
            PolicyValue.key.in_(keys),
            PolicyValue.in_force_from <= on,
            sa.or_(PolicyValue.in_force_until.is_(None), PolicyValue.in_force_until > on),
        )
        .order_by(PolicyValue.in_force_from)  # the newest comes last and stays
    )
    found = {key: int(value) for key, value in db.session.execute(statement).tuples()}
    if missing := [key for key in keys if key not in found]:
        raise NoPolicy(f"{', '.join(missing)} on {on}")
    return found


def sync() -> int:
    """Add the default rows that the table lacks (same key and day are left alone); returns how many."""
    known = set(db.session.execute(sa.select(PolicyValue.key, PolicyValue.in_force_from)).tuples())
    added = 0
    with DEFAULTS.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            start = date.fromisoformat(row["from"])
            if (row["key"], start) in known:
                continue
            until = date.fromisoformat(row["until"]) if row["until"] else None
            db.session.add(
                PolicyValue(
                    key=row["key"],
                    value=row["value"],
                    unit=row["unit"],
                    source=row["source"],
                    in_force_from=start,
                    in_force_until=until,
                )
            )
            added += 1
    return added
