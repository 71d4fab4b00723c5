"""Who vouches: the bureau's name, logo and colours, given by the caller for every sticker."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, fields, replace
from typing import Final

from qrservice import words
from qrservice.errors import BrandRefused
from qrservice.reflectance import legibility, rgb
from qrservice.shapes import Path, parse

LEGIBLE_MIN: Final = 4.5  # WCAG 2.2, 1.4.3 (AA)
LOGO_PIXELS_MAX: Final = 1200
LOGO_BYTES_MAX: Final = 2_000_000
_NUMBERS: Final = {"M": 2, "L": 2, "C": 6, "Z": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """Colours as `#rrggbb`. Raises BrandRefused (`colour_form`, `text_contrast`) for what cannot be read."""

    paper: str = "#f7f6f2"
    ink: str = "#1f2a37"
    quiet: str = "#596273"
    line: str = "#d9d6cb"
    trust: str = "#0b7a53"
    tint: str = "#e6f4ec"  # second words on the trust colour
    accent: str = "#b8402f"  # the bureau's mark
    card: str = "#ffffff"  # the light modules and the quiet zone
    symbol: str = "#000000"  # the dark modules

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name).lower()
            rgb(value)
            object.__setattr__(self, item.name, value)
        for text, ground in (
            ("ink", "paper"),
            ("ink", "card"),
            ("quiet", "paper"),
            ("trust", "paper"),
            ("trust", "card"),
            ("tint", "trust"),
            ("card", "trust"),
            ("card", "accent"),
        ):
            ratio = legibility(getattr(self, text), getattr(self, ground))
            if ratio < LEGIBLE_MIN:
                raise BrandRefused("text_contrast", f"{text} on {ground}", ratio, LEGIBLE_MIN)


#: For printers that only know black and nothing.
MONO: Final = Colours(
    paper="#ffffff",
    ink="#000000",
    quiet="#000000",
    line="#000000",
    trust="#000000",
    tint="#ffffff",
    accent="#000000",
)


@dataclass(frozen=True, slots=True)
class Logo:
    """A bureau's emblem: outlines with their colours in a box, or a PNG.

    Made by `Logo.svg`, `Logo.picture` and `Logo.vector`.
    """

    width: float
    height: float
    parts: tuple[tuple[Path, str], ...] = ()
    png: bytes = field(default=b"", repr=False)

    @classmethod
    def vector(cls, width: float, height: float, parts: tuple[tuple[str, str], ...]) -> Logo:
        """From SVG path data and colours: `((d, "#rrggbb"), …)` in a box of `width` × `height`, filled even-odd.

        The data may use absolute M, L, Q, C and Z. Raises BrandRefused (`logo_form`, `colour_form`).
        """
        drawn = []
        for data, colour in parts:
            rgb(colour)
            try:
                drawn.append((parse(data), colour.lower()))
            except (ValueError, KeyError, IndexError) as error:
                raise BrandRefused("logo_form", "path data that cannot be read") from error
        return cls._checked(width, height, drawn)

    @classmethod
    def svg(cls, data: bytes) -> Logo:
        """From an SVG file of filled shapes; see `logo_svg` for what is taken. Raises BrandRefused (`logo_form`)."""
        if len(data) > LOGO_BYTES_MAX:
            raise BrandRefused("logo_form", "a file too large", len(data), LOGO_BYTES_MAX)
        from qrservice import logo_svg  # noqa: PLC0415 - most bureaus' processes never read one

        width, height, parts = logo_svg.read(data)
        return cls._checked(width, height, list(parts))

    @classmethod
    def _checked(cls, width: float, height: float, parts: list[tuple[Path, str]]) -> Logo:
        if not (width > 0 and height > 0 and parts):
            raise BrandRefused("logo_form", "an empty logo")
        for path, _ in parts:
            try:
                whole = all(len(numbers) == _NUMBERS[str(name)] for name, *numbers in path.commands)
                left, top, right, bottom = path.bounds()
            except (ValueError, KeyError) as error:
                raise BrandRefused("logo_form", "path data that cannot be read") from error
            inside = left >= -0.01 * width and top >= -0.01 * height
            inside = inside and right <= 1.01 * width and bottom <= 1.01 * height
            if not (whole and inside):
                raise BrandRefused("logo_form", "path data that is not whole or leaves the logo's box")
        return cls(width, height, tuple(parts))

    @classmethod
    def picture(cls, data: bytes) -> Logo:
        """From a PNG, with or without transparency; larger ones are made smaller. Raises BrandRefused (`logo_form`)."""
        if len(data) > LOGO_BYTES_MAX:
            raise BrandRefused("logo_form", "a file too large", len(data), LOGO_BYTES_MAX)
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - a brand without a picture needs none of it

        try:
            with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
                if max(opened.size) > 4 * LOGO_PIXELS_MAX:
                    raise BrandRefused("logo_form", "too many pixels", max(opened.size), 4 * LOGO_PIXELS_MAX)
                image = opened.convert("RGBA")
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
            raise BrandRefused("logo_form", "not a PNG that can be read") from error
        image.thumbnail((LOGO_PIXELS_MAX, LOGO_PIXELS_MAX))
        buffer = io.BytesIO()
        image.save(buffer, "PNG", optimize=True)
        return cls(float(image.width), float(image.height), png=buffer.getvalue())


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What belongs to the bureau. Names are in the language of the sticker's words.

    `mark` is one or two characters cut into a cinnabar square where there is no `logo`. An empty `city_name`,
    `hotline` or `mark` leaves its place out.
    """

    bureau_name: str
    city_name: str = ""
    hotline: str = words.HOTLINE
    mark: str = words.MARK
    logo: Logo | None = None
    colours: Colours = Colours()

    def __post_init__(self) -> None:
        for name in ("bureau_name", "city_name", "hotline", "mark"):
            object.__setattr__(self, name, " ".join(getattr(self, name).split()))

    def mono(self) -> Brand:
        """The same in black on white."""
        return replace(self, colours=MONO)
