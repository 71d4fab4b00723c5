"""Everything that this library raises on purpose.

A refused code carries `stage`, a short machine-readable word naming the step of the decoding order that
refused it, so that a caller can count refusals and choose a page without reading messages. Messages are for
logs; what a person reads comes from the caller's word catalogue.
"""

from __future__ import annotations


class QrServiceError(Exception):
    """Base class of all errors of this library."""


class CodeRefused(QrServiceError):
    """A code was refused. `stage` is one of link, form, canonical, version, key, signature."""

    stage = "code"


class NotOurLink(CodeRefused):
    """The text is not a sticker address of this host."""

    stage = "link"


class Malformed(CodeRefused):
    """Wrong length, not ASCII, not base32, or a payload that the platform never issues (serial 0)."""

    stage = "form"


class NotCanonical(CodeRefused):
    """Decodes to the bytes of a code, but is not the one spelling of them that is printed."""

    stage = "canonical"


class UnknownVersion(CodeRefused):
    """The payload version is not one that this library can verify."""

    stage = "version"


class UnknownKey(CodeRefused):
    """The key number is not in the ring, or its key was withdrawn."""

    stage = "key"


class BadSignature(CodeRefused):
    """The signature does not belong to this payload, host and key."""

    stage = "signature"


class InvalidPayload(QrServiceError, ValueError):
    """A number does not fit its field; raised when a payload is made, never when a code is read."""


class InvalidHost(QrServiceError, ValueError):
    """The host name cannot be signed or printed."""


class KeyRefused(QrServiceError, ValueError):
    """A key cannot be loaded: wrong kind, wrong passphrase, unsafe point, broken JWK."""


class StatementRefused(QrServiceError):
    """A signed statement (keys, status list) is broken, of another kind, or not signed by a key that may."""


class SymbolTooLarge(QrServiceError, ValueError):
    """The address does not fit the largest symbol that is still easy to scan at door size."""


class MissingGlyphs(QrServiceError):
    """The font has no glyph for some characters; `characters` lists them, each once, in order."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        self.characters = characters
        listed = " ".join(f"{c!r} (U+{ord(c):04X})" for c in characters)
        super().__init__(f"the font has no glyph for {listed}")


class TextTooLong(QrServiceError, ValueError):
    """A text does not fit its place even at the smallest legible size; `field` names the place."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        self.text = text
        super().__init__(f"{field} does not fit the sticker: {text!r}")


class FontRefused(QrServiceError):
    """A font file is missing or is not a TrueType font with glyf outlines."""


class BrandRefused(QrServiceError, ValueError):
    """A colour or a logo cannot be used. `reason`: colour_form, text_contrast, logo_form; `figure` against `limit`."""

    def __init__(self, reason: str, what: str, figure: float = 0.0, limit: float = 0.0) -> None:
        self.reason, self.what, self.figure, self.limit = reason, what, figure, limit
        super().__init__(f"{reason}: {what}" + (f" ({figure:.2f}, limit {limit:g})" if limit else ""))


class WouldNotScan(QrServiceError, ValueError):
    """A sticker that would not be read as it should: it is not drawn.

    `reason` is a machine-readable word (see `scannability.Reason`), `figure` what was found, `limit` what is needed,
    both in `unit`.
    """

    def __init__(self, reason: str, figure: float, limit: float, unit: str) -> None:
        self.reason, self.figure, self.limit, self.unit = reason, figure, limit, unit
        super().__init__(f"{reason}: {figure:.3g} {unit}, at least {limit:.3g} needed")
