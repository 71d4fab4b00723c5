"""Addresses that belong to the frame: the switch of view and language, robots; and the static files' access rule."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter, Map

from . import access, languages, negotiation, packed, slots

MODES = frozenset({"standard", "elder"})
#: What no person reads, and the switch itself.
_NO_PAGES = ("/api/", "/static/", "/media/", "/.well-known/", "/view")
THEMES = frozenset({"auto", "light", "dark"})
LANGUAGES = frozenset(languages.CHOICES)


class KeyConverter(IntegerConverter):
    """``<int:…>`` in addresses: no more than a database key can hold; a longer number is no such page."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        options.setdefault("max", 2**63 - 1)
        super().__init__(url_map, *args, **options)


@access.public
def switch() -> ResponseReturnValue:
    """Remember 长辈版, the theme or the language in a cookie and go back to the page (a path of this site only)."""
    response = make_response(redirect(_own_path(request.args.get("next", "/"))))
    for name, asked, known in (
        ("ydym_view", "view", MODES),
        ("ydym_theme", "theme", THEMES),
        ("ydym_lang", "lang", LANGUAGES),
    ):
        value = request.args.get(asked, "")
        if value in known:
            _remember(response, name, value)
    if (code := request.args.get("lang", "")) in LANGUAGES:
        slots.collect(current_app, "language.chosen", language=languages.of_code(code))
    return response


def keep_asked_language() -> ResponseReturnValue | None:
    """An address with ``lang=en`` was passed on: remember the language and go to the page itself."""
    asked = negotiation.asked_language(request.environ)
    if not asked or request.method not in ("GET", "HEAD") or request.path.startswith(_NO_PAGES):
        return None
    rest = "&".join(
        part for part in request.query_string.decode("latin-1").split("&") if part != f"lang={asked}"
    )
    response = make_response(redirect(_own_path(request.path) + (f"?{rest}" if rest else "")))
    _remember(response, "ydym_lang", asked)
    return response


def _remember(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=365 * 86400, samesite="Lax", httponly=True)


def _own_path(asked: str) -> str:
    """`asked` when it is a path of this site, else the front page.

    Browsers, and urllib before them, drop tabs and line ends from addresses: ``/<tab>/elsewhere`` would lead away.
    """
    fine = asked.startswith("/") and "//" not in asked.partition("?")[0] and "\\" not in asked
    return asked if fine and asked.isprintable() else "/"


@access.public
def robots() -> Response:
    """Public pages may be indexed; scans, receipts and the signed-in sides not."""
    lines = [
        "User-agent: *",
        "Disallow: /c/",
        "Disallow: /complaints/",
        "Disallow: /letters/",
        "Disallow: /merchant/",
        "Disallow: /office/",
    ]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def page_mode() -> dict[str, object]:
    """Template variables: is this 长辈版, and which theme."""
    theme = request.cookies.get("ydym_theme", "auto")
    return {
        "elder": request.cookies.get("ydym_view") == "elder",
        "theme": theme if theme in THEMES else "auto",
    }


def register(app: Flask) -> None:
    """Add the addresses."""
    app.url_map.converters["int"] = KeyConverter
    app.add_url_rule("/view", "switch", switch)
    app.add_url_rule("/robots.txt", "robots", robots)
    app.context_processor(page_mode)
    app.before_request(keep_asked_language)
    app.view_functions["static"] = access.public(_plain(app))


def _plain(app: Flask):  # type: ignore[no-untyped-def]
    def send(filename: str) -> Response:
        return packed.send(app, filename)

    return send
