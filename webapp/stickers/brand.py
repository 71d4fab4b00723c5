"""What stickers say of the bureau besides its name: emblem, colours, names in other languages, from one TOML file.

`YDYM_BRAND` names it; docs/brand.md describes it. It is read once, at the start: a file that cannot be used stops the
start with the reason, so that nobody prints a thousand stickers in unreadable colours.
"""

from __future__ import annotations

import base64
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from flask import Flask, current_app

from qrservice import Brand, BrandRefused, Colours, Logo
from qrservice.shapes import parse
from qrservice.words import LANGUAGES
from webapp.settings import Settings, SettingsError

#: An emblem is some eight millimetres high; it is written down beside each print job.
LOGO_MOST: Final = 100_000
_TOP: Final = frozenset({"logo", "hotline", "mark", "names", "colours"})
_NAMES: Final = frozenset({"bureau", "city", "mark"})
_COLOURS: Final = frozenset(entry.name for entry in fields(Colours))
_HOME: Final = "zh-Hans"
_SVG_DIGITS: Final = 4


@dataclass(frozen=True)
class CityBrand:
    """The brand in each language: one that the file does not name has the names of the settings."""

    brands: dict[str, Brand]
    named: frozenset[str]

    def of(self, language: str) -> Brand:
        """The brand for stickers in `language`."""
        return self.brands[language]


def load(settings: Settings) -> CityBrand:
    """The brand of these settings. Raises SettingsError saying what in the file cannot be used."""
    if not settings.brand:
        return _made(settings, {}, None)
    path = Path(settings.brand)
    try:
        with path.open("rb") as stream:
            given = tomllib.load(stream)
        _known(given, _TOP, "")
        for language, names in given.get("names", {}).items():
            _known({language: 0}, frozenset(LANGUAGES), "names.")
            _known(names, _NAMES, f"names.{language}.")
        _known(given.get("colours", {}), _COLOURS, "colours.")
        logo = _logo(path.parent / given["logo"]) if given.get("logo") else None
        return _made(settings, given, logo)
    except (OSError, tomllib.TOMLDecodeError, BrandRefused, TypeError, AttributeError) as error:
        raise SettingsError(f"YDYM_BRAND ({path}): {error}") from error


def _known(table: dict[str, Any], known: frozenset[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise BrandRefused("key", f"{where}{key} is not one of {', '.join(sorted(known))}")


def _logo(path: Path) -> Logo:
    data = path.read_bytes()
    logo = Logo.svg(data) if path.suffix.lower() == ".svg" else Logo.picture(data)
    size = len(str(_logo_facts(logo)))
    if size > LOGO_MOST:
        raise BrandRefused("logo_form", "an emblem with too much in it, bytes", size, LOGO_MOST)
    return logo


def _made(settings: Settings, given: dict[str, Any], logo: Logo | None) -> CityBrand:
    names, brands = given.get("names", {}), {}
    for language in LANGUAGES:
        said = names.get(language, {})
        marked = {"mark": said.get("mark", given.get("mark"))} if "mark" in said or "mark" in given else {}
        hotline = {"hotline": given["hotline"]} if "hotline" in given else {}
        brands[language] = Brand(
            bureau_name=said.get("bureau", settings.bureau_name),
            city_name=said.get("city", settings.city_name),
            logo=logo,
            colours=Colours(**given.get("colours", {})),
            **marked,
            **hotline,
        )
    return CityBrand(brands, frozenset({_HOME, *(lang for lang in names if "bureau" in names[lang])}))


def current() -> CityBrand:
    """The brand of this installation."""
    found: CityBrand = current_app.extensions["ydym.brand"]
    return found


def register(app: Flask) -> None:
    """Read the brand. Raises SettingsError."""
    app.extensions["ydym.brand"] = load(app.extensions["ydym.settings"])


# --- written down beside a print job ----------------------------------------------------------------------------------


def facts(brand: Brand) -> dict[str, Any]:
    """The brand as JSON, whole: a job that is made again years later looks as it did."""
    return {
        "bureau_name": brand.bureau_name,
        "city_name": brand.city_name,
        "hotline": brand.hotline,
        "mark": brand.mark,
        "colours": asdict(brand.colours),
        "logo": _logo_facts(brand.logo),
    }


def _logo_facts(logo: Logo | None) -> dict[str, Any] | None:
    if logo is None:
        return None
    return {
        "width": logo.width,
        "height": logo.height,
        "parts": [[path.svg(_SVG_DIGITS), fill] for path, fill in logo.parts],
        "png": base64.b64encode(logo.png).decode("ascii"),
    }


def from_facts(given: dict[str, Any]) -> Brand:
    """The brand that :func:`facts` wrote down; of an older release's job, which knew names only, the usual look."""
    names = {name: given[name] for name in ("bureau_name", "city_name", "hotline", "mark") if name in given}
    return Brand(logo=_logo_from(given.get("logo")), colours=Colours(**given.get("colours", {})), **names)


def _logo_from(given: dict[str, Any] | None) -> Logo | None:
    if given is None:
        return None
    parts = tuple((parse(data), fill) for data, fill in given["parts"])
    return Logo(given["width"], given["height"], parts, base64.b64decode(given["png"]))
