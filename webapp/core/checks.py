"""A machine check of what somebody stated: passed, failed, or for a person to look at, with the reason."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any


class CheckResult(enum.StrEnum):
    """The three outcomes; a machine never refuses by itself where a person can tell."""

    PASSED = "passed"
    FAILED = "failed"
    NEEDS_PERSON = "needs_person"


@dataclass(frozen=True)
class Check:
    """One check. `code` names words (``check.<code>.<result>``), `details` fill their placeholders."""

    code: str
    result: CheckResult
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For storing beside what was checked."""
        return {"code": self.code, "result": self.result.value, "details": self.details}
