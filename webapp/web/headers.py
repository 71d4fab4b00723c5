"""Security headers on every answer: strict CSP without unsafe words, no framing, no sniffing, no referrer.

Sources: CSP Level 3, MDN Observatory's scoring, OWASP secure headers.
"""

from __future__ import annotations

from flask import Flask, Response, abort, request

from webapp.settings import Settings

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; media-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

COMMON = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}


def common(settings: Settings) -> dict[str, str]:
    """The headers that every answer carries, also those given from memory."""
    headers = dict(COMMON)
    if settings.public_scheme == "https":
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains; preload"
    return headers


def register(app: Flask) -> None:
    """Set the headers after every request; pages of the signed-in sides are never stored."""
    fixed = common(app.extensions["ydym.settings"])

    @app.before_request
    def refuse_chunked() -> None:
        # The server decodes a chunked body even beside a Content-Length, which a proxy in front may read otherwise
        # (request smuggling, RFC 9112 §6.3). Browsers send no chunked forms, so none is taken.
        if request.headers.get("Transfer-Encoding"):
            abort(411)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/static/"):
            if request.args.get("v"):
                response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
