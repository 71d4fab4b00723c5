"""Structured logs, one JSON line an event, without personal data.

Only the route's pattern is logged, never the address as asked: addresses carry receipts and tokens.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import MutableMapping
from types import ModuleType
from typing import Any

from flask import Flask, Response, g, request

# structlog's console, which nothing here uses, takes rich and pygments where it finds them: 4 MB a worker. It does
# without when they are not there, so they are not there while it looks.
_rich: ModuleType | None = sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
import structlog  # noqa: E402 - see above

if _rich is None:
    del sys.modules["rich"]

from .requests import request_id  # noqa: E402 - see above

#: What a log line may say besides its event. Anything else is dropped, so that a name cannot slip in.
ALLOWED = frozenset(
    {"event", "level", "timestamp", "request", "method", "route", "status", "ms", "account", "kind", "key", "count",
     "logger", "exception", "shop", "run", "line", "reason", "worker", "seq", "file", "task", "endpoint"}
)  # fmt: skip


def only_allowed(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Drop every key that is not on the list."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def configure(level: int = logging.INFO) -> None:
    """Send structlog and the standard library's records through one JSON renderer on standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, only_allowed, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logger = logging.getLogger("webapp")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


def register(app: Flask) -> None:
    """One line per request handled (pages from memory are only counted)."""
    if not app.config["TESTING"]:
        configure()

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        if request.endpoint not in {"static", "ops.healthz", "ops.readyz", "ops.metrics"}:
            app.logger.info(
                "request",
                extra={
                    "method": request.method,
                    "route": request.url_rule.rule if request.url_rule else "",
                    "status": response.status_code,
                    "request": request_id(),
                    "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
                },
            )
        return response
