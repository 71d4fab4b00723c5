"""What a pointer or a key does to a component, shown without either: the sheets' own rules, under a name for the state.

`.btn:hover` becomes `[data-state="hover"] .btn`: made from the style sheets, so that it cannot say something else.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
STATES: Final = {":hover": "hover", ":focus-visible": "focus", ":focus": "focus"}


@lru_cache(maxsize=4)
def _made(paths: tuple[tuple[Path, float], ...]) -> str:
    rules = []
    for path, _changed in paths:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selectors, body in RULE.findall(text):
            for selector in selectors.split(","):
                rules += [f"{one} {{{body}}}" for one in forced(selector.strip())]
    return "\n".join(rules) + "\n"


def forced(selector: str) -> list[str]:
    """The selector under each state it speaks of; none when it speaks of none, or of a state's absence."""
    if ":not(:focus" in selector:
        return []
    for state, name in STATES.items():
        if state in selector:
            bare = selector.replace(state, "")
            return [f'[data-state="{name}"] {bare or ":is(a, button, input, select, textarea, summary)"}']
    return []


def sheet(folder: Path) -> str:
    """The style sheet of the states, from every sheet in the folder."""
    return _made(tuple((path, path.stat().st_mtime) for path in sorted(folder.glob("*.css"))))
