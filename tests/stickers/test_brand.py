"""The bureau's look from its file: what is taken, what stops the start, and that a print job keeps it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from qrservice import BrandRefused, Logo
from webapp.printing import drawing
from webapp.settings import ROOT, Settings, SettingsError
from webapp.stickers import brand

SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><title>emblem</title>
<g fill="#C33"><rect x="1" y="1" width="18" height="18" rx="3"/></g>
<path d="m21 1 18 0 0 18z" style="fill:#0b7a53"/></svg>"""


def written(folder: Path, text: str, **files: bytes) -> Settings:
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    (folder / "brand.toml").write_text(text, "utf-8")
    return Settings(brand=str(folder / "brand.toml"), bureau_name="某市监管局", city_name="某市")


def dot() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "#b8402f").save(buffer, "PNG")
    return buffer.getvalue()


def test_without_a_file_the_names_are_the_settings() -> None:
    found = brand.load(Settings(bureau_name="某市监管局", city_name="某市"))
    assert {found.of(language).bureau_name for language in ("zh-Hans", "zh-Hant", "en")} == {"某市监管局"}
    assert found.named == {"zh-Hans"}


@pytest.mark.parametrize(("name", "data"), [("emblem.svg", SVG), ("emblem.png", dot())])
def test_everything_in_the_file_is_taken(tmp_path: Path, name: str, data: bytes) -> None:
    text = (
        f'logo = "{name}"\nhotline = ""\nmark = "信"\n[names.en]\nbureau = "Some Bureau"\ncity = "Some City"\n'
        '[names.zh-Hant]\nmark = "誠"\n[colours]\ntrust = "#134a86"\n'
    )
    found = brand.load(written(tmp_path, text, **{name.replace(".", "_"): data}))
    chinese, english, traditional = (found.of(language) for language in ("zh-Hans", "en", "zh-Hant"))
    assert (chinese.bureau_name, english.bureau_name, english.city_name) == (
        "某市监管局",
        "Some Bureau",
        "Some City",
    )
    assert (chinese.mark, traditional.mark, chinese.hotline) == ("信", "誠", "")
    assert chinese.colours.trust == "#134a86"
    assert chinese.logo is not None
    assert (chinese.logo.width, chinese.logo.height) == (40.0, 20.0)
    assert found.named == {"zh-Hans", "en"}
    kept = brand.from_facts(json.loads(json.dumps(brand.facts(english))))
    assert replace(kept, logo=None) == replace(english, logo=None)
    assert kept.logo is not None
    assert kept.logo.png == chinese.logo.png
    assert brand.facts(kept) == brand.facts(english), "written down once more it is the same"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("logo = ", "TOML|value"),
        ('logo = "none.svg"', "none.svg"),
        ('logo = "bad.svg"', "stroke"),
        ('logo = "bad.png"', "not a PNG"),
        ('emblem = "x"', "emblem is not one of"),
        ('[colours]\nborder = "#000000"', r"colours\.border"),
        ('[colours]\ntrust = "green"', "#rrggbb"),
        ('[colours]\ntrust = "#ffee00"', "contrast"),
        ('[names.fr]\nbureau = "x"', r"names\.fr"),
        ('[names.en]\nnickname = "x"', r"names\.en\.nickname"),
        ("names = 3", ""),
        ("hotline = 12315", ""),
    ],
)
def test_what_cannot_be_used_stops_the_start(tmp_path: Path, text: str, said: str) -> None:
    bad = b'<svg viewBox="0 0 1 1"><path d="M0 0L1 1" stroke="#000"/></svg>'
    settings = written(tmp_path, text, bad_svg=bad, bad_png=b"no picture")
    with pytest.raises(SettingsError, match=rf"(?s)YDYM_BRAND.*brand\.toml.*({said})"):
        brand.load(settings)
    with pytest.raises(SettingsError, match="YDYM_BRAND"):
        brand.load(Settings(brand=str(tmp_path / "missing.toml")))


def test_an_emblem_with_too_much_in_it(tmp_path: Path) -> None:
    noise = Image.effect_noise((600, 600), 80).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    with pytest.raises(SettingsError, match="too much"):
        brand.load(written(tmp_path, 'logo = "big.png"', big_png=buffer.getvalue()))


def test_the_file_of_the_demo_city() -> None:
    found = brand.load(Settings(brand=str(ROOT / "deploy" / "brand.toml")))
    assert found.named == {"zh-Hans", "zh-Hant", "en"}


def test_a_job_of_an_older_release_has_the_usual_look() -> None:
    old = {"host": "x", "scheme": "https", "bureau_name": "某局", "city_name": "某市"}
    found = brand.from_facts(old)
    assert (found.bureau_name, found.mark, found.logo) == ("某局", "诚信", None)


def test_print_jobs_write_the_brand_of_their_language_down(
    context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'logo = "emblem.svg"\n[names.en]\nbureau = "Some Bureau"\n'
    monkeypatch.setitem(context.extensions, "ydym.brand", brand.load(written(tmp_path, text, emblem_svg=SVG)))
    assert drawing.face_facts("en")["bureau_name"] == "Some Bureau"
    assert drawing.face_facts("zh-Hans")["bureau_name"] == "某市监管局"
    assert len(drawing.face_facts("en")["logo"]["parts"]) == 2


# --- the emblem as SVG ------------------------------------------------------------------------------------------------


def boxes(data: str, view: str = "0 0 100 100") -> list[tuple[list[float], str]]:
    logo = Logo.svg(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}">{data}</svg>'.encode())
    return [([round(edge, 2) for edge in path.bounds()], fill) for path, fill in logo.parts]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('<rect x="10" y="20" width="30" height="40"/>', [([10, 20, 40, 60], "#000000")]),
        ('<circle cx="50" cy="50" r="10" fill="#FFF"/>', [([40, 40, 60, 60], "#ffffff")]),
        ('<ellipse cx="50" cy="50" rx="10" ry="5" fill="white"/>', [([40, 45, 60, 55], "#ffffff")]),
        ('<polygon points="1,2 3,4 5,2"/>', [([1, 2, 5, 4], "#000000")]),
        ('<path d="M10 10h20v20h-20z" transform="translate(5,6)"/>', [([15, 16, 35, 36], "#000000")]),
        ('<g transform="scale(2)"><path d="M1 1H3V3Z" fill="#123456"/></g>', [([2, 2, 6, 6], "#123456")]),
        ('<path d="M10 0H20V10Z" transform="rotate(90)translate(0 -30)"/>', [([20, 10, 30, 20], "#000000")]),
        ('<path d="M0 0H4V4Z" transform="matrix(1 0 0 1 7 8)"/>', [([7, 8, 11, 12], "#000000")]),
        ('<path d="M0 0H4V4Z" transform="rotate(180 5 5)"/>', [([6, 6, 10, 10], "#000000")]),
        ('<g fill="none"><rect width="9" height="9"/></g><path d="M0 0H1V1Z"/>', [([0, 0, 1, 1], "#000000")]),
    ],
)
def test_shapes_of_an_svg(data: str, expected: list[tuple[list[float], str]]) -> None:
    assert boxes(data) == expected


def test_the_view_box_is_moved_to_the_origin() -> None:
    assert boxes('<rect x="-10" y="5" width="10" height="10"/>', "-10 5 20 20")[0][0] == [0, 0, 10, 10]
    logo = Logo.svg(b'<svg width="24px" height="12px"><path d="M0 0H24V12Z"/></svg>')
    assert (logo.width, logo.height) == (24, 12)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html/>",
        b"<svg/>",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 1 1"/>',
        b'<svg viewBox="0 0 1 1"></svg>',
        b'<svg viewBox="0 0 9 9"><path d="M0 0L99 0L1 1Z"/></svg>',
        *(
            f'<svg viewBox="0 0 9 9">{part}</svg>'.encode()
            for part in (
                "<text>x</text>",
                '<image href="x"/>',
                "<style>path{fill:red}</style><path d='M0 0H1V1Z'/>",
                '<path class="a" d="M0 0H1V1Z"/>',
                '<path fill="url(#g)" d="M0 0H1V1Z"/>',
                '<path style="opacity:.5" d="M0 0H1V1Z"/>',
                '<path fill="currentColor" d="M0 0H1V1Z"/>',
                '<path transform="skewX(3)" d="M0 0H1V1Z"/>',
                '<path transform="nonsense" d="M0 0H1V1Z"/>',
                '<path d="M0 zero"/>',
                '<use href="#a"/>',
                '<defs><path d="M0 0H1V1Z"/></defs>',
                "<path d='M0 0H1V1Z'/>" * 401,
            )
        ),
    ],
)
def test_svg_that_would_print_otherwise_is_refused(data: bytes) -> None:
    with pytest.raises(BrandRefused) as caught:
        Logo.svg(data)
    assert caught.value.reason in {"logo_form", "colour_form"}
