"""One place for every colour, size of type, radius, shadow, layer and duration: tokens.css; the rest names them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
STYLES = sorted(path for path in CSS.glob("*.css") if path.name != "tokens.css")
RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(")
LENGTH: Final = re.compile(r"(?<![\w.-])-?\.?\d[\d.]*(?:px|r?em|pt|%)")
SPACE: Final = re.compile(r"(?<![\w.])-?(\d+)px")
#: What a value may be without being a token: nothing at all, the size of the text around it, a circle.
PLAIN: Final = frozenset({"0", "inherit", "50%"})
#: Spaces stand on a grid of 8 px with a half step; up to 3 px is a hairline or an optical correction.
STEP, HAIRLINE = 4, 3


def plain(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def declarations(text: str) -> list[tuple[str, str]]:
    """Every `property: value`, in the order of the sheet."""
    return [
        (name.strip(), value.strip())
        for _, body in RULE.findall(text)
        for name, _, value in (line.partition(":") for line in body.split(";"))
        if value.strip()
    ]


def wrong(name: str, value: str) -> bool:
    """Whether a value is written as a number where a token has to stand."""
    lengths = set(LENGTH.findall(value)) - PLAIN
    match name:
        case _ if COLOUR.search(value) or name.startswith("--"):
            return True
        case "font-size":
            return bool(lengths)
        case "font":
            return bool(set(LENGTH.findall(value.split("/", maxsplit=1)[0])) - PLAIN)
        case "z-index":
            return value not in {"0", "auto"} and not value.startswith("var(")
        case "box-shadow":
            return value != "none" and not value.startswith(("var(", "inset", "0 0 0 "))
        case _ if name.endswith("radius"):
            return bool(lengths)
        case _ if name.startswith(("animation", "transition")):
            return bool(re.search(r"\d(?:ms|s)\b", value))
        case _ if name.startswith(("margin", "padding")) or name.endswith("gap"):
            return any(int(px) > HAIRLINE and int(px) % STEP for px in SPACE.findall(value))
    return False


@pytest.mark.parametrize("style", STYLES, ids=lambda p: p.name)
def test_colours_sizes_radii_shadows_layers_and_durations_are_tokens(style: Path) -> None:
    assert [f"{name}: {value}" for name, value in declarations(plain(style)) if wrong(name, value)] == []


def test_scripts_name_no_colour() -> None:
    """A script gives a class; the colour is the sheet's, so that it follows light and dark."""
    scripts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "static" / "js").glob("*.js")}
    assert [
        name for name, text in scripts.items() if re.search(r"[\"']#[0-9a-fA-F]{3,8}[\"']|rgba?\(", text)
    ] == []


def test_every_token_is_used_and_every_used_one_is_a_token() -> None:
    """A name that nobody reads is gone; a misspelt one would be an unstyled page that no test sees."""
    tokens = plain(CSS / "tokens.css")
    defined = set(re.findall(r"(--[\w-]+)\s*:", tokens))
    used = set(re.findall(r"var\((--[\w-]+)", tokens + "".join(plain(path) for path in STYLES)))
    assert used == defined


def test_both_writings_of_the_dark_theme_are_the_same() -> None:
    """By the device and by choice: two selectors that old browsers need apart, one set of values."""
    tokens = plain(CSS / "tokens.css")
    by_device = re.search(r'not\(\[data-theme="light"\]\) \{([^}]*)\}', tokens)
    by_choice = re.search(r':root\[data-theme="dark"\] \{([^}]*)\}', tokens)
    assert by_device
    assert by_choice
    assert by_device[1].split() == by_choice[1].split()


def test_the_rule_sees_a_raw_value() -> None:
    for line in (
        "color: #fff",
        "border: 1px solid rgba(0, 0, 0, .2)",
        "font-size: 13px",
        "font: 600 1.2rem/1.4 var(--sans)",
        "font-size: 1rem",
        "border-radius: 6px 0",
        "box-shadow: 0 1px 4px red",
        "z-index: 7",
        "transition: opacity .2s",
        "margin: 0 10px",
        "--tap: 40px",
    ):
        name, _, value = line.partition(": ")
        assert wrong(name, value), line
    for line in (
        "padding: 2px 12px",
        "border-radius: var(--radius) 0",
        "font: 400 var(--text)/1.6 var(--sans)",
    ):
        name, _, value = line.partition(": ")
        assert not wrong(name, value), line


TEMPLATES = ROOT / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
#: Sheets are bundles of components and of layouts, cut by who loads them; a feature has none of its own.
SHEETS: Final = frozenset({
    "tokens.css", "base.css", "forms.css", "parts.css", "office.css", "merchant.css", "print.css",
    "shopfront.css", "directory.css", "atlas.css", "atlas-plain.css", "offline.css",
})  # fmt: skip
#: A page's own frame that no other page could have: the map with its list. docs/design-system.md says why.
FRAMES: Final = frozenset({"atlas"})
#: Written by a library, not by us.
FOREIGN: Final = re.compile(r"leaflet-")
CLASSES: Final = re.compile(
    r"""\bclass(?:Name)?\s*=\s*\\?["']((?:\{\{.*?\}\}|\{%.*?%\}|[^"'{]|\{(?![{%]))*)""", re.DOTALL
)
WORD: Final = re.compile(r"(?<![\w-])[a-z][\w-]*")


def block(name: str) -> str:
    """The component that a class is a part of: `card` for `card__title` and `card--gone`."""
    return re.split(r"__|--", name)[0]


def classes(text: str, *, chosen: bool = True) -> set[str]:
    """The classes that a template writes; with those that it chooses between, by expressions, unless told otherwise."""
    found: set[str] = set()
    for value in CLASSES.findall(text):
        if chosen:
            for code in re.findall(r"\{[{%](.*?)[}%]\}", value, re.DOTALL):
                found.update(WORD.findall(" ".join(re.findall(r"""["']([\w\- ]*)["']""", code))))
        found.update(
            WORD.findall(re.sub(r"\{\{.*?\}\}", "\0", re.sub(r"\{%.*?%\}", " ", value, flags=re.DOTALL)))
        )
    return {name for name in found if not name.endswith("-")}


def defined() -> dict[str, set[str]]:
    """Every class of the sheets with the sheets that speak of it."""
    found: dict[str, set[str]] = {}
    for path in [*STYLES, CSS / "tokens.css"]:
        for selectors, _ in RULE.findall(re.sub(r"@media[^{]*\{", "", plain(path))):
            for name in re.findall(r"\.([a-z][\w-]*)", selectors):
                found.setdefault(name, set()).add(path.name)
    return found


def drawn_by(*, chosen: bool = True) -> dict[str, set[str]]:
    """Every block with the templates that write it, layouts and components among them."""
    found: dict[str, set[str]] = {}
    for path in TEMPLATES.rglob("*.html"):
        for name in classes(path.read_text(encoding="utf-8"), chosen=chosen):
            found.setdefault(block(name), set()).add(str(path.relative_to(TEMPLATES)))
    return found


def helpers() -> set[str]:
    """The layout helpers that the style page lists."""
    text = (TEMPLATES / "styleguide" / "_helpers.html").read_text(encoding="utf-8")
    return {
        block(name)
        for names in re.findall(r'^  \("([^"]+)"', text, re.MULTILINE)
        for name in names.split(", ")
    }


def test_a_feature_has_no_sheet_of_its_own() -> None:
    assert {path.name for path in CSS.glob("*.css")} == SHEETS


def test_every_class_is_of_a_component_a_layout_or_a_helper() -> None:
    """What a sheet draws is a component's, a layout's, or a helper that the style page names: no page has its own."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "static" / "js").glob("*.js"))
    written = drawn_by()
    own = helpers()
    strays = set()
    for name in defined():
        root = block(name.replace("seal-", "seal--", 1))
        where = written.get(root, set())
        shared = any(page.startswith(("components/", "layouts/", "errors/")) for page in where)
        by_script = any(re.search(rf"(?<![\w-]){one}(?![\w-])", scripts) for one in (name, root))
        if not (shared or root in own | FRAMES or FOREIGN.match(name) or by_script):
            strays.add(name)
    assert strays == set()


def test_every_class_that_is_written_is_defined() -> None:
    blocks = {block(name) for name in defined()}
    unknown = {
        name: sorted(pages)[:2]
        for name, pages in drawn_by(chosen=False).items()
        if name not in blocks and name != "seal-mark"
    }
    assert unknown == {}


def test_every_class_that_is_defined_is_written() -> None:
    """Rules that nothing uses are gone: by name in a template, a script, or a view that picks one."""
    folders = ((TEMPLATES, "*.html"), (ROOT / "static" / "js", "*.js"), (ROOT / "webapp", "*.py"))
    text = "".join(p.read_text(encoding="utf-8") for folder, kind in folders for p in folder.rglob(kind))
    names = set(re.findall(r"[\w-]+", text))
    begun = {name for name in names if name.endswith("-")}
    unused = [
        name
        for name in defined()
        if name not in names
        and not FOREIGN.match(name)
        and not any(name.startswith(start) for start in begun if len(start) > 3)
    ]
    assert unused == []


#: What a component draws, as somebody might write it by hand: the macro has the states, the words and the keys right.
BY_HAND: Final = re.compile(
    r"<(?:table|dl|progress|select)\b|type=\"(?:file|date)\" (?!error|value|hint)"
    r"|class=\"(?:pager|tabs|badge|alert|due|empty|timeline|crumbs|stars|hearts|steps|figure|confirm|chip|pills"
    r"|checks|quote|receipt|casecard|diff|viewer|copy|media|thumbs|past|place|front|now|shopcard|hero|errors)[\" ]"
)


#: Buttons and cards stand everywhere; their classes are written by their macros alone, in layouts and samples too.
BUTTON_OR_CARD: Final = re.compile(r"<\w+\b[^>]*\sclass=\"(?:btn|card)(?=[\"{ ])[^>]*>")


def test_buttons_and_cards_are_drawn_by_their_macros() -> None:
    found = [
        f"{path.relative_to(TEMPLATES)}: {hit}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.parent.name != "components"
        for hit in BUTTON_OR_CARD.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        ('<a class="btn btn--quiet" href="/">x</a>', True),
        ('<li id="a" class="card{% if gone %} card--gone{% endif %}">', True),
        ('<section class="card">', True),
        ('<h2 class="card__title">', False),
        ('{{ button("x") }}{% call card("x", cls="stack") %}{% endcall %}', False),
    ],
)
def test_the_rule_sees_a_button_or_card_written_by_hand(text: str, *, by_hand: bool) -> None:
    assert bool(BUTTON_OR_CARD.search(text)) is by_hand


def test_no_page_draws_a_component_by_hand() -> None:
    found = [
        f"{path.relative_to(TEMPLATES)}: {hit}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.parent.name not in {"components", "layouts", "errors", "samples"}
        for hit in BY_HAND.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []
