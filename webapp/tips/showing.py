"""What the pages of the office and the reporter show of a tip: where it stands, what moved its deadline, the thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.accounts.queries import find_account
from webapp.clocks import showing as clocks
from webapp.clocks.clock_words import Told
from webapp.core.identifiers import mask_phone
from webapp.files.models import StoredFile
from webapp.files.queries import Picture, picture_of
from webapp.web.languages import say

from . import rules, timing
from .models import Tip, TipSide
from .rules import TipState

_TONES = {
    "file_case": "good",
    "file_no_case": "stop",
    "pause": "caution",
    "transfer": "caution",
    "transfer_out": "caution",
    "approve_extension": "caution",
    "tell": "info",
}
STATE_TONES = {
    TipState.VERIFYING: "info",
    TipState.CASE: "good",
    TipState.NO_CASE: "quiet",
    TipState.TRANSFERRED: "quiet",
    TipState.WITHDRAWN: "quiet",
}


@dataclass(frozen=True)
class Photo:
    """A photo as the photo grid takes it."""

    url: str
    thumb: Picture
    alt: str


@dataclass(frozen=True)
class Said:
    """One entry of the thread, as the complaints' thread macro takes it. `mine` for the side that looks."""

    who: str
    what: str
    text: str
    at: datetime
    tone: str
    mine: bool = False
    internal: bool = False
    photos: tuple[Photo, ...] = ()


def situation(tip: Tip, now: datetime, side: TipSide) -> Told:
    """Where it stands, told to the reporter or the officer: the clock that runs, else the end."""
    return situations([tip], now, side)[tip.id]


def situations(tips: Sequence[Tip], now: datetime, side: TipSide) -> dict[int, Told]:
    """Where each of a list stands, by tip; the countdowns are read together."""
    viewer = "consumer" if side is TipSide.REPORTER else "officer"
    running = clocks.told(timing.SUBJECT, [tip.id for tip in tips], viewer, now) if tips else {}
    return {tip.id: running.get(tip.id) or _end(tip, side) for tip in tips}


def _end(tip: Tip, side: TipSide) -> Told:
    words = say(f"tip.stands.{side.value}.{tip.state.value}")
    return Told(words=words, due="", tone="quiet", iso=None, note="", turn="")


def thread(tip: Tip, viewer: TipSide) -> list[Said]:
    """Everything said and done, oldest first; internal notes and officers' names for officers only."""
    officer = viewer is TipSide.OFFICER
    names = _names(tip) if officer else {}
    shown = []
    for message in tip.messages:
        if message.internal and not officer:
            continue
        who = say(f"tip.side.{message.side.value}")
        text = message.text
        if message.ground and message.action in rules.ON_A_GROUND:
            ground = say(f"tip.ground.{message.action}.{message.ground}")
            text = f"{ground}。{text}" if text else f"{ground}。"
        shown.append(
            Said(
                who=f"{who} {names[message.by_id]}" if message.by_id in names else who,
                what=say(f"tip.done.{message.action}"),
                text=text,
                at=message.at,
                tone=_TONES.get(message.action, "quiet"),
                mine=message.side is viewer,
                internal=message.internal,
            )
        )
    return shown


def _names(tip: Tip) -> dict[int | None, str]:
    ids = {m.by_id for m in tip.messages if m.side is TipSide.OFFICER and m.by_id}
    ids |= {one for e in tip.extensions for one in (e.asked_by_id, e.decided_by_id) if one}
    accounts = [find_account(one) for one in ids]
    return {account.id: account.name for account in accounts if account is not None}


def name_of(account_id: int | None) -> str:
    """The name of an officer, for officers."""
    account = find_account(account_id) if account_id is not None else None
    return account.name if account is not None else ""


def photos(files: list[StoredFile]) -> list[Photo]:
    """Photos with addresses that an officer may open."""
    return [
        Photo((small := picture_of(file, 200)).whole, small, say("complaint.photo", number=number))
        for number, file in enumerate(files, 1)
    ]


def masked_contact(tip: Tip) -> list[tuple[str, str]]:
    """The name's first character and the phone's ends. Pairs of word and value; empty values for what was not left."""
    name = f"{tip.reporter_name[0]}**" if tip.reporter_name else ""
    phone = mask_phone(tip.reporter_phone) if tip.reporter_phone else ""
    return [(say("complaint.contact.name"), name), (say("complaint.contact.phone"), phone)]
