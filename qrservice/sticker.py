"""What one sticker says: the words of its face and the code that it carries."""

from __future__ import annotations

from dataclasses import dataclass, fields

from qrservice import words
from qrservice.links import build_url, human_check, serial_label
from qrservice.payload import PAYLOAD_BYTES, Payload, token_to_code, unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class StickerFace:
    """The face of a door sticker. Shop number and serial are read from the token, so that they cannot
    differ from it.

    Texts are one line each: runs of white space become one blank. An empty `branch`, `city_name`, couplet,
    `note` or `hotline` leaves its place out. Raises Malformed, NotCanonical, UnknownVersion for a bad
    token, InvalidHost.
    """

    shop_name: str
    token: str
    host: str
    bureau_name: str
    branch: str = ""
    city_name: str = ""
    scheme: str = "https"
    title: str = words.TITLE
    couplet_right: str = words.COUPLET_RIGHT
    couplet_left: str = words.COUPLET_LEFT
    note: str = words.NOTE
    hotline: str = words.HOTLINE
    hotline_label: str = words.HOTLINE_LABEL
    serial_word: str = words.SERIAL_LABEL
    check_word: str = words.CHECK_LABEL
    mark: str = words.MARK

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, " ".join(getattr(self, item.name).split()))
        build_url(self.host, self.token, self.scheme)
        _ = self.payload

    @property
    def payload(self) -> Payload:
        """What the token says, not verified."""
        return unpack(token_to_code(self.token)[:PAYLOAD_BYTES])

    @property
    def url(self) -> str:
        """The address in the symbol."""
        return build_url(self.host, self.token, self.scheme)

    @property
    def serial(self) -> str:
        """The printed number, such as `No. 000123-04`."""
        return f"No. {serial_label(self.payload)}"

    @property
    def human_check(self) -> str:
        """The printed check group, such as `7KQM 9XTA`."""
        return human_check(self.token)
