"""The help that ? shows names every key that does something at the desk, and no other."""

from __future__ import annotations

import re

from webapp.settings import ROOT

HELP = (ROOT / "templates" / "layouts" / "office.html").read_text("utf-8")
SCRIPT = (ROOT / "static" / "js" / "office-keys.js").read_text("utf-8")
#: How a template gives something a key: as an attribute, as a macro's argument, or by a table of actions.
GIVEN = (
    r'"data-key": "([a-z])"',
    r'\bkey="([a-z])"',
    r'\bkey="[a-z]" if [^)]*? else "([a-z])"',
    r'"\w+": "([a-z])"[,}]',
)


def test_the_help_names_every_key() -> None:
    shown = set(re.findall(r"<kbd>(.+?)</kbd>", HELP))
    given = {
        key
        for path in (ROOT / "templates").rglob("office_*.html")
        for pattern in GIVEN
        for key in re.findall(pattern, path.read_text("utf-8"))
    }
    own = set(re.findall(r'event\.key === "(.+?)"', SCRIPT)) - {"？"}
    assert {"n", "a", "r"} <= given
    assert {"j", "k", "o", "?", "Escape"} <= own
    assert shown == given | own - {"Escape"} | {"Esc"}
