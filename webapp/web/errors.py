"""Errors become pages in plain Chinese, or problem+json (RFC 9457) for programs."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from webapp.core.errors import DomainError
from webapp.core.transaction import rollback

from .words import label

PAGES = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 500, 503})


def wants_json() -> bool:
    """True when the caller asks for JSON before HTML."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.path.startswith("/api/") or best == "application/json"


def message_of(error: DomainError) -> str:
    """The Chinese sentence for a domain error."""
    return label(f"error.{error.code}", **error.details)


def answer(status: int, message: str = "", **details: Any) -> Response:
    """An error page (or problem+json) with `status`."""
    if wants_json():
        problem = {"type": "about:blank", "status": status, "title": message or str(status), **details}
        response = make_response(jsonify(problem), status)
        response.content_type = "application/problem+json"
        return response
    page = status if status in PAGES else (500 if status >= 500 else 400)
    return make_response(render_template(f"errors/{page}.html", message=message, status=status), status)


def register(app: Flask) -> None:
    """Install the handlers."""

    @app.errorhandler(DomainError)
    def domain_error(error: DomainError) -> Response:
        rollback()
        response = answer(error.status, message_of(error), code=error.code)
        if "retry_after" in error.details:
            response.headers["Retry-After"] = str(error.details["retry_after"])
        return response

    @app.errorhandler(CSRFError)
    def csrf_error(_error: CSRFError) -> Response:
        return answer(400, label("error.form_expired"))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        rollback()
        if error.response is not None:
            return make_response(error.response)
        response = answer(error.code or 500)
        for name, value in error.get_headers():
            if name.lower() in {"allow", "retry-after", "www-authenticate"}:
                response.headers[name] = value
        return response

    @app.errorhandler(OperationalError)
    def database_down(error: OperationalError) -> Response:
        rollback()
        app.logger.error("database unavailable", extra={"kind": type(error.orig).__name__})
        return answer(503)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        rollback()
        if app.config["PROPAGATE_EXCEPTIONS"]:
            raise error
        app.logger.exception("unexpected error")
        return answer(500)
