"""What a request for a public page asks for, read from the WSGI environment alone (pure)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

Environ = dict[str, Any]
#: A page's address and how its visitor sees public pages (see :func:`view_of`).
Key = tuple[str, str]

HTML: Final = "text/html"
JSON: Final = "application/json"
LINKS: Final = "application/linkset+json"
#: "bot" as the end of a word, as in Googlebot; not inside one, as in the phone maker Cubot's "CUBOT NOTE 20".
_ROBOT = re.compile(r"(?<!cu)bot(?![a-z])|spider|crawl|slurp|bingpreview", re.IGNORECASE)
_ASKED = re.compile(r"(?:^|&)lang=(hans|hant|en)(?:&|$)")
#: Where pages that may be kept live, and the front page.
PREFIXES: Final = ("/c/", "/s/")
FRONT: Final = "/"


def key_of(environ: Environ) -> Key | None:
    """(path, view) for a request that may be answered from memory, else None. The query string is not looked at."""
    path: str = environ["PATH_INFO"]
    if not (path.startswith(PREFIXES) or path == FRONT) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    if best_form(environ.get("HTTP_ACCEPT", "")) != HTML or asked_language(environ):
        return None
    return path, view_of(environ)


def asked_language(environ: Environ) -> str:
    """The language that an address asks for (``?lang=en``), as it was passed on; "" for none."""
    query = environ.get("QUERY_STRING", "")
    found = _ASKED.search(query) if "lang=" in query else None
    return found[1] if found else ""


@lru_cache(maxsize=256)
def best_form(accept: str) -> str:
    """HTML, JSON or LINKS: what an Accept header likes best of the three (RFC 9110, 12.5.1); HTML when it says nothing.

    The pages' views and the pages' keeper ask the same question here, so that neither answers for the other.
    """
    wanted = parse_accept_header(accept, MIMEAccept)
    return wanted.best_match((HTML, JSON, LINKS), default=HTML)


def view_of(environ: Environ) -> str:
    """How this visitor sees public pages, out of the view cookies: "", "elder", "dark", "elder.light", "dark.en", ….

    Who has chosen no language gets what the browser asks for: Accept-Language.

    Views of kept pages must use this and not the cookies themselves: the two readings could differ, and then one
    visitor's oddly written cookie would decide how everybody sees the page.
    """
    cookie = environ.get("HTTP_COOKIE", "")
    accepted = environ.get("HTTP_ACCEPT_LANGUAGE", "")
    if "ydym_" not in cookie:
        return accepted_language(accepted) if accepted else ""
    parts = {part.strip() for part in cookie.split(";")}
    view = ["elder"] if "ydym_view=elder" in parts else []
    view += [theme for theme in ("light", "dark") if f"ydym_theme={theme}" in parts][:1]
    chosen = [language for language in ("hans", "hant", "en") if f"ydym_lang={language}" in parts][:1]
    language = chosen[0] if chosen else accepted_language(accepted)
    view += [language] if language in ("hant", "en") else []
    return ".".join(view)


@lru_cache(maxsize=1024)
def accepted_language(header: str) -> str:
    """What an Accept-Language `header` likes best of the languages of the pages: "hant", "en", or "" for simplified."""
    for tag, _quality in parse_accept_header(header, LanguageAccept):
        parts = tag.lower().replace("_", "-").split("-")
        if parts[0] == "zh":
            return "hant" if {"hant", "tw", "hk", "mo"} & set(parts) and "hans" not in parts else ""
        if parts[0] == "en":
            return "en"
    return ""


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    """Does an Accept-Encoding `header` let us send gzip (RFC 9110, 12.5.3)? `*` counts, ``q=0`` refuses."""
    quality: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, rest = part.strip().partition(";")
        match = re.fullmatch(r"\s*q=([01](?:\.[0-9]{0,3})?)\s*", rest)
        quality[name.strip()] = float(match[1]) if match else 1.0
    return quality.get("gzip", quality.get("*", 0.0)) > 0


def is_visit(environ: Environ) -> bool:
    """False for a page fetched in advance by a browser, and for robots that say so: nobody looks at what they get."""
    if "HTTP_SEC_PURPOSE" in environ or "HTTP_PURPOSE" in environ or "HTTP_X_MOZ" in environ:
        return False
    return not is_robot(environ.get("HTTP_USER_AGENT", ""))


@lru_cache(maxsize=1024)
def is_robot(agent: str) -> bool:
    """Does a User-Agent call itself a robot? Honest ones do, and only those can be left out of a count."""
    return _ROBOT.search(agent) is not None


def unchanged(wanted: str, etag: str) -> bool:
    """If-None-Match by weak comparison (RFC 9110, 13.1.2): a list, or ``*``."""
    bare = etag.removeprefix("W/")
    return wanted.strip() == "*" or bare in {part.strip().removeprefix("W/") for part in wanted.split(",")}
