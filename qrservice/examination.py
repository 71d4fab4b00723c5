"""Examining a code without a database: what a verifier that is offline can say, and why.

It needs the public keys and, for more than "issued by this platform and unaltered", the status list that covers the
shop. Whatever is missing or too old makes the answer "cannot say", never "genuine".
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

from qrservice.errors import CodeRefused, NotOurLink, StatementRefused
from qrservice.keys import KeyRing
from qrservice.links import decode, parse_token
from qrservice.payload import Payload
from qrservice.statements import is_current, read_statement
from qrservice.statuslist import LIST_KIND, StatusList, StickerStatus, list_address, list_number

#: The stages in the order in which a code passes them. `link` and `form` are about length and alphabet.
STAGES = ("link", "form", "canonical", "version", "key", "signature", "status")
TEXT_CHARS_MAX = 2048
# ASCII: without it, IGNORECASE would take U+017F for an s and U+212A for a k.
_ADDRESS = re.compile(r"https?://[a-z0-9.:/?&=#%_\[\]-]+", re.IGNORECASE | re.ASCII)


class Outcome(enum.StrEnum):
    """What is said of a code. Only GENUINE is good; FORGED names the `stage`, CANNOT_SAY the `reason`."""

    GENUINE = "genuine"
    SUSPENDED = "suspended"
    REPLACED = "replaced"
    INVALID = "invalid"
    FORGED = "forged"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class Examination:
    """The answer. `stage` is set for FORGED only.

    `reason` is set for CANNOT_SAY: `no_list` (none that covers the shop), `stale` (expired, or from the future),
    `unlisted` (the list does not know the sticker), `compromised` (its key is, and the public log must be asked).
    """

    outcome: Outcome
    stage: str | None = None
    reason: str | None = None
    payload: Payload | None = None
    token: str | None = None

    def reached(self, stage: str) -> bool | None:
        """Whether the code passed `stage` (one of STAGES), or None if an earlier one refused it."""
        if self.stage is None:
            return stage != "status" or self.outcome is Outcome.GENUINE
        at, asked = STAGES.index(self.stage), STAGES.index(stage)
        return None if asked > at else asked < at


def find_token(text: str, host: str) -> str:
    """The token in a scanned address, in a text that holds one, or the bare token. Unverified. Raises NotOurLink.

    Nothing is made similar first: a look-alike of a letter or a full-width letter is another letter.
    """
    typed = text.strip(" \t\r\n") if len(text) <= TEXT_CHARS_MAX else ""
    match = _ADDRESS.search(typed)
    if match:
        return parse_token(match[0], host)
    if "/" in typed:
        raise NotOurLink("not a web address")
    return typed


def examine(text: str, host: str, ring: KeyRing, lists: Iterable[str], now: int) -> Examination:
    """Examine a code at `now` (seconds since 1970) with the status lists at hand (signed statements, any number).

    Never raises, whatever the text is.
    """
    try:
        token = find_token(text, host)
        payload = decode(token, host, ring)
    except CodeRefused as refusal:
        return Examination(Outcome.FORGED, stage=refusal.stage)
    outcome, reason = _status(payload, host, ring, lists, now)
    return Examination(outcome, None, reason, payload, token)


_OUTCOMES = {
    StickerStatus.VALID: Outcome.GENUINE,
    StickerStatus.INVALID: Outcome.INVALID,
    StickerStatus.SUSPENDED: Outcome.SUSPENDED,
    StickerStatus.REPLACED: Outcome.REPLACED,
}


def _status(
    payload: Payload, host: str, ring: KeyRing, lists: Iterable[str], now: int
) -> tuple[Outcome, str | None]:
    key = ring.find(payload.kid)
    if key is None or key.needs_log_leaf:
        return Outcome.CANNOT_SAY, "compromised"
    reason = "no_list"
    for statement in lists:
        found = _look_up(statement, payload, host, ring, now)
        if isinstance(found, StickerStatus):
            return _OUTCOMES[found], None
        reason = found or reason
    return Outcome.CANNOT_SAY, reason


def _look_up(
    statement: str, payload: Payload, host: str, ring: KeyRing, now: int
) -> StickerStatus | str | None:
    """The status, why there is none, or None when the statement is not about the shop or not ours."""
    try:
        claims = read_statement(statement, LIST_KIND, ring)
        entries = StatusList(claims)
    except (StatementRefused, CodeRefused):
        return None
    if claims.get("sub") != list_address(host, list_number(entries.first)) or not entries.covers(
        payload.shop_number
    ):
        return None
    if not is_current(claims, now):
        return "stale"
    status = entries.find(payload.shop_number, payload.serial)
    return "unlisted" if status is None else status
