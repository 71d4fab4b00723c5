"""Figures for Prometheus: of all workers together when the server sets PROMETHEUS_MULTIPROC_DIR, else of this one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY

from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core import clock
from webapp.core.db import db
from webapp.feed import queries as feed_queries
from webapp.holidays import queries as holidays
from webapp.notices import queries as notices
from webapp.notices.models import OutboxMessage

REQUESTS = Counter("ydym_requests", "Requests handled by the framework", ["route", "method", "status"])
SECONDS = Histogram("ydym_request_seconds", "Time in the framework", ["route"])
KEPT_PAGES = Gauge("ydym_kept_pages", "Pages kept in memory", multiprocess_mode="livesum")
KEPT_HITS = Gauge(
    "ydym_kept_page_hits", "Pages given from memory since the start", multiprocess_mode="livesum"
)
FEED_SEQ = Gauge("ydym_feed_seq_seen", "Newest change that the worker has seen", multiprocess_mode="livemin")


def observe(app: Flask) -> None:
    """Count every request by its route's pattern (never by its address)."""

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        REQUESTS.labels(route, request.method, response.status_code).inc()
        if "started" in g:
            SECONDS.labels(route).observe(time.perf_counter() - g.started)
        cache, tail = app.extensions["ydym.frontcache"], app.extensions["ydym.tail"]
        kept = cache.stats()
        KEPT_PAGES.set(kept["entries"])
        KEPT_HITS.set(kept["hits"])
        FEED_SEQ.set(max(tail.seq, 0))
        return response


def answer() -> Response:
    """The metrics page: the counters, and what the database says now."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    text = generate_latest(registry).decode() + "".join(f"{name} {value}\n" for name, value in _now())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _now() -> Iterable[tuple[str, int]]:
    """Figures read from the database at the time of asking."""
    now = clock.now()
    waiting = sa.select(sa.func.count(OutboxMessage.id)).where(OutboxMessage.sent_at.is_(None))
    overdue = sa.select(sa.func.count(Complaint.id)).where(
        Complaint.state == ComplaintState.SETTLING, Complaint.answer_due_at < now
    )
    yield "ydym_feed_head", feed_queries.head()
    yield "ydym_outbox_waiting", int(db.session.scalar(waiting) or 0)
    yield "ydym_sms_last_hour", notices.left_since(now - timedelta(hours=1), now)
    yield "ydym_sms_held_now", notices.held(now)
    yield "ydym_holidays_settled_days", holidays.settled_days(clock.day_of(now))
    yield "ydym_complaints_overdue", int(db.session.scalar(overdue) or 0)
