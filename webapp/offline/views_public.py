"""What a phone asks for to install the platform and to show something without a network.

Sources: W3C Web Application Manifest; Service Workers (scope, update on a changed byte).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
)
from flask.typing import ResponseReturnValue

from webapp.settings import Settings
from webapp.web import access
from webapp.web.filters import static_url
from webapp.web.languages import translate

bp = Blueprint("offline", __name__)

#: Every page's frame; what single pages need besides comes with them.
SHELL: Final = (
    "css/tokens.css", "css/base.css", "css/forms.css", "css/parts.css", "css/directory.css", "css/shopfront.css",
    "css/offline.css", "js/offline.js", "js/offline-page.js", "img/favicon.svg",
)  # fmt: skip
SIZES: Final = (192, 512)
#: Seconds. Its address has no hash.
ICON_KEPT: Final = 86_400
#: --trust and --paper of tokens.css: a manifest cannot read a style sheet.
THEME, GROUND = "#0b7a53", "#f7f6f2"


@bp.get("/manifest.webmanifest")
@access.public
def manifest() -> Response:
    """The web manifest: names in the reader's language, icons (also maskable), short ways to three pages."""
    settings: Settings = current_app.extensions["ydym.settings"]
    icons = [
        {
            "src": static_url(f"img/{name}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, purpose in (("icon", "any"), ("maskable", "maskable"))
        for size in SIZES
    ]
    icons.append(
        {"src": static_url("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    )
    shortcuts = [("查验码贴真假", "/verify"), ("找店", "/shops"), ("投诉查进度", "/complaints")]
    name = translate(settings.platform_name)
    response = jsonify(
        id="/",
        name=name,
        short_name=name,
        description=translate("扫一扫店里的放心消费诚信码，看证照、承诺、评价和投诉处理。"),
        start_url="/",
        scope="/",
        display="standalone",
        theme_color=THEME,
        background_color=GROUND,
        icons=icons,
        shortcuts=[{"name": translate(words), "url": address} for words, address in shortcuts],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@bp.get("/favicon.ico")
@access.public
def icon() -> Response:
    """The platform's mark for who asks for it unasked: old browsers, chats, bookmarks."""
    response = send_from_directory(current_app.static_folder or "", "img/favicon.ico", max_age=ICON_KEPT)
    response.mimetype = "image/x-icon"
    return response


@bp.get("/worker.js")
@access.public
def worker() -> Response:
    """The service worker of the public pages, with the shell's addresses before it: whatever of them changes, changes
    this file, so that a browser takes the new worker and drops the old shell.
    """
    path = Path(current_app.static_folder or "") / "js" / "worker.js"
    files = [static_url(name) for name in SHELL]
    body = path.read_text(encoding="utf-8")
    version = hashlib.sha256("\n".join([*files, body]).encode()).hexdigest()[:16]
    shell: dict[str, Any] = {"version": version, "page": "/offline", "files": files}
    response = make_response(f"self.SHELL = {json.dumps(shell)};\n{body}")
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/offline")
@access.public
def page() -> ResponseReturnValue:
    """What one can do without a network. The worker keeps it, and takes the words of its marks from it."""
    return render_template("offline/public_page.html")
