"""What every template keeps to: a page has a title and a layout, and nothing that the policy of the pages refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import sources

TEMPLATES = sources.ROOT / "templates"
#: Folders that hold no pages.
NOT_PAGES = {"layouts", "components"}
#: Pages that may stand without a layout, each with its reason.
ALONE = {
    "errors/503.html": "shown when the database is down: it may need no session, no menu, nothing but itself"
}
#: Templates that may print markup unescaped, each with its reason.
PRINTS_MARKUP = {
    "components/seal.html": "prints the drawings of _seal_drawings.html, which nobody's input reaches"
}
EXTENDS = re.compile(r"{%-?\s*extends\s+[\"']([^\"']+)[\"']")
TITLE = re.compile(r"{%-?\s*block\s+title\b")


def templates() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".svg", ".xml"})


def is_page(path: Path) -> bool:
    """A page is a template that is rendered by itself: parts begin with an underscore."""
    relative = path.relative_to(TEMPLATES)
    alone = relative.parts[0] not in NOT_PAGES and "samples" not in relative.parts
    return alone and not path.name.startswith("_") and path.suffix == ".html"


def pages() -> list[str]:
    return [path.relative_to(TEMPLATES).as_posix() for path in templates() if is_page(path)]


def chain(name: str) -> list[str]:
    """The page and what it extends, up to the layout."""
    found = [name]
    while match := EXTENDS.search((TEMPLATES / found[-1]).read_text(encoding="utf-8")):
        found.append(match.group(1))
    return found


def test_every_page_extends_a_layout_and_has_a_title() -> None:
    for name in pages():
        parents = chain(name)
        if name in ALONE:
            assert parents == [name], f"{name} has a layout: it needs no exception"
            assert "<title>" in (TEMPLATES / name).read_text(encoding="utf-8")
            continue
        assert parents[-1].startswith("layouts/"), f"{name} extends no layout: {parents}"
        own = [part for part in parents if not part.startswith("layouts/")]
        assert any(TITLE.search((TEMPLATES / part).read_text(encoding="utf-8")) for part in own), (
            f"{name} has no title"
        )


def test_no_template_has_inline_styles_scripts_or_handlers() -> None:
    found = [
        f"{sources.name_of(path)}:{part.line}: {part.what}"
        for path in templates()
        for part in sources.inline_parts(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_template_switches_escaping_off() -> None:
    """`|safe` and `autoescape false` are how a page gets somebody else's script."""
    risky = re.compile(r"\|\s*safe\b|autoescape\s+false")
    found = [
        f"{sources.name_of(path)}:{number}"
        for path in templates()
        if path.relative_to(TEMPLATES).as_posix() not in PRINTS_MARKUP
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if risky.search(line)
    ]
    assert found == []


def test_no_template_names_an_outside_address() -> None:
    """Nothing is loaded from elsewhere; links that a person may follow are no loads."""
    load = re.compile(
        r"<(?:script|img|link|iframe|source|video|audio)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//",
        re.IGNORECASE,
    )
    found = [sources.name_of(path) for path in templates() if load.search(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<p>\n<style>p{}</style>", "<style>"),
        ("<p style='color:red'>", "attribute style of <p>"),
        ("<script>1</script>", "<script> without src"),
        ('<a href="{{ url }}" onclick="go()">', "attribute onclick of <a>"),
        ("<a href='javascript:go()'>", "javascript: in href of <a>"),
        ("<b{% if x %} style='a'{% endif %}>", "attribute style of <b>"),
    ],
)
def test_the_finder_finds(text: str, what: str) -> None:
    assert [part.what for part in sources.inline_parts(text)] == [what]


def test_the_finder_lets_good_templates_pass() -> None:
    good = "{# <style> #}<script src='a.js'></script><script type='application/json'>{}</script><p class='on'>{{ x }}"
    assert list(sources.inline_parts(good)) == []


IMPORTED = re.compile(
    r"\{%-? *from \"(?!components/_)[^\"]+\" import ([^%]*?)(?: with(?:out)? context)? *-?%\}"
)
CODE = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
#: Filters, blocks and keyword arguments of the same name are something else.
READ = r"(?<![\w.|])(?<!block ){name}(?![\w(])(?!\s*=[^=])"


def test_an_imported_macro_hides_no_variable() -> None:
    """`receipt` the macro where `receipt` the number was meant: the page is drawn, and every address in it is wrong."""
    hidden = []
    for path in templates():
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        names = {
            one.split(" as ")[-1].strip()
            for found in IMPORTED.findall(text)
            for one in found.strip(" -").split(",")
        }
        names -= set(
            re.findall(r"\w+", " ".join(re.findall(r"macro \w+\((.*?)\)", text)))
        )  # its own parameters
        for first, second in CODE.findall(text):
            code = re.sub(r"\"[^\"]*\"|'[^']*'", '""', first or second)
            if re.match(r"-?\s*(?:from|import|macro)\b", code):
                continue
            hidden += [
                f"{path.relative_to(TEMPLATES)}: {name} in {code.strip()[:80]}"
                for name in names
                if re.search(READ.format(name=re.escape(name)), code)
            ]
    assert hidden == []
