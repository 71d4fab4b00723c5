"""Light, dark and large beside each other on one page: the tokens of the sheets under an element's attribute.

`:root[data-theme="dark"]` becomes `[data-shown="dark"]`, `:root.elder` becomes `[data-shown="elder"]`. Made from
tokens.css, so that a sample cannot show another colour or size than a page. A rem is a page's own size of text, which
an element cannot change; so each becomes the pixels that it is in its mode.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

#: What a browser that nobody has changed calls 100 %, in pixels.
PLAIN: Final = 16.0
#: mode → its name; in the order in which they stand beside each other.
MODES: Final = {"light": "浅色", "dark": "深色", "elder": "长辈版"}
BLOCK: Final = re.compile(r"^([:.][^{}]*?) \{([^{}]*)\}", re.MULTILINE)
REM: Final = re.compile(r"(?<![\w.])(\d*\.?\d+)rem\b")
BASE: Final = re.compile(r"--base:\s*([\d.]+)%")


def _pixels(body: str, size: float) -> str:
    return REM.sub(lambda found: f"{float(found[1]) * size:.4g}px", body)


def _only_sized(body: str) -> str:
    """The tokens that are written in rem: those that a larger page makes larger by itself."""
    return " ".join(f"{line.strip()};" for line in body.split(";") if REM.search(line))


@lru_cache(maxsize=4)
def _made(path: Path, _changed: float) -> str:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    blocks = {selector.strip(): body.strip() for selector, body in BLOCK.findall(text)}
    root, dark, elder = blocks[":root"], blocks[':root[data-theme="dark"]'], blocks[":root.elder"]
    bases = [BASE.search(body) for body in (root, elder)]
    usual, large = (PLAIN * float(found[1]) / 100 for found in bases if found)
    paint = "color: var(--ink); background: var(--paper); font: 400 var(--body)/1.6 var(--sans);"
    return "\n".join((
        f"[data-shown] {{ {_pixels(root, usual)} {paint} color-scheme: light; }}",
        f'[data-shown="dark"] {{ {dark} color-scheme: dark; }}',
        f'[data-shown="elder"] {{ {_pixels(_only_sized(root), large)} {_pixels(elder, large)} }}',
        f'[data-shown] [lang="en"] {{ {blocks[":root:lang(en)"]} font-family: var(--sans); }}',
        f"[data-shown].office {{ {blocks['.office']} }}",
        f'[data-shown="elder"].office {{ {_pixels(blocks[".elder .office"], large)} }}',
    ))  # fmt: skip


def sheet(folder: Path) -> str:
    """The style sheet of the modes, from the tokens in the folder."""
    path = folder / "tokens.css"
    return _made(path, path.stat().st_mtime) + "\n"
