"""One row of a feed becomes the facts of one operator, or is refused with a reason. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from webapp.core.identifiers import check_uscc, operator_kind

from .mapping import FeedMapping
from .rules import RegistryStatus
from .text import clean, is_clean, is_storable, key_of

#: Longest texts that the tables take.
LONGEST: Final = {
    "name": 200,
    "legal_representative": 80,
    "registered_address": 200,
    "authority": 200,
    "abnormal_ground": 400,
}
#: No word for "no value" is longer.
LONGEST_EMPTY: Final = 8
#: What a fact is when no feed has ever said anything of it.
UNSAID: Final[dict[str, Any]] = {
    "kind": "other",
    "legal_representative": "",
    "registered_address": "",
    "authority": "",
    "established_on": None,
    "abnormal": False,
    "abnormal_ground": None,
    "abnormal_on": None,
    "serious_violation": False,
    "penalties": [],
}
FACTS: Final = ("name", "status", *UNSAID)
_SPLIT: Final = re.compile(r"[;；\n]+")


class RowRefused(ValueError):
    """A row cannot be taken. `reason` ends a word key (``registry.refusal.<reason>``), `detail` is what stood there."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, "".join(c for c in detail if is_storable(c))[:200]


@dataclass(frozen=True)
class Row:
    """The facts that a row states; what its feed has no column for is not in `facts` and stays as it was."""

    uscc: str
    as_of: date
    facts: Mapping[str, Any]


def read_row(cells: Mapping[str, Any], mapping: FeedMapping, default_as_of: date, today: date) -> Row:
    """The row of `cells` (folded heading to value). Raises :class:`RowRefused` with the first reason found."""
    raw = _stated(cells, mapping)
    for field, value in raw.items():
        if field != "penalties" and not isinstance(value, str):
            raise RowRefused("nested_value", field)
    check = check_uscc(raw.get("uscc", ""))
    if not check.ok:
        raise RowRefused(f"uscc_{check.error}", raw.get("uscc", ""))
    stated = _date(raw.get("as_of", ""), mapping, "as_of")
    as_of = stated or default_as_of
    if as_of > today:
        raise RowRefused("as_of_future", as_of.isoformat())
    facts: dict[str, Any] = {}
    for field, value in raw.items():
        if field in _READ:
            facts[field] = _READ[field](value, mapping, field)
    if not facts.get("name"):
        raise RowRefused("name_missing")
    if "kind" not in facts or facts["kind"] is None:
        facts["kind"] = operator_kind(check.text) or "other"
    if "abnormal" not in facts and "abnormal_on" in facts:
        facts["abnormal"] = facts["abnormal_on"] is not None
    return Row(check.text, as_of, facts)


def surely_stands(cells: Mapping[str, Any], mapping: FeedMapping) -> bool:
    """True when a row says, without a doubt, an operator in business and not abnormal: it takes nothing down.

    A quick look for the reading ahead, at a tenth of what :func:`read_row` costs. In any doubt False.
    """
    status = _said(cells, mapping, "status")
    if status is None or mapping.statuses.get(key_of(status)) is not RegistryStatus.ACTIVE:
        return False
    abnormal = _said(cells, mapping, "abnormal")
    if abnormal:
        return key_of(abnormal) in mapping.no
    # Without a word under `abnormal`, a date may be the only sign.
    return _said(cells, mapping, "abnormal_on") == ""


def _said(cells: Mapping[str, Any], mapping: FeedMapping, field: str) -> str | None:
    """The text under a field; "" when nothing is said, None when it is no text that can be read."""
    headings = mapping.columns.get(field, ())
    try:
        found = _cell(cells, headings, mapping)
    except RowRefused:
        return None
    return found if isinstance(found, str) else None


def merged(facts: Mapping[str, Any], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """All facts of a record: those of the row over those known before."""
    before = UNSAID if known is None else {name: known[name] for name in FACTS if name in known}
    return {**before, **facts}


def facts_hash(facts: Mapping[str, Any]) -> str:
    """Hex SHA-256 of all facts in one fixed writing."""
    values = [facts[name] for name in FACTS]
    written = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _stated(cells: Mapping[str, Any], mapping: FeedMapping) -> dict[str, Any]:
    """What stands under each field for which the row has a column."""
    found: dict[str, Any] = {}
    for field, headings in mapping.columns.items():
        here = [heading for heading in headings if heading in cells]
        if here:
            found[field] = _cell(cells, here, mapping)
    return found


def _cell(cells: Mapping[str, Any], headings: Sequence[str], mapping: FeedMapping) -> Any:
    """The first value under the headings that says something; "" when none does."""
    for heading in headings:
        value = cells.get(heading)
        if isinstance(value, list | dict):
            return value
        text = _text(value)
        if text and (len(text) > LONGEST_EMPTY or key_of(text) not in mapping.empty):
            return text
    # "no" words and "empty" words overlap (无): the reader of yes and no sees an empty cell, which is no as well.
    return ""


def _text(value: Any) -> str:
    if isinstance(value, str) and is_clean(value):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = clean(str(value))
    if not is_storable(text):
        raise RowRefused("unreadable_characters", text)
    return text


def _plain(value: str, _mapping: FeedMapping, field: str) -> str:
    text = value
    if len(text) > LONGEST[field]:
        raise RowRefused("too_long", f"{field}: {text[:100]}")
    return text


def _ground(value: str, mapping: FeedMapping, field: str) -> str | None:
    return _plain(value, mapping, field) or None


def _status(value: str, mapping: FeedMapping, _field: str) -> RegistryStatus:
    status = mapping.statuses.get(key_of(value))
    if status is None:
        raise RowRefused("status_unknown" if value else "status_missing", value)
    return status


def _kind(value: str, mapping: FeedMapping, _field: str) -> str | None:
    return mapping.kinds.get(key_of(value))


def _yes_no(value: str, mapping: FeedMapping, field: str) -> bool:
    key = key_of(value)
    if not key or key in mapping.no:
        return False
    if key in mapping.yes:
        return True
    raise RowRefused("yes_no_unknown", f"{field}: {value}")


def _date(value: str, mapping: FeedMapping, field: str) -> date | None:
    if not value:
        return None
    found = _day(value, mapping.date_formats)
    if found is None:
        raise RowRefused("date_unreadable", f"{field}: {value}")
    return found


@lru_cache(maxsize=65_536)
def _day(text: str, formats: tuple[str, ...]) -> date | None:
    """The day that `text` names by the first format that fits, a time of day after it left out; None when none fits."""
    day = text.replace("T", " ").partition(" ")[0]
    for form in formats:
        for candidate in {text, day}:
            try:
                found = datetime.strptime(candidate, form).date()  # noqa: DTZ007 - a calendar day, no instant
            except ValueError:
                continue
            if 1900 <= found.year <= 2100:
                return found
    return None


def _penalties(value: Any, _mapping: FeedMapping, _field: str) -> list[Any]:
    if isinstance(value, list | dict):
        items = value if isinstance(value, list) else [value]
        try:
            text = json.dumps(items, ensure_ascii=False, allow_nan=False)
        except (ValueError, RecursionError) as error:
            raise RowRefused("unreadable_characters", "penalties") from error
        if not is_storable(text):
            raise RowRefused("unreadable_characters", "penalties")
        if len(text) > 20_000:
            raise RowRefused("too_long", "penalties")
        return items
    parts = [part.strip() for part in _SPLIT.split(value)]
    return [{"text": part} for part in parts if part]


_READ: Final[dict[str, Callable[[Any, FeedMapping, str], Any]]] = {
    "name": _plain,
    "kind": _kind,
    "legal_representative": _plain,
    "registered_address": _plain,
    "authority": _plain,
    "established_on": _date,
    "status": _status,
    "abnormal": _yes_no,
    "abnormal_ground": _ground,
    "abnormal_on": _date,
    "serious_violation": _yes_no,
    "penalties": _penalties,
}
