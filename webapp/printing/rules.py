"""The life of a print job (印制任务), what it can be made of, and when a hand-over link opens. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class PrintState(enum.StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    MADE = "made"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # the file was erased; what was printed is still known, it can be made again


class FileForm(enum.StrEnum):
    """What comes out. Anything but a PDF is a ZIP with one file a sticker."""

    SHEETS = "sheets"  # PDF, A4 with crop marks
    PAGES = "pages"  # PDF, one sticker a page
    PNG = "png"
    SVG = "svg"
    ESCPOS = "escpos"


S = PrintState
_PEOPLE = {Role.MERCHANT, Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.SYSTEM}
#: Who may order a job and hand its file over.
ORDERERS: Final = frozenset(_PEOPLE)

STEPS: Steps[PrintState] = Steps(
    "print_job",
    S.QUEUED,
    [
        step(
            "begin", {S.QUEUED, S.RUNNING}, S.RUNNING, {Role.SYSTEM}
        ),  # RUNNING: a worker died, another takes over
        step("finish", {S.RUNNING}, S.MADE, {Role.SYSTEM}),
        step("fail", {S.RUNNING}, S.FAILED, {Role.SYSTEM}),
        step("cancel", {S.QUEUED, S.RUNNING}, S.CANCELLED, _PEOPLE),
        step("make_again", {S.FAILED, S.EXPIRED}, S.QUEUED, _PEOPLE),
        step("expire", {S.MADE}, S.EXPIRED, {Role.SYSTEM}),
    ],
)

#: States in which the page renews itself.
MOVING: Final = frozenset({S.QUEUED, S.RUNNING})
#: States in which a sticker of the job does not count as printed.
NOT_PRINTED: Final = frozenset({S.FAILED, S.CANCELLED})

TEMPLATES: Final = ("door", "till", "table", "vehicle", "receipt")
LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")
#: What print shops in China ask for, millimetres.
BLEED_MM: Final = 3

#: Policy keys: how many stickers one job of each form may have.
MOST_KEYS: Final = {
    FileForm.SHEETS: "print.pdf_stickers_max",
    FileForm.PAGES: "print.pdf_stickers_max",
    FileForm.SVG: "print.files_max",
    FileForm.ESCPOS: "print.files_max",
    FileForm.PNG: "print.pictures_max",
}
DPI: Final = 300

#: A worker that has said nothing for so long is believed dead.
LEASE: Final = timedelta(seconds=60)
ATTEMPTS_MOST: Final = 4
#: Each round of tries (ordered, made again) has numbers of its own, one more than tries: the last gives up.
_ROUND: Final = ATTEMPTS_MOST + 1
#: Crumbs of a cancelled or failed job are swept after this time: its worker has noticed by then.
CRUMBS_AFTER: Final = timedelta(minutes=10)

#: Jobs whose files are erased in one turn of the sweep, and for how long nobody else writes or erases them meanwhile.
ERASED_AT_ONCE: Final = 5
ERASING: Final = timedelta(minutes=10)

#: Terms of a link that the form offers, as far as the policy allows them.
LINK_DAYS: Final = (1, 3, 7, 30, 90, 180)
RECIPIENT_LONGEST: Final = 60
CHAIN_LONGEST: Final = 60


def takes(template: str, form: FileForm) -> bool:
    """Whether the template can be had in this form: raster commands are for the receipt's printer alone."""
    return form is not FileForm.ESCPOS or template == "receipt"


def gives_up(attempt: int) -> bool:
    """Whether a job that has come to this number has been tried often enough in its round."""
    return attempt > 0 and attempt % _ROUND == 0


def next_round(attempt: int) -> int:
    """The number from which a job that is made again counts on: none of a worker's that may still live comes twice."""
    return -(-attempt // _ROUND) * _ROUND


def ending(form: FileForm) -> str:
    """The file's ending."""
    return "pdf" if form in {FileForm.SHEETS, FileForm.PAGES} else "zip"


MEDIA_TYPES: Final = {"pdf": "application/pdf", "zip": "application/zip"}


@dataclass(frozen=True)
class Wanted:
    """Which stickers to print. Empty means any; `region` is a trimmed GB/T 2260 code, `since` the code's issue day,
    `chain` an operator's credit code or a part of its name.
    """

    region: str = ""
    category: str = ""
    since: date | None = None
    place: str = ""
    chain: str = ""
    only_new: bool = True
    shop_id: int | None = None

    @property
    def active(self) -> int:
        """How many filters are set."""
        texts = (self.region, self.category, self.since, self.place, self.chain, self.shop_id)
        return sum(map(bool, texts)) + (not self.only_new)

    def as_json(self) -> dict[str, Any]:
        """For writing down beside what was printed."""
        return {
            "region": self.region,
            "category": self.category,
            "since": self.since.isoformat() if self.since else None,
            "place": self.place,
            "chain": self.chain,
            "only_new": self.only_new,
            "shop_id": self.shop_id,
        }


@dataclass(frozen=True)
class Make:
    """How the file is made. `bleed` is in millimetres, 0 for none."""

    template: str = "door"
    language: str = "zh-Hans"
    form: FileForm = FileForm.SHEETS
    bleed: int = 0


class Link(enum.StrEnum):
    """Whether a hand-over link opens."""

    OPEN = "open"
    USED_UP = "used_up"
    EXPIRED = "expired"
    REVOKED = "revoked"


def link_state(
    used: int, most: int, expires_at: datetime, revoked_at: datetime | None, now: datetime
) -> Link:
    """The state of a link that was downloaded `used` of `most` times."""
    if revoked_at is not None:
        return Link.REVOKED
    if used >= most:
        return Link.USED_UP
    return Link.EXPIRED if now >= expires_at else Link.OPEN
