"""Names of files to download."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response


def attach(response: Response, plain: str, name: str) -> None:
    """Let a browser save the answer as `name`; `plain` is ASCII, for programs that do not know RFC 6266's other one."""
    names = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)
