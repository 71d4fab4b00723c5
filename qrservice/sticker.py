"""What one sticker says: the words of its face and the code that it carries."""

from __future__ import annotations

from dataclasses import dataclass, field

from qrservice import words
from qrservice.brand import Brand
from qrservice.links import build_url, human_check_of, serial_label
from qrservice.payload import PAYLOAD_BYTES, Payload, token_to_code, unpack
from qrservice.words.catalogue import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class StickerFace:
    """The face of a sticker. Shop number and serial are read from the token, so that they cannot differ from it.

    `place` is where it hangs (a table, a till, a number plate); `nearby` and `nearby_phone` are who helps consumers
    near the shop, for templates that say so. Texts are one line each: runs of white space become one blank. An empty
    `branch`, `place` or `nearby` is left out. Raises Malformed, NotCanonical, UnknownVersion, InvalidHost.
    """

    shop_name: str
    token: str
    host: str
    brand: Brand
    branch: str = ""
    place: str = ""
    nearby: str = ""
    nearby_phone: str = ""
    scheme: str = "https"
    words: Words = words.LANGUAGES["zh-Hans"]
    #: The token's 71 bytes and what they say, not verified: read once, since reading checks the spelling, too.
    code: bytes = field(init=False, repr=False, compare=False)
    payload: Payload = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("shop_name", "branch", "place", "nearby", "nearby_phone"):
            object.__setattr__(self, name, " ".join(getattr(self, name).split()))
        build_url(self.host, self.token, self.scheme)
        object.__setattr__(self, "code", token_to_code(self.token))
        object.__setattr__(self, "payload", unpack(self.code[:PAYLOAD_BYTES]))

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
        return human_check_of(self.code)
