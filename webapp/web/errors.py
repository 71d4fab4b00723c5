"""Errors become pages in plain Chinese, or problem+json (RFC 9457) for programs."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from webapp.core.errors import DomainError
from webapp.core.transaction import rollback

from .words import label

PAGES = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 500, 503})


def wants_json() -> bool:
    """True when the caller asks for JSON before HTML."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return _for_programs(request.path) or best == "application/json"


def _for_programs(path: str) -> bool:
    """Addresses that only programs read: they get problems, whatever they say they accept."""
    file_of_a_set = path.startswith("/open-data/") and "." in path
    return (path.startswith("/api/") and path != "/api/docs") or path == "/openapi.json" or file_of_a_set


def message_of(error: DomainError) -> str:
    """The Chinese sentence for a domain error."""
    return label(f"error.{error.code}", **error.details)


def answer(status: int, message: str = "", **details: Any) -> Response:
    """An error page (or problem+json) with `status`."""
    if wants_json():
        told = {name: value for name, value in details.items() if value is not None}
        problem = {"type": "about:blank", "status": status, "title": message or str(status), **told}
        response = make_response(jsonify(problem), status)
        response.content_type = "application/problem+json"
        return response
    page = status if status in PAGES else (500 if status >= 500 else 400)
    return make_response(
        render_template(f"errors/{page}.html", message=message, status=status, **details), status
    )


def domain_error(error: DomainError) -> Response:
    """What a rule refused: its sentence, with the time to wait where there is one."""
    rollback()
    wait = error.details.get("retry_after")
    response = answer(error.status, message_of(error), code=error.code, retry_after=wait)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def csrf_error(_error: CSRFError) -> Response:
    """The form's token is gone or belongs to another browser."""
    return answer(400, label("error.form_expired"))


def http_error(error: HTTPException) -> Response:
    """What the router, the parser or a limit refused; headers that the client needs are kept."""
    rollback()
    if error.response is not None:
        return make_response(error.response)
    response = answer(error.code or 500, error.name if wants_json() else "")
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            response.headers[name] = value
    return response


def overtaken(error: IntegrityError | StaleDataError) -> Response:
    """The database refused what somebody else had done first, already before the commit."""
    rollback()
    code = "changed_meanwhile" if isinstance(error, StaleDataError) else "already_done"
    current_app.logger.warning("overtaken", extra={"kind": type(error).__name__})
    return answer(409, label(f"error.{code}"), code=code)


def database_down(error: OperationalError | InterfaceError | PoolTimeout) -> Response:
    """The database is away or overloaded: a page that needs none."""
    rollback()
    current_app.logger.error("database unavailable", extra={"kind": type(error).__name__})
    return answer(503)


def data_refused(_error: DataError) -> Response:
    """PostgreSQL cannot hold what was sent (a NUL in a text, a number beyond its column): the sender's fault."""
    rollback()
    return answer(400)


def unexpected(error: Exception) -> Response:
    """A defect. Tests see it raised, people a calm page, the log all of it."""
    rollback()
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    current_app.logger.error("unexpected error", exc_info=error)
    return answer(500)


def register(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(HTTPException, http_error)
    for refused in (IntegrityError, StaleDataError):
        app.register_error_handler(refused, overtaken)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, database_down)
    app.register_error_handler(DataError, data_refused)
    app.register_error_handler(Exception, unexpected)
