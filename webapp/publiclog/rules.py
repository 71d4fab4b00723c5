"""What goes into the public log, and how a leaf is made of a decision. Pure.

A leaf says which decision was made, of what kind, when, about which shop and by which role. It holds no name, no text
written by a person and no account. Two commitments (`seals.py`) stand for what must not be read from it:

- ``by``: which account decided, and its reason in words. Opened to a court or to the person concerned.
- ``about``: of the lists (red, black, honours) also shop, ground and entry. Public while the entry stands, by its
  receipt; when the entry ends the salt is erased, and nothing leads from the log to the shop (信用修复). So it is with
  what a black entry brings about and would lead to it: the code's end, and that of its stickers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from . import seals

VERSION: Final = 1
#: Codes, hashes, instants: ASCII without blanks.
_CODES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,79}", re.ASCII)
#: Ground of a code that was revoked for an entry of the black list: as little to be read for ever as the entry itself.
BLACK_LISTED: Final = "black_listed"
#: Ground of stickers that end with their code, whatever ended that. Sealed for all, so that it tells none apart.
CODE_REVOKED: Final = "code_revoked"


@dataclass(frozen=True)
class Kind:
    """Which facts of the audit's `new` a leaf of this kind repeats, and whether its subject is sealed."""

    facts: tuple[str, ...] = ()
    sealed: bool = False


_CODE, _STICKER = Kind(), Kind(("kid", "serial", "place", "replaced_by_serial"))
_KEY = Kind(("kid", "not_before", "valid_before", "valid_before_leaf", "next_kid"))
_ENTRY, _CASE, _PLAIN = Kind(("colour",), sealed=True), Kind(sealed=True), Kind()
_REMINDER = Kind(("kind", "region_code", "category", "industry_code"))
_HONOUR = Kind(("kind",), sealed=True)

#: Action of the audit trail → its kind. The one list of what is a public decision.
KINDS: Final[Mapping[str, Kind]] = {
    **{f"code.{step}": _CODE for step in ("issue", "suspend", "restore", "take_back", "revoke")},
    **{
        f"sticker.{step}": _STICKER
        for step in ("issue", "suspend", "resume", "replace", "report_lost", "destroy")
    },
    **{f"key.{step}": _KEY for step in ("create", "rotate", "retire", "compromise", "withdraw")},
    **{f"listing.{step}": _ENTRY for step in ("confirm", "publish", "drop", "expire", "repair", "strike")},
    **{
        f"listing.{step}": _CASE
        for step in (
            "appeal",
            "grant_appeal",
            "dismiss_appeal",
            "withdraw_appeal",
            "ask_repair",
            "grant_repair",
        )
    },
    **{f"listing.{step}": _CASE for step in ("dismiss_repair", "withdraw_repair", "hide_reply")},
    **{f"honour.{step}": _HONOUR for step in ("confirm", "expire", "end")},
    **{f"reminder.{step}": _REMINDER for step in ("publish", "revise", "withdraw", "replace", "expire")},
    # Which shops a reminder names: to be read while it is published, like an entry of a list.
    **{f"reminder_shop.{step}": Kind(("kind", "reminder"), sealed=True) for step in ("name", "end")},
    # An inspection while it is shown, and that it was withdrawn.
    "inspection.enter": Kind(("result", "inspected_on"), sealed=True),
    "inspection.withdraw": _CASE,
    # A talk or an order to correct while it is shown, and that it is shown no longer.
    **{f"{kind}.{step}": _CASE for kind in ("talk", "order") for step in ("publish", "end")},
    **{f"warning.{step}": _REMINDER for step in ("publish", "revise", "withdraw")},
    **{f"disclosure.{step}": _PLAIN for step in ("publish", "admit_reply", "correct", "remove")},
    **{f"rating.{step}": _PLAIN for step in ("remove", "restore", "hide_photo", "show_photo")},
    "registry.import": Kind(("kind", "stopped")),
    "registry.confirm": _PLAIN,
    "registry.drop": _PLAIN,
    "licence.verify": Kind(("kind_code",)),
    **{f"commitment.{step}": Kind(("code", "version", "body_sha256")) for step in ("sign", "withdraw")},
}
#: Steps after which a sealed entry is not to be read any more.
ENDS: Final = frozenset(
    {
        *(
            "listing.drop",
            "listing.expire",
            "listing.repair",
            "listing.strike",
            "honour.expire",
            "honour.end",
        ),
        *("reminder_shop.end", "talk.end", "order.end", "inspection.withdraw"),
    }
)


def may_be_told(facts: Mapping[str, Any]) -> bool:
    """May the public be told what the `about` of this leaf stands for, while it is kept?

    Not of an entry that is only confirmed: its merchant is heard first, and it may never be published. Not of stickers
    that end with their code: the shop's page says it of the code while it may be said.
    """
    if facts["kind"] == "sticker.destroy":
        return False
    before_publication = facts["kind"] in {"listing.confirm", "listing.drop"}
    return not before_publication or "published" in {facts.get("from"), facts.get("to")}


@dataclass(frozen=True)
class Decision:
    """A decision as the audit trail wrote it."""

    action: str
    subject_type: str
    subject_id: int
    at: datetime
    role: str
    account_id: int | None = None
    shop_id: int | None = None
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    ground: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Leaf:
    """A leaf's bytes, and what its commitments stand for (None: nothing sealed)."""

    data: bytes
    about: bytes | None
    by: bytes


def _is_code(value: object) -> bool:
    """A number, or a word of a catalogue. Whatever a person may have typed stays out of the log for ever."""
    return isinstance(value, int) or (isinstance(value, str) and bool(_CODES.fullmatch(value)))


def is_sealed(decision: Decision) -> bool:
    """Does the leaf say only by its `about` which shop, subject and ground were meant?"""
    return KINDS[decision.action].sealed or (decision.action, decision.ground) in {
        ("code.revoke", BLACK_LISTED),
        ("sticker.destroy", CODE_REVOKED),
    }


def make(decision: Decision, about_salt: bytes, by_salt: bytes) -> Leaf:
    """The leaf of a decision; KeyError when it is none of the public ones."""
    kind = KINDS[decision.action]
    new, old = decision.new or {}, decision.old or {}
    facts: dict[str, Any] = {
        "v": VERSION,
        "kind": decision.action,
        "at": instant(decision.at),
        "role": decision.role,
    }
    known: dict[str, Any] = {"subject": {"type": decision.subject_type, "id": decision.subject_id}}
    if decision.shop_id is not None:
        known["shop"] = decision.shop_id
    if decision.ground and _is_code(decision.ground):
        known["ground"] = decision.ground
    known |= {name: new[name] for name in kind.facts if new.get(name) is not None and _is_code(new[name])}
    states = {"from": old.get("state"), "to": new.get("state")}
    facts |= {name: state for name, state in states.items() if state}
    about = None
    if is_sealed(decision):
        about = seals.canonical(known)
        facts["about"] = seals.seal(about_salt, known)
    else:
        # The leaf's own `kind` is the decision's action: what a reminder or an import calls its kind has another name.
        facts |= {"subkind" if name == "kind" else name: fact for name, fact in known.items()}
    person = {"account": decision.account_id, "reason": decision.reason or ""}
    facts["by"] = seals.seal(by_salt, person)
    return Leaf(seals.canonical(facts), about, seals.canonical(person))


def instant(moment: datetime) -> str:
    """An instant as leaves write it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
