"""Rendering without the visitor: no session, no account, no flashes, only the view of the two view cookies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app

from webapp.web import languages

from . import presentation
from .composition import TrustPage
from .storage import PLAIN, SCANNED, Gaps


@dataclass(frozen=True)
class Here:
    """What the layout may know of the request: the page is the same for everybody."""

    path: str
    query_string: bytes = b""


def render(template: str, path: str, view: str, **context: Any) -> str:
    """A template of this feature as the visitors of `view` see it at `path`. Needs a request context for addresses."""
    return render_for(f"shopfront/{template}", path, view, **context)


def render_for(template: str, path: str, view: str, **context: Any) -> str:
    """The same for any feature's page that is kept for everybody."""
    modes = view.split(".")
    theme = next((mode for mode in modes if mode in {"light", "dark"}), "")
    page = current_app.jinja_env.get_template(template)
    return languages.finish(page.render(elder="elder" in modes, theme=theme, request=Here(path), **context))


def trust_page(page: TrustPage, kind: str, view: str, gaps: Gaps) -> str:
    """The trust page of `kind` (SCANNED or PLAIN), with gaps where the scanned sticker's own facts belong."""
    base = f"/s/{page.rows.shop.id}" if kind == PLAIN else f"/c/{gaps.token}"
    return render(
        "public_page.html",
        base,
        view,
        **presentation.context(page),
        base=base,
        scanned=kind == SCANNED,
        sticker_label=gaps.label,
        human_check=gaps.check,
    )
