"""The settings as a Markdown table, so that the README cannot say something else than the code.

``python -m webapp.ops.settings_table --write`` puts it between the README's markers.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from webapp.settings import DEVELOPMENT_SECRET, ROOT, Settings

BEGIN, END = "<!-- settings -->", "<!-- /settings -->"


def table() -> str:
    """One row a setting: variable, default, meaning."""
    rows = [
        f"| `{entry.metadata['variable']}` | {_shown(entry.default)} | {entry.metadata['doc']} |"
        for entry in fields(Settings)
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _shown(default: object) -> str:
    if default == (DEVELOPMENT_SECRET,):
        return "a development secret, refused in production"
    if isinstance(default, Path):
        return f"`{default.relative_to(ROOT)}/`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "" if default in {"", ()} else f"`{default}`"


def put_into(text: str) -> str:
    """`text` with the table between its markers; raises ValueError when a marker is missing."""
    head, found, rest = text.partition(BEGIN)
    _, closed, tail = rest.partition(END)
    if not found or not closed:
        raise ValueError("the settings markers are missing")
    return f"{head}{BEGIN}\n\n{table()}\n\n{END}{tail}"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    if "--write" in sys.argv:
        readme.write_text(put_into(readme.read_text("utf-8")), "utf-8")
    else:
        sys.stdout.write(table() + "\n")
