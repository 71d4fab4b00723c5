"""Reading a scanned token: everything that can be said without asking the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from qrservice import CodeRefused, KeyState, decode, human_check
from webapp.core.errors import NotFound
from webapp.merchants.scanning import ScannedCode

from .keys import Doubt, KeyStore, store


@dataclass(frozen=True)
class Paper:
    """One printed sticker: its serial and its own token. The same serial with another token is another paper.

    That happens when a database was restored from a backup older than the paper: its serial is issued again.
    """

    serial: int
    token: str
    doubt: Doubt | None = None

    def is_doubtful(self, issued_at: datetime | None) -> bool:
        """Whether its key is compromised and it cannot be shown to be older than that.

        `issued_at` is what the books say of this very paper, None when they do not know it.
        """
        return self.doubt is not None and self.doubt.stands(issued_at)


@dataclass(frozen=True)
class Reading:
    """What a genuine token says: issued by this platform, unaltered, `serial` of shop `shop_number`.

    `doubt` is set when the key was declared compromised and the public log does not show the paper to be older.
    """

    shop_number: int
    serial: int
    kid: int
    token: str
    doubt: Doubt | None = None

    @property
    def human_check(self) -> str:
        """The two groups of four characters printed under the symbol."""
        return human_check(self.token)

    @property
    def label(self) -> str:
        """The printed number, 000123-04."""
        return f"{self.shop_number:06d}-{self.serial:02d}"

    @property
    def paper(self) -> Paper:
        """The paper that was scanned, for finding it in the books."""
        return Paper(self.serial, self.token, self.doubt)


class ForgedCode(Exception):
    """Not issued by this platform. `stage` names the step of the decoding order that refused it."""

    def __init__(self, stage: str) -> None:
        super().__init__(stage)
        self.stage = stage


def read(token: str) -> Reading:
    """Check form, spelling, version, key and signature of `token`; raises :class:`ForgedCode`. No query."""
    return read_for(token, current_app.extensions["ydym.settings"].public_host, store())


def read_for(token: str, host: str, keys: KeyStore) -> Reading:
    """As :func:`read`, outside the framework's contexts."""
    ring = keys.ring()
    try:
        payload = decode(token, host, ring)
    except CodeRefused as refusal:
        raise ForgedCode(refusal.stage) from None
    key, doubt = ring.find(payload.kid), None
    if key is not None and key.state is KeyState.COMPROMISED:
        doubt = keys.doubt(payload.kid, payload.shop_number, payload.serial)
    return Reading(payload.shop_number, payload.serial, payload.kid, token, doubt)


def scanned(token: str) -> ScannedCode:
    """For other features' forms: as :func:`read`, but a token that is not ours is NotFound (``code_not_ours``)."""
    try:
        reading = read(token)
    except ForgedCode:
        raise NotFound("code_not_ours") from None
    return ScannedCode(reading.shop_number, reading.serial)
