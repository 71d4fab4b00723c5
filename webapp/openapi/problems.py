"""Refusals of the API as problem+json (RFC 9457), in plain Chinese."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, make_response

from webapp.core.transaction import rollback
from webapp.web.words import label

from .places import link


class Problem(Exception):
    """`code` names the words (``api.problem.<code>`` and ``….detail``); `errors` are the single faults."""

    def __init__(self, status: int, code: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.errors = status, code, errors


def answer(problem: Problem) -> Response:
    """The refusal. Its `type` leads to the explanation on the documentation page."""
    rollback()
    body: dict[str, Any] = {
        "type": link(f"/api/docs#problem-{problem.code}"),
        "title": label(f"api.problem.{problem.code}"),
        "status": problem.status,
        "detail": label(f"api.problem.{problem.code}.detail"),
        "code": problem.code,
    }
    if problem.errors:
        body["errors"] = problem.errors
    response = make_response(jsonify(body), problem.status)
    response.content_type = "application/problem+json"
    return response


def register(app: Flask) -> None:
    """Install the handler."""
    app.register_error_handler(Problem, answer)
