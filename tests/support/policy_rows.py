"""The default policy rows without a database, for tests of pure rules."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date

from webapp.core.policy import DEFAULTS


@dataclass(frozen=True)
class PolicyRow:
    """A row of the policy table."""

    key: str
    value: str
    unit: str
    source: str
    in_force_from: date
    in_force_until: date | None

    def with_(self, **changes: str) -> PolicyRow:
        """The same row with other contents."""
        return replace(self, **changes)


def default_rows(prefixes: tuple[str, ...] = ("",)) -> list[PolicyRow]:
    """The rows of ``policy_defaults.csv`` whose key begins with one of `prefixes`."""
    with DEFAULTS.open(encoding="utf-8", newline="") as stream:
        return [
            PolicyRow(
                row["key"],
                row["value"],
                row["unit"],
                row["source"],
                date.fromisoformat(row["from"]),
                date.fromisoformat(row["until"]) if row["until"] else None,
            )
            for row in csv.DictReader(stream)
            if row["key"].startswith(prefixes)
        ]
