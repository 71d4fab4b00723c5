"""The promises of docs/design-system.md that a machine can keep an eye on."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
PAGES = sorted(TEMPLATES.rglob("*.html"))
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
MACRO = re.compile(r"\{%-? macro ([a-z]\w*)\(")


def test_the_scan_page_styles_stay_small() -> None:
    assert sum((STATIC / "css" / name).stat().st_size for name in ("tokens.css", "base.css")) <= 20_000


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_templates_hold_nothing_that_the_content_policy_forbids(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)", text)
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text)


@pytest.mark.parametrize("style", STYLES, ids=lambda p: p.name)
def test_styles_use_nothing_that_old_web_views_lack(style: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", style.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(
        r":has\(|@container|@import|@layer|\binset\s*:|[^-]\bgap\s*:|aspect-ratio|https?://", text
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_scripts_are_plain_and_wordless(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"\?\.|\?\?|\bimport\s|\beval\(|innerHTML", text), "newer syntax or unsafe"
    assert not re.search(r"[\u4e00-\u9fff]", text), "words belong in the templates"


def test_every_macro_is_documented() -> None:
    documented = (ROOT / "docs" / "design-system.md").read_text(encoding="utf-8")
    components = TEMPLATES / "components"
    missing = [
        name
        for path in components.glob("[a-z]*.html")
        for name in MACRO.findall(path.read_text(encoding="utf-8"))
        if name not in documented
    ]
    assert missing == []


def test_every_icon_and_drawing_named_by_a_component_exists() -> None:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    known = set(environment.get_template("components/icon.html").module.paths)  # type: ignore[attr-defined]
    used = {
        name
        for page in PAGES
        for name in re.findall(
            r"\bicon(?:_name)?\s*(?:\(|=)\s*\"([a-z-]+)\"", page.read_text(encoding="utf-8")
        )
    }
    assert used - known == set()
    drawings = {
        m for page in PAGES for m in re.findall(r"drawing=\"(\w+)\"", page.read_text(encoding="utf-8"))
    }
    assert {name for name in drawings if not (STATIC / "img" / f"empty-{name}.svg").is_file()} == set()
